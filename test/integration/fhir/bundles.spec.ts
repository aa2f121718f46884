import type { Response as InjectResponse } from 'light-my-request';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

interface Entry {
  fullUrl?: string;
  resource?: unknown;
  request: Record<string, string>;
}

describe.each(databases)('batch and transaction on $name', (database) => {
  let fhir: FhirApplication;

  beforeAll(async () => {
    fhir = await fhirApplication(database);
  });
  afterAll(() => fhir.app.close());
  afterEach(() => fhir.access.denied.clear());

  const post = (payload: string, headers: Record<string, string> = {}): Promise<InjectResponse> =>
    fhir.app.inject({
      method: 'POST',
      url: '/fhir/r4',
      headers: { 'content-type': 'application/fhir+json', ...headers },
      payload,
    });
  const send = (type: string, entry: Entry[], headers?: Record<string, string>): Promise<InjectResponse> =>
    post(JSON.stringify({ resourceType: 'Bundle', type, entry }), headers);
  const read = (path: string): Promise<InjectResponse> =>
    fhir.app.inject({ method: 'GET', url: `/fhir/r4/${path}` });
  const count = async (query: string): Promise<number> =>
    (await read(`${query}&_total=accurate&_count=0`)).json().total;
  const identified = (type: string, value: string, more: object = {}): object => ({
    resourceType: type,
    identifier: [{ system: 'urn:test', value }],
    ...more,
  });
  const location = (answer: InjectResponse, index: number): string =>
    answer.json().entry[index].response.location.slice(`${fhir.base}/`.length).split('/_history')[0];

  it('rewrites references between new resources, circular ones too, and keeps all other text', async () => {
    const first = 'urn:uuid:11111111-1111-4111-8111-111111111111';
    const second = 'urn:uuid:22222222-2222-4222-8222-222222222222';
    const answer = await post(`{"resourceType":"Bundle","type":"transaction","entry":[
      {"fullUrl":"${first}","resource":{"resourceType":"Patient","identifier":[{"value":"${first}"}],
        "text":{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\"><a href=\\"${second}\\">o</a> ${second}</div>"},
        "managingOrganization":{"reference":"${second}"},
        "extension":[{"url":"urn:e","valueUri":"${second}"},{"url":"urn:e","valueString":"${second}"},
          {"url":"urn:e","valueDecimal":1.500}]},
       "request":{"method":"POST","url":"Patient"}},
      {"fullUrl":"${second}","resource":{"resourceType":"Organization","name":"O",
        "contained":[{"resourceType":"Group","id":"g","type":"person","actual":true,"member":[{"entity":{"reference":"${first}"}}]}],
        "extension":[{"url":"urn:e","valueReference":{"reference":"${first}"}},
          {"url":"urn:e","valueReference":{"reference":"#g"}}]},
       "request":{"method":"POST","url":"Organization"}}]}`);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ resourceType: 'Bundle', type: 'transaction-response' });
    const [patient, organization] = [location(answer, 0), location(answer, 1)];
    const text = (await read(patient)).body;
    expect(text).toContain(`"identifier":[{"value":"${first}"}]`);
    expect(text).toContain(`<a href=\\"${organization}\\">o</a> ${second}</div>`);
    expect(text).toContain(`"managingOrganization":{"reference":"${organization}"}`);
    expect(text).toContain(`"valueUri":"${organization}"`);
    expect(text).toContain(`"valueString":"${second}"`);
    expect(text).toContain('"valueDecimal":1.500');
    const other = (await read(organization)).json();
    expect(other.contained[0].member[0].entity.reference).toBe(patient);
    expect(other.extension[0].valueReference.reference).toBe(patient);
    expect((await read(`Patient?organization=${organization}`)).json().entry).toHaveLength(1);
  });

  it('rewrites references that are relative to the fullUrl of their entry', async () => {
    const answer = await send('transaction', [
      {
        fullUrl: 'http://elsewhere.example.org/fhir/Patient/p1',
        resource: { resourceType: 'Patient', id: 'p1' },
        request: { method: 'POST', url: 'Patient' },
      },
      {
        fullUrl: 'http://elsewhere.example.org/fhir/Observation/o1',
        resource: {
          resourceType: 'Observation',
          status: 'final',
          code: { text: 'weight' },
          subject: { reference: 'Patient/p1' },
          encounter: { reference: 'Encounter/other' },
        },
        request: { method: 'POST', url: 'Observation' },
      },
    ]);
    const observation = (await read(location(answer, 1))).json();
    expect(observation.subject.reference).toBe(location(answer, 0));
    expect(observation.encounter.reference).toBe('Encounter/other');
  });

  it('carries out deletions, creations and updates, and reads after them', async () => {
    const created = await send('transaction', [
      { resource: identified('Patient', 'order-1'), request: { method: 'POST', url: 'Patient' } },
    ]);
    const old = location(created, 0);
    const answer = await send('transaction', [
      { request: { method: 'GET', url: 'Patient/order-put' } },
      {
        resource: { resourceType: 'Patient', id: 'order-put' },
        request: { method: 'PUT', url: 'Patient/order-put' },
      },
      { request: { method: 'GET', url: old } },
      { request: { method: 'DELETE', url: old } },
      { request: { method: 'GET', url: '/Patient?identifier=urn:test|order-1&access_token=secret' } },
    ]);
    const { entry } = answer.json();
    expect(entry.map((one: { response: { status: string } }) => one.response.status)).toEqual([
      '200 OK',
      '201 Created',
      '410 Gone',
      '204 No Content',
      '200 OK',
    ]);
    expect(entry[0].resource.id).toBe('order-put');
    expect(entry[2].response.outcome.issue[0].code).toBe('deleted');
    expect(entry[4].resource).toMatchObject({ type: 'searchset' });
    expect(entry[4].resource.entry).toBeUndefined();
    expect(answer.body).not.toContain('secret');
  });

  it('writes nothing where one entry fails, and names the entry', async () => {
    const answer = await send('transaction', [
      { resource: identified('Patient', 'all-or-nothing'), request: { method: 'POST', url: 'Patient' } },
      {
        resource: { resourceType: 'Patient', id: 'never' },
        request: { method: 'PUT', url: 'Patient/never', ifMatch: 'W/"3"' },
      },
    ]);
    expect(answer.statusCode).toBe(412);
    expect(answer.json().issue[0].expression).toEqual(['Bundle.entry[1]']);
    expect(await count('Patient?identifier=urn:test|all-or-nothing')).toBe(0);
  });

  it.each([
    ['no request', { request: undefined }, 400, 'Bundle.entry[1].request'],
    ['an unknown type', { request: { method: 'POST', url: 'Nonsense' } }, 404, 'Bundle.entry[1]'],
    [
      'another type',
      { request: { method: 'POST', url: 'Group' } },
      400,
      'Bundle.entry[1].resource.resourceType',
    ],
    ['another id', { request: { method: 'PUT', url: 'Patient/x' } }, 400, 'Bundle.entry[1].resource.id'],
    ['an unknown method', { request: { method: 'BREW', url: 'Patient' } }, 405, 'Bundle.entry[1]'],
    [
      'an address elsewhere',
      { request: { method: 'GET', url: 'http://x.example/Patient/1' } },
      400,
      'Bundle.entry[1].request.url',
    ],
    [
      'a wrong search',
      { request: { method: 'GET', url: 'Patient?birthdate=yesterday' } },
      400,
      'Bundle.entry[1]',
    ],
  ])('refuses a transaction with %s', async (_what, change, status, expression) => {
    const answer = await send('transaction', [
      { resource: identified('Basic', 'refused'), request: { method: 'POST', url: 'Basic' } },
      { resource: { resourceType: 'Patient', id: 'y' }, ...change } as unknown as Entry,
    ]);
    expect(answer.statusCode).toBe(status);
    expect(answer.json().issue[0].expression).toEqual([expression]);
    expect(await count('Basic?identifier=urn:test|refused')).toBe(0);
  });

  it('refuses the same identity and the same fullUrl twice', async () => {
    const put: Entry = {
      resource: { resourceType: 'Patient', id: 'same' },
      request: { method: 'PUT', url: 'Patient/same' },
    };
    const identity = await send('transaction', [put, { request: { method: 'DELETE', url: 'Patient/same' } }]);
    expect([identity.statusCode, identity.json().issue[0].code]).toEqual([400, 'duplicate']);
    const entry: Entry = {
      fullUrl: 'urn:uuid:33333333-3333-4333-8333-333333333333',
      resource: { resourceType: 'Patient' },
      request: { method: 'POST', url: 'Patient' },
    };
    expect((await send('transaction', [entry, entry])).statusCode).toBe(400);
  });

  it('resolves conditional references, each criterion once', async () => {
    const practitioner = await send('transaction', [
      { resource: identified('Practitioner', 'dr'), request: { method: 'POST', url: 'Practitioner' } },
    ]);
    const observation = (value: string): Entry => ({
      resource: {
        resourceType: 'Observation',
        status: 'final',
        code: { text: 'weight' },
        performer: [{ reference: `Practitioner?identifier=urn:test|${value}`, display: 'Dr' }],
      },
      request: { method: 'POST', url: 'Observation' },
    });
    const answer = await send('transaction', [observation('dr'), observation('dr')]);
    const stored = (await read(location(answer, 1))).json();
    expect(stored.performer).toEqual([{ reference: location(practitioner, 0), display: 'Dr' }]);
    expect((await read(`Observation?performer=${location(practitioner, 0)}`)).json().entry).toHaveLength(2);

    const missing = await send('transaction', [observation('dr'), observation('nobody')]);
    expect(missing.statusCode).toBe(422);
    expect(missing.json().issue[0].expression).toEqual(['Bundle.entry[1]']);

    await send('transaction', [
      { resource: identified('Practitioner', 'dr'), request: { method: 'POST', url: 'Practitioner' } },
    ]);
    const ambiguous = await send('transaction', [observation('dr')]);
    expect([ambiguous.statusCode, ambiguous.json().issue[0].code]).toEqual([412, 'multiple-matches']);
  });

  it('needs the right to search for a conditional reference', async () => {
    fhir.access.denied.add('search-type Practitioner');
    const answer = await send('transaction', [
      {
        resource: {
          resourceType: 'Observation',
          performer: [{ reference: 'Practitioner?identifier=urn:test|x' }],
        },
        request: { method: 'POST', url: 'Observation' },
      },
    ]);
    expect(answer.statusCode).toBe(403);
  });

  it('creates under ifNoneExist once, also within one transaction, and points references to what there is', async () => {
    const organization = 'urn:uuid:44444444-4444-4444-8444-444444444444';
    const same = 'urn:uuid:55555555-5555-4555-8555-555555555555';
    const entries: Entry[] = [
      {
        fullUrl: organization,
        resource: identified('Organization', 'once'),
        request: { method: 'POST', url: 'Organization', ifNoneExist: 'identifier=urn:test|once' },
      },
      {
        fullUrl: same,
        resource: identified('Organization', 'once'),
        request: { method: 'POST', url: 'Organization', ifNoneExist: 'identifier=urn:test|once' },
      },
      {
        resource: { resourceType: 'Patient', managingOrganization: { reference: same } },
        request: { method: 'POST', url: 'Patient' },
      },
    ];
    const statuses = (answer: InjectResponse): string[] =>
      answer.json().entry.map((one: { response: { status: string } }) => one.response.status);
    const first = await send('transaction', entries);
    expect(statuses(first)).toEqual(['201 Created', '200 OK', '201 Created']);
    const second = await send('transaction', entries);
    expect(statuses(second)).toEqual(['200 OK', '200 OK', '201 Created']);
    expect(location(second, 0)).toBe(location(first, 0));
    const patient = (await read(location(second, 2))).json();
    expect(patient.managingOrganization.reference).toBe(location(first, 0));
    expect(await count('Organization?identifier=urn:test|once')).toBe(1);
  });

  it('creates anew under ifNoneExist where the only match is deleted by the same transaction', async () => {
    const created = await send('transaction', [
      { resource: identified('Location', 'replaced'), request: { method: 'POST', url: 'Location' } },
    ]);
    const answer = await send('transaction', [
      {
        resource: identified('Location', 'replaced'),
        request: { method: 'POST', url: 'Location', ifNoneExist: 'identifier=urn:test|replaced' },
      },
      { request: { method: 'DELETE', url: location(created, 0) } },
    ]);
    expect(answer.json().entry[0].response.status).toBe('201 Created');
    expect(await count('Location?identifier=urn:test|replaced')).toBe(1);
  });

  it('refuses a whole transaction and one entry of a batch for what the policy denies', async () => {
    fhir.access.denied.add('create Device');
    const entries: Entry[] = [
      { resource: identified('Location', 'denied'), request: { method: 'POST', url: 'Location' } },
      { resource: { resourceType: 'Device' }, request: { method: 'POST', url: 'Device' } },
    ];
    const transaction = await send('transaction', entries);
    expect([transaction.statusCode, transaction.json().issue[0].expression]).toEqual([
      403,
      ['Bundle.entry[1]'],
    ]);
    expect(await count('Location?identifier=urn:test|denied')).toBe(0);
    const batch = (await send('batch', entries)).json();
    expect(batch.type).toBe('batch-response');
    expect(batch.entry[0].response.status).toBe('201 Created');
    expect(batch.entry[1].response).toMatchObject({
      status: '403 Forbidden',
      outcome: { resourceType: 'OperationOutcome', issue: [{ expression: ['Bundle.entry[1]'] }] },
    });
  });

  it('runs the entries of a batch each by itself', async () => {
    const answer = await send(
      'batch',
      [
        {
          resource: { resourceType: 'Patient', id: 'batch-1' },
          request: { method: 'PUT', url: 'Patient/batch-1' },
        },
        { resource: { resourceType: 'Patient' }, request: { method: 'PUT', url: 'Patient/batch-2' } },
        { request: { method: 'GET', url: 'Patient/nobody' } },
        { request: { method: 'GET', url: `${fhir.base}/Patient?_count=1` } },
        { request: { method: 'DELETE', url: 'Patient/nobody' } },
      ],
      { prefer: 'return=representation' },
    );
    expect(answer.statusCode).toBe(200);
    const { entry } = answer.json();
    expect(entry.map((one: { response: { status: string } }) => one.response.status)).toEqual([
      '201 Created',
      '400 Bad Request',
      '404 Not Found',
      '200 OK',
      '204 No Content',
    ]);
    expect(entry[0].resource.id).toBe('batch-1');
    expect(entry[0].response.location).toBe(`${fhir.base}/Patient/batch-1/_history/1`);
    expect(entry[1].response.outcome.issue[0].expression).toEqual(['Bundle.entry[1].resource.id']);
  });

  it('takes thousands of entries in one transaction', async () => {
    const size = 3_000;
    const fullUrl = (index: number): string =>
      `urn:uuid:66666666-6666-4666-8666-${String(index).padStart(12, '0')}`;
    const entries = Array.from({ length: size }, (_, index): Entry => ({
      fullUrl: fullUrl(index),
      resource: {
        resourceType: 'Basic',
        code: { text: 'many' },
        subject: { reference: fullUrl((index + 1) % size) },
      },
      request: { method: 'POST', url: 'Basic' },
    }));
    const answer = await send('transaction', entries);
    expect(answer.statusCode).toBe(200);
    expect(answer.json().entry).toHaveLength(size);
    expect((await read(location(answer, size - 1))).json().subject.reference).toBe(location(answer, 0));
  });

  it('refuses more entries than a Bundle may have, and other Bundles', async () => {
    const entries = `{},`.repeat(10_000);
    const large = await post(`{"resourceType":"Bundle","type":"batch","entry":[${entries}{}]}`);
    expect([large.statusCode, large.json().issue[0].details.coding[0].code]).toEqual([
      413,
      'FHIR_BUNDLE_TOO_LARGE',
    ]);
    expect((await post('{"resourceType":"Bundle","type":"collection"}')).statusCode).toBe(400);
    expect((await post('{"resourceType":"Patient"}')).statusCode).toBe(400);
    const empty = await post('{"resourceType":"Bundle","type":"transaction"}');
    expect([empty.statusCode, empty.body]).toEqual([
      200,
      '{"resourceType":"Bundle","type":"transaction-response"}',
    ]);
  });
});
