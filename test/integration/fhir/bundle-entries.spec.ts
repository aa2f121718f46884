import type { Response as InjectResponse } from 'light-my-request';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

interface Entry {
  fullUrl?: string;
  resource?: unknown;
  request: Record<string, string>;
}

const identified = (type: string, value: string, more: object = {}): object => ({
  resourceType: type,
  identifier: [{ system: 'urn:e', value }],
  ...more,
});
const observation = (more: object): object => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'c' },
  ...more,
});
const binary = (content: unknown, contentType = 'application/json-patch+json'): object => ({
  resourceType: 'Binary',
  contentType,
  data: Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)).toString('base64'),
});

describe.each(databases)('entries of Bundles on $name', (database) => {
  let fhir: FhirApplication;

  beforeAll(async () => {
    fhir = await fhirApplication(database);
  });
  afterAll(() => fhir.app.close());
  afterEach(() => fhir.access.denied.clear());

  const send = (
    type: 'batch' | 'transaction',
    entry: Entry[],
    headers: Record<string, string> = {},
  ): Promise<InjectResponse> =>
    fhir.app.inject({
      method: 'POST',
      url: '/fhir/r4',
      headers: { 'content-type': 'application/fhir+json', ...headers },
      payload: JSON.stringify({ resourceType: 'Bundle', type, entry }),
    });
  const read = async (path: string) =>
    (await fhir.app.inject({ method: 'GET', url: `/fhir/r4/${path}` })).json();
  const total = async (query: string): Promise<number> =>
    (await read(`${query}&_total=accurate&_count=0`)).total;
  const create = async (resource: object): Promise<string> => {
    const answer = await send('transaction', [
      { resource, request: { method: 'POST', url: (resource as { resourceType: string }).resourceType } },
    ]);
    expect(answer.statusCode).toBe(200);
    return place(answer, 0);
  };
  const place = (answer: InjectResponse, index: number): string =>
    answer.json().entry[index].response.location.slice(`${fhir.base}/`.length).split('/_history')[0];
  const statuses = (answer: InjectResponse): string[] =>
    answer.json().entry.map((one: { response: { status: string } }) => one.response.status);
  const failure = (answer: InjectResponse): unknown[] => {
    const [issue] = answer.json().issue;
    return [answer.statusCode, issue.expression];
  };

  describe.each(['batch', 'transaction'] as const)('a %s', (type) => {
    it('patches by a Binary with a JSON Patch and by Parameters, by id and by criteria', async () => {
      const [one, two] = [
        await create(identified('Patient', `${type}-p1`)),
        await create(identified('Patient', `${type}-p2`)),
      ];
      const parameters = {
        resourceType: 'Parameters',
        parameter: [
          {
            name: 'operation',
            part: [
              { name: 'type', valueCode: 'add' },
              { name: 'path', valueString: 'Patient' },
              { name: 'name', valueString: 'gender' },
              { name: 'value', valueCode: 'female' },
            ],
          },
        ],
      };
      const answer = await send(
        type,
        [
          {
            resource: binary([{ op: 'add', path: '/active', value: true }]),
            request: { method: 'PATCH', url: one, ifMatch: 'W/"1"' },
          },
          {
            resource: parameters,
            request: { method: 'PATCH', url: `Patient?identifier=urn:e|${type}-p2` },
          },
        ],
        { prefer: 'return=representation' },
      );
      expect(statuses(answer)).toEqual(['200 OK', '200 OK']);
      expect(answer.json().entry[0]).toMatchObject({
        fullUrl: `${fhir.base}/${one}`,
        resource: { active: true },
        response: { etag: 'W/"2"', location: `${fhir.base}/${one}/_history/2` },
      });
      expect((await read(two)).gender).toBe('female');
    });

    it('updates and deletes by criteria', async () => {
      const kept = await create(identified('Patient', `${type}-u1`));
      const dropped = await create(identified('Patient', `${type}-u2`));
      const answer = await send(type, [
        {
          resource: identified('Patient', `${type}-u1`, { active: true }),
          request: { method: 'PUT', url: `Patient?identifier=urn:e|${type}-u1`, ifMatch: 'W/"1"' },
        },
        {
          resource: identified('Patient', `${type}-u3`),
          request: { method: 'PUT', url: `Patient?identifier=urn:e|${type}-u3`, ifNoneMatch: '*' },
        },
        { request: { method: 'DELETE', url: `Patient?identifier=urn:e|${type}-u2`, ifMatch: 'W/"1"' } },
        { request: { method: 'DELETE', url: `Patient?identifier=urn:e|${type}-nobody` } },
      ]);
      expect(statuses(answer)).toEqual(['200 OK', '201 Created', '204 No Content', '204 No Content']);
      expect((await read(kept)).active).toBe(true);
      expect((await read(dropped)).issue[0].code).toBe('deleted');
      expect(await total(`Patient?identifier=urn:e|${type}-u3`)).toBe(1);
    });

    it('searches by POST, with a form in a Binary, and answers HEAD without a body', async () => {
      const patient = await create(identified('Patient', `${type}-s1`));
      const form = `identifier=urn:e|${type}-s1&access_token=secret`;
      const answer = await send(type, [
        { request: { method: 'POST', url: `Patient/_search?identifier=urn:e|${type}-s1` } },
        {
          resource: binary(form, 'application/x-www-form-urlencoded'),
          request: { method: 'POST', url: 'Patient/_search' },
        },
        { request: { method: 'HEAD', url: patient } },
        { request: { method: 'GET', url: patient, ifNoneMatch: 'W/"1"' } },
        { request: { method: 'GET', url: `${patient}/_history/1`, ifNoneMatch: 'W/"1"' } },
      ]);
      const { entry } = answer.json();
      expect(entry[0].resource.entry).toHaveLength(1);
      expect(entry[1].resource.entry).toHaveLength(1);
      expect([entry[2].resource, entry[2].response.etag]).toEqual([undefined, 'W/"1"']);
      expect(statuses(answer).slice(2)).toEqual(['200 OK', '304 Not Modified', '304 Not Modified']);
      expect(answer.body).not.toContain('secret');
    });

    it('asks for the right to search where it searches', async () => {
      const entry: Entry[] = [
        {
          resource: identified('Device', 'x'),
          request: { method: 'PUT', url: 'Device?identifier=urn:e|right' },
        },
      ];
      await send(type, entry);
      expect(fhir.access.asked).toContainEqual(
        expect.objectContaining({
          interaction: 'update',
          resourceType: 'Device',
          conditional: true,
        }),
      );
      fhir.access.denied.add('patch Device');
      const patch = { resource: binary([]), request: { method: 'PATCH', url: 'Device/1' } };
      const answer = await send(type, [patch]);
      expect(type === 'batch' ? statuses(answer)[0] : answer.statusCode).toEqual(
        type === 'batch' ? '403 Forbidden' : 403,
      );
    });
  });

  it.each([
    ['a patch without a resource', {}, 400],
    ['a patch that is a Patient', { resource: { resourceType: 'Patient' } }, 400],
    ['a Binary of another type', { resource: binary([], 'text/plain') }, 400],
    ['a Binary that is not base64', { resource: { ...binary([]), data: '???' } }, 400],
    ['a Binary that is no patch', { resource: binary('{}') }, 400],
    ['a patch that fails', { resource: binary([{ op: 'remove', path: '/gender' }]) }, 422],
    ['a patch that makes it invalid', { resource: binary([{ op: 'add', path: '/x', value: 1 }]) }, 422],
  ])('writes nothing for %s', async (_what, entry, status) => {
    await create(identified('Patient', 'all'));
    const target = await create(identified('Patient', 'patched'));
    const answer = await send('transaction', [
      {
        resource: identified('Basic', 'patch', { code: { text: 'c' } }),
        request: { method: 'POST', url: 'Basic' },
      },
      { ...entry, request: { method: 'PATCH', url: target } },
    ]);
    expect(answer.statusCode).toBe(status);
    expect(answer.json().issue[0].expression[0]).toMatch(/^Bundle\.entry\[1\]/);
    expect(await total('Basic?identifier=urn:e|patch')).toBe(0);
  });

  it('refuses criteria of an update or patch that match several, or a patch that match none', async () => {
    await create(identified('Patient', 'twice'));
    await create(identified('Patient', 'twice'));
    const several = await send('transaction', [
      {
        resource: identified('Patient', 'twice'),
        request: { method: 'PUT', url: 'Patient?identifier=urn:e|twice' },
      },
    ]);
    expect(failure(several)).toEqual([412, ['Bundle.entry[0]']]);
    const deletion = await send('transaction', [
      { request: { method: 'DELETE', url: 'Patient?identifier=urn:e|twice' } },
    ]);
    expect(failure(deletion)).toEqual([412, ['Bundle.entry[0]']]);
    const none = await send('transaction', [
      { resource: binary([]), request: { method: 'PATCH', url: 'Patient?identifier=urn:e|nobody' } },
    ]);
    expect(failure(none)).toEqual([404, ['Bundle.entry[0]']]);
  });

  it('refuses entries whose criteria lead to the same resource', async () => {
    const patient = await create(identified('Patient', 'overlap'));
    const byId: Entry = {
      resource: identified('Patient', 'overlap', { id: patient.slice('Patient/'.length) }),
      request: { method: 'PUT', url: patient },
    };
    const byCriteria = { url: 'Patient?identifier=urn:e|overlap' };
    const others: Entry[] = [
      { resource: identified('Patient', 'overlap'), request: { method: 'PUT', ...byCriteria } },
      { resource: binary([]), request: { method: 'PATCH', ...byCriteria } },
      { request: { method: 'DELETE', ...byCriteria } },
    ];
    for (const other of others) {
      const answer = await send('transaction', [byId, other]);
      expect([answer.statusCode, answer.json().issue[0].code]).toEqual([400, 'duplicate']);
    }
    const created = await send('transaction', [
      { resource: identified('Patient', 'new'), request: { method: 'POST', url: 'Patient' } },
      {
        resource: identified('Patient', 'new'),
        request: { method: 'PUT', url: 'Patient?identifier=urn:e|new' },
      },
    ]);
    expect([created.statusCode, created.json().issue[0].code]).toEqual([400, 'duplicate']);
    const twice = await send('transaction', [
      ...[1, 2].map(() => ({
        resource: identified('Patient', 'twice-new'),
        request: { method: 'PUT', url: 'Patient?identifier=urn:e|twice-new' },
      })),
    ]);
    expect(twice.statusCode).toBe(400);
    expect(await total('Patient?identifier=urn:e|new,urn:e|twice-new')).toBe(0);
  });

  it('resolves conditional references to what the transaction itself creates and updates', async () => {
    const old = await create(identified('Practitioner', 'renamed-before'));
    const answer = await send('transaction', [
      {
        resource: observation({
          subject: { reference: 'Patient?identifier=urn:e|same-transaction' },
          performer: [
            { reference: 'Practitioner?identifier=urn:e|renamed-after' },
            { reference: 'Organization?name=Same' },
          ],
        }),
        request: { method: 'POST', url: 'Observation' },
      },
      {
        resource: identified('Patient', 'same-transaction'),
        request: { method: 'POST', url: 'Patient' },
      },
      {
        resource: identified('Practitioner', 'renamed-after', { id: old.slice('Practitioner/'.length) }),
        request: { method: 'PUT', url: old },
      },
      {
        resource: identified('Organization', 'o', { name: 'Same name' }),
        request: { method: 'PUT', url: 'Organization?identifier=urn:e|same-organization' },
      },
    ]);
    expect(answer.statusCode).toBe(200);
    const stored = await read(place(answer, 0));
    expect(stored.subject.reference).toBe(place(answer, 1));
    expect(stored.performer.map(({ reference }: { reference: string }) => reference)).toEqual([
      old,
      place(answer, 3),
    ]);
    expect(await total(`Observation?subject=${place(answer, 1)}`)).toBe(1);
  });

  it('does not resolve conditional references to what the transaction deletes or makes something else', async () => {
    const gone = await create(identified('Practitioner', 'gone'));
    const renamed = await create(identified('Practitioner', 'renamed'));
    const refer = (value: string): Entry => ({
      resource: observation({ performer: [{ reference: `Practitioner?identifier=urn:e|${value}` }] }),
      request: { method: 'POST', url: 'Observation' },
    });
    const deleting = await send('transaction', [refer('gone'), { request: { method: 'DELETE', url: gone } }]);
    expect(failure(deleting)).toEqual([422, ['Bundle.entry[0]']]);
    const renaming = await send('transaction', [
      refer('renamed'),
      {
        resource: identified('Practitioner', 'other', { id: renamed.slice('Practitioner/'.length) }),
        request: { method: 'PUT', url: renamed },
      },
    ]);
    expect(failure(renaming)).toEqual([422, ['Bundle.entry[0]']]);
    const replacing = await send('transaction', [
      refer('gone'),
      { request: { method: 'DELETE', url: gone } },
      { resource: identified('Practitioner', 'gone'), request: { method: 'POST', url: 'Practitioner' } },
    ]);
    expect((await read(place(replacing, 0))).performer[0].reference).toBe(place(replacing, 2));
    const ambiguous = await send('transaction', [
      refer('gone'),
      { resource: identified('Practitioner', 'gone'), request: { method: 'POST', url: 'Practitioner' } },
    ]);
    expect(failure(ambiguous)).toEqual([412, ['Bundle.entry[0]']]);
  });

  it('finds the match behind those that the transaction deletes', async () => {
    const all = await Promise.all([1, 2, 3].map(() => create(identified('Location', 'behind'))));
    const answer = await send('transaction', [
      {
        resource: identified('Location', 'behind'),
        request: { method: 'POST', url: 'Location', ifNoneExist: 'identifier=urn:e|behind' },
      },
      ...all.slice(0, 2).map((url) => ({ request: { method: 'DELETE', url } })),
    ]);
    expect(statuses(answer)).toEqual(['200 OK', '204 No Content', '204 No Content']);
    expect(place(answer, 0)).toBe(all[2]);
  });

  it('creates under ifNoneExist once, whatever the criteria that the entries before are found by', async () => {
    const both = {
      ...identified('Organization', 'either'),
      identifier: [
        { system: 'urn:e', value: 'either' },
        { system: 'urn:e', value: 'or' },
      ],
    };
    const answer = await send('transaction', [
      {
        fullUrl: 'urn:uuid:77777777-7777-4777-8777-777777777777',
        resource: both,
        request: { method: 'POST', url: 'Organization', ifNoneExist: 'identifier=urn:e|either' },
      },
      {
        fullUrl: 'urn:uuid:88888888-8888-4888-8888-888888888888',
        resource: both,
        request: { method: 'POST', url: 'Organization', ifNoneExist: 'identifier=urn:e|or' },
      },
      {
        resource: {
          resourceType: 'Patient',
          managingOrganization: { reference: 'urn:uuid:88888888-8888-4888-8888-888888888888' },
        },
        request: { method: 'POST', url: 'Patient' },
      },
    ]);
    expect(statuses(answer)).toEqual(['201 Created', '200 OK', '201 Created']);
    expect((await read(place(answer, 2))).managingOrganization.reference).toBe(place(answer, 0));
  });

  it('writes references to conditional updates and out of patches', async () => {
    const fullUrl = 'urn:uuid:99999999-9999-4999-8999-999999999999';
    const target = await create(identified('Patient', 'refers'));
    const answer = await send('transaction', [
      {
        resource: binary([
          { op: 'add', path: '/managingOrganization', value: { reference: fullUrl } },
          {
            op: 'add',
            path: '/generalPractitioner',
            value: [{ reference: 'Practitioner?identifier=urn:e|from-patch' }],
          },
        ]),
        request: { method: 'PATCH', url: target },
      },
      {
        fullUrl,
        resource: identified('Organization', 'by-update'),
        request: { method: 'PUT', url: 'Organization?identifier=urn:e|by-update' },
      },
      {
        resource: identified('Practitioner', 'from-patch'),
        request: { method: 'POST', url: 'Practitioner' },
      },
    ]);
    expect(statuses(answer)).toEqual(['200 OK', '201 Created', '201 Created']);
    const stored = await read(target);
    expect(stored.managingOrganization.reference).toBe(place(answer, 1));
    expect(stored.generalPractitioner[0].reference).toBe(place(answer, 2));
  });

  it('stays linear with thousands of conditional creates', async () => {
    const size = 1_500;
    const entry = Array.from({ length: size }, (_none, index) => ({
      resource: identified('Device', `many-${index}`),
      request: { method: 'POST', url: 'Device', ifNoneExist: `identifier=urn:e|many-${index}` },
    }));
    const answer = await send('transaction', entry);
    expect(new Set(statuses(answer))).toEqual(new Set(['201 Created']));
    expect(new Set(statuses(await send('transaction', entry)))).toEqual(new Set(['200 OK']));
    expect(await total('Device?identifier:missing=false&identifier=urn:e|')).toBeGreaterThanOrEqual(size);
  });

  it('makes one resource of twenty transactions with the same conditional update', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_none, index) =>
        send('transaction', [
          {
            resource: identified('Group', 'race', { type: 'person', actual: true, name: `n${index}` }),
            request: { method: 'PUT', url: 'Group?identifier=urn:e|race' },
          },
          {
            resource: observation({ subject: { reference: 'Group?identifier=urn:e|race' } }),
            request: { method: 'POST', url: 'Observation' },
          },
        ]),
      ),
    );
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
    expect(await total('Group?identifier=urn:e|race')).toBe(1);
    const group = new Set(answers.map((answer) => place(answer, 0)));
    expect(group.size).toBe(1);
    expect(await total(`Observation?subject=${[...group][0] ?? ''}`)).toBe(20);
  });
});
