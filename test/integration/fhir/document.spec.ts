import type { Response as InjectResponse } from 'light-my-request';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

const json = 'application/fhir+json';
const to = (reference: string) => ({ reference });

interface TestResource {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

interface DocumentEntry {
  readonly fullUrl: string;
  readonly resource: {
    readonly resourceType: string;
    readonly id?: string;
    readonly meta?: { versionId: string };
  };
}

const composition = (id: string, more: object = {}) => ({
  ...{ resourceType: 'Composition', id, status: 'final', title: 'Letter', date: '2024-01-01' },
  type: { text: 'letter' },
  subject: to('Patient/one'),
  author: [to('Practitioner/doc')],
  ...more,
});
const observation = (id: string, more: object = {}) => ({
  ...{ resourceType: 'Observation', id, status: 'final', code: { text: 'x' }, subject: to('Patient/one') },
  ...more,
});

describe.each(databases)('$document on $name', (database) => {
  let fhir: FhirApplication;
  beforeAll(async () => {
    fhir = await fhirApplication(database);
    await store(
      { resourceType: 'Organization', id: 'org', name: 'Clinic' },
      { resourceType: 'Organization', id: 'maker', name: 'Maker' },
      { resourceType: 'Practitioner', id: 'doc' },
      { resourceType: 'Practitioner', id: 'nurse' },
      { resourceType: 'Patient', id: 'one', managingOrganization: to('Organization/org') },
      { resourceType: 'Medication', id: 'drug', manufacturer: to('Organization/maker') },
      {
        ...{ resourceType: 'Encounter', id: 'stay', status: 'finished', subject: to('Patient/one') },
        class: { code: 'AMB' },
      },
      { resourceType: 'Procedure', id: 'detail', status: 'completed', subject: to('Patient/one') },
      observation('first', { performer: [to('Practitioner/nurse')] }),
      observation('second'),
      observation('deep'),
      observation('gone'),
      {
        ...{ resourceType: 'MedicationStatement', id: 'taken', status: 'active', subject: to('Patient/one') },
        medicationReference: to('Medication/drug'),
      },
    );
    await store(observation('second', { note: [{ text: 'changed' }] }));
    await fhir.app.inject({ method: 'DELETE', url: '/fhir/r4/Observation/gone' });
    await store(
      composition('letter', {
        encounter: to('Encounter/stay'),
        attester: [{ mode: 'legal', party: to('Practitioner/nurse') }],
        custodian: to(`${fhir.base}/Organization/org`),
        event: [{ detail: [to('Procedure/detail')] }],
        section: [
          { title: 'One', entry: [to('Observation/first'), { display: 'said, not stored' }] },
          {
            title: 'Two',
            section: [
              {
                title: 'Deeper',
                section: [
                  {
                    title: 'Deepest',
                    focus: to('Observation/deep'),
                    entry: [to('MedicationStatement/taken')],
                  },
                ],
              },
            ],
          },
        ],
      }),
    );
  });
  afterAll(() => fhir.app.close());
  afterEach(() => {
    fhir.access.denied.clear();
    fhir.access.narrowed = false;
  });

  const ask = (path: string, body?: object, headers: Record<string, string> = {}): Promise<InjectResponse> =>
    fhir.app.inject({
      method: body === undefined ? 'GET' : 'POST',
      url: `/fhir/r4${path === '' ? '' : `/${path}`}`,
      headers: { ...(body === undefined ? {} : { 'content-type': json }), ...headers },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
  const store = async (...resources: readonly TestResource[]): Promise<void> => {
    const entry = resources.map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    }));
    const answer = await ask('', { resourceType: 'Bundle', type: 'transaction', entry });
    expect([answer.statusCode, answer.statusCode === 200 ? '' : answer.body]).toEqual([200, '']);
  };
  const names = (answer: InjectResponse): readonly string[] => {
    expect([answer.statusCode, answer.statusCode < 300 ? '' : answer.body]).toEqual([answer.statusCode, '']);
    return answer
      .json<{ entry: DocumentEntry[] }>()
      .entry.map(({ resource }) => `${resource.resourceType}/${resource.id ?? ''}`);
  };
  const parameters = (...parameter: readonly object[]) => ({ resourceType: 'Parameters', parameter });

  const expected = [
    ...['Composition/letter', 'Patient/one', 'Encounter/stay', 'Practitioner/doc', 'Practitioner/nurse'],
    ...['Organization/org', 'Procedure/detail', 'Observation/first', 'Observation/deep'],
    ...['MedicationStatement/taken', 'Medication/drug'],
  ];

  it('holds the Composition, what it and all of its sections refer to, and who and what was given', async () => {
    const answer = await ask('Composition/letter/$document');
    expect(names(answer)).toEqual(expected);
    const bundle = answer.json();
    expect(bundle).toMatchObject({ resourceType: 'Bundle', type: 'document' });
    expect(bundle.identifier).toEqual({
      system: 'urn:ietf:rfc:3986',
      value: expect.stringMatching(/^urn:uuid:[0-9a-f-]{36}$/) as string,
    });
    expect(Date.now() - Date.parse(bundle.timestamp)).toBeLessThan(60_000);
    expect(bundle.entry.map(({ fullUrl }: DocumentEntry) => fullUrl)).toEqual(
      expected.map((name) => `${fhir.base}/${name}`),
    );
    expect(bundle.entry.every((entry: object) => !('search' in entry))).toBe(true);
    const valid = await ask('Bundle/$validate', bundle);
    expect(valid.json().issue.filter(({ severity }: { severity: string }) => severity === 'error')).toEqual(
      [],
    );
    expect((await ask('Composition/letter/$document?_format=xml')).body).toContain(
      '<type value="document"/>',
    );
  });

  it('is called for the type, by id or URL, and as an entry of a batch', async () => {
    const byId = await ask('Composition/$document', parameters({ name: 'id', valueUri: 'letter' }));
    expect(names(byId)).toEqual(expected);
    expect(names(await ask(`Composition/$document?id=${fhir.base}/Composition/letter`))).toEqual(expected);
    expect(names(await ask('Composition/$document?id=Composition/letter'))).toEqual(expected);
    for (const path of [
      'Composition/$document',
      'Composition/$document?id=Patient/one',
      'Composition/letter/$document?id=letter',
      'Composition/$document?id=Composition/letter/_history/1',
      `Composition/$document?id=${fhir.base}/Composition/letter/_history/9`,
    ]) {
      expect((await ask(path)).statusCode).toBe(400);
    }
    const request = { method: 'GET', url: 'Composition/letter/$document' };
    const batch = await ask('', { resourceType: 'Bundle', type: 'batch', entry: [{ request }] });
    expect(batch.json().entry[0].resource.entry).toHaveLength(expected.length);
    const transaction = await ask('', { resourceType: 'Bundle', type: 'transaction', entry: [{ request }] });
    expect(transaction.json().entry[0].resource.entry).toHaveLength(expected.length);
  });

  it('says what it is without, as long as that is not whom it is about', async () => {
    await store(
      composition('lacking', {
        contained: [{ resourceType: 'Organization', id: 'inside', name: 'Inside' }],
        custodian: to('#inside'),
        section: [
          {
            title: 'x',
            entry: [
              to('Observation/gone'),
              to('Observation/never'),
              to('https://else.example.org/Observation/1'),
            ],
          },
          { title: 'y', entry: [to('Observation/first')] },
        ],
      }),
    );
    const answer = await ask('Composition/lacking/$document');
    const entries = answer.json<{ entry: DocumentEntry[] }>().entry;
    const outcome = entries.at(-1) as unknown as {
      fullUrl: string;
      resource: { issue: { expression: string[] }[] };
    };
    expect(names(answer).slice(0, -1)).toEqual([
      ...[
        'Composition/lacking',
        'Patient/one',
        'Practitioner/doc',
        'Observation/first',
        'Organization/org',
        'Practitioner/nurse',
      ],
    ]);
    expect(outcome.fullUrl).toMatch(/^urn:uuid:/);
    expect(outcome.resource.issue.map(({ expression }) => expression[0])).toEqual(
      [0, 1, 2].map((n) => `Composition.section[0].entry[${n}]`),
    );
    await store(composition('nobodys', { subject: to('Patient/never') }));
    const refused = await ask('Composition/nobodys/$document');
    expect([refused.statusCode, refused.json().issue.at(-1).expression]).toEqual([
      422,
      ['Composition.subject'],
    ]);
  });

  it('brings the version that a reference names', async () => {
    await store(
      composition('versioned', {
        section: [
          {
            title: 'x',
            entry: [
              to('Observation/second/_history/1'),
              to('Observation/second'),
              to('Observation/second/_history/9'),
            ],
          },
        ],
      }),
    );
    const { entry } = (await ask('Composition/versioned/$document')).json<{ entry: DocumentEntry[] }>();
    expect(
      entry
        .filter(({ resource }) => resource.id === 'second')
        .map(({ fullUrl, resource }) => [fullUrl, resource.meta?.versionId]),
    ).toEqual([
      [`${fhir.base}/Observation/second`, '1'],
      [`${fhir.base}/Observation/second`, '2'],
    ]);
    expect(JSON.stringify(entry.at(-1))).toContain('Composition.section[0].entry[2]');
  });

  it('has a version once, however it is referred to', async () => {
    await store(
      composition('cyc', {
        section: [
          {
            title: 'x',
            entry: ['Composition/cyc/_history/1', 'Observation/second/_history/2', 'Observation/second'].map(
              to,
            ),
          },
        ],
      }),
    );
    expect(names(await ask('Composition/cyc/$document'))).toEqual([
      ...['Composition/cyc', 'Patient/one', 'Practitioner/doc', 'Observation/second', 'Organization/org'],
    ]);
    // An earlier version of the Composition is another one.
    await store(composition('cyc', { section: [{ title: 'x', entry: [to('Composition/cyc/_history/1')] }] }));
    const { entry } = (await ask('Composition/cyc/$document')).json<{ entry: DocumentEntry[] }>();
    expect(
      entry.filter(({ resource }) => resource.id === 'cyc').map(({ resource }) => resource.meta?.versionId),
    ).toEqual(['2', '1']);
  });

  it('is stored where that is asked for, by who may create a Bundle', async () => {
    const answer = await ask(
      'Composition/letter/$document',
      parameters({ name: 'persist', valueBoolean: true }),
    );
    expect(names(answer)).toEqual(expected);
    const { id } = answer.json();
    expect([answer.statusCode, answer.headers.location]).toEqual([
      201,
      `${fhir.base}/Bundle/${id}/_history/1`,
    ]);
    expect((await ask(`Bundle/${id}`)).json()).toEqual(answer.json());
    expect((await ask('Bundle?_summary=count&composition=Composition/letter')).json().total).toBe(1);
    expect((await ask('Composition/letter/$document?persist=true')).statusCode).toBe(400);
    expect((await ask('Composition/letter/$document?persist=maybe')).statusCode).toBe(400);
    const entry = [
      { request: { method: 'POST', url: 'Composition/letter/$document' }, resource: parameters() },
    ];
    expect((await ask('', { resourceType: 'Bundle', type: 'transaction', entry })).statusCode).toBe(405);
    fhir.access.denied.add('create Bundle');
    expect(
      (await ask('Composition/letter/$document', parameters({ name: 'persist', valueBoolean: true })))
        .statusCode,
    ).toBe(403);
    expect((await ask('Composition/letter/$document', parameters())).statusCode).toBe(200);
  });

  it('holds what the caller may read', async () => {
    fhir.access.denied.add('read Observation').add('read Medication');
    const answer = await ask('Composition/letter/$document');
    expect(names(answer).slice(0, -1)).toEqual(
      expected.filter((name) => !/^(Observation|Medication)\//.test(name)),
    );
    expect(JSON.stringify(answer.json().entry.at(-1))).toContain('Composition.section[0].entry[0]');
    fhir.access.denied.add('read Practitioner');
    expect((await ask('Composition/letter/$document')).statusCode).toBe(200);
    fhir.access.denied.add('read Patient');
    expect((await ask('Composition/letter/$document')).statusCode).toBe(422);
    fhir.access.denied.add('read Composition');
    expect((await ask('Composition/letter/$document')).statusCode).toBe(403);
    fhir.access.denied.clear();
    fhir.access.narrowed = true;
    expect((await ask('Composition/letter/$document')).statusCode).toBe(404);
    fhir.access.narrowed = false;
    expect((await ask('Composition/never/$document')).statusCode).toBe(404);
  });

  it('holds 2,000 resources at the most', async () => {
    const entry = Array.from({ length: 2_000 }, (_, n) => to(`Observation/none-${n}`));
    await store(composition('long', { section: [{ title: 'x', entry }] }));
    const answer = await ask('Composition/long/$document');
    expect([answer.statusCode, answer.json().issue[0].code]).toEqual([422, 'too-costly']);
  });

  it('leaves an unknown parameter out where the client asks for that, and says so', async () => {
    expect((await ask('Composition/letter/$document?graph=x')).statusCode).toBe(400);
    const answer = await ask('Composition/letter/$document?graph=x', undefined, {
      prefer: 'handling=lenient',
    });
    expect(JSON.stringify(answer.json().entry.at(-1))).toContain('graph');
  });
});
