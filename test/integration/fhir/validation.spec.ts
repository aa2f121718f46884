import type { InjectOptions, Response as InjectResponse } from 'light-my-request';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

const patient = (more: object = {}): object => ({ resourceType: 'Patient', ...more });
const transaction = (...resources: readonly object[]): object => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: resources.map((resource) => ({
    resource,
    request: { method: 'POST', url: (resource as { resourceType: string }).resourceType },
  })),
});

interface Issue {
  readonly severity: string;
  readonly code: string;
  readonly expression?: readonly string[];
  readonly details: { readonly text: string };
}

describe.each(databases)('validation on write on $name', (database) => {
  let fhir: FhirApplication;
  beforeAll(async () => {
    fhir = await fhirApplication(database);
  });
  afterAll(() => fhir.app.close());

  const send = (
    method: 'POST' | 'PUT',
    path: string,
    body: object | string,
    headers: InjectOptions['headers'] = {},
    application = fhir,
  ): Promise<InjectResponse> =>
    application.app.inject({
      method,
      url: `/fhir/r4${path}`,
      headers: { 'content-type': 'application/fhir+json', ...headers },
      payload: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const issues = (answer: InjectResponse): readonly Issue[] => answer.json().issue;
  const count = async (type: string): Promise<number> =>
    (await fhir.app.inject({ url: `/fhir/r4/${type}?_summary=count` })).json().total;

  it('refuses what is not valid with every issue, and what is not FHIR at all', async () => {
    const before = await count('Patient');
    const answer = await send('POST', '/Patient', {
      ...patient({ gender: 'm', birthDate: '2024-02-30', nmae: [] }),
      contact: [{ gender: 'male' }],
    });
    expect(answer.statusCode).toBe(422);
    expect(issues(answer).map(({ severity, code, expression }) => [severity, code, expression?.[0]])).toEqual(
      expect.arrayContaining([
        ['error', 'code-invalid', 'Patient.gender'],
        ['error', 'value', 'Patient.birthDate'],
        ['error', 'structure', 'Patient.nmae'],
        ['error', 'invariant', 'Patient.contact[0]'],
      ]),
    );
    for (const { details } of issues(answer)) expect(details.text).toMatch(/[.?]$/);
    expect(await count('Patient')).toBe(before);
    for (const body of ['{', '[]', '{"resourceType":"Nonsense"}', '{"name":[]}']) {
      expect((await send('POST', '/Patient', body)).statusCode).toBe(400);
    }
  });

  it('sees numbers as they are written', async () => {
    const answer = await send('POST', '/Patient', '{"resourceType":"Patient","multipleBirthInteger":1.0}');
    expect(answer.statusCode).toBe(422);
    expect(issues(answer)[0]?.expression).toEqual(['Patient.multipleBirth.ofType(integer)']);
  });

  it('keeps what was stored where an update is refused', async () => {
    await send('PUT', '/Patient/p', patient({ id: 'p', gender: 'female' }));
    expect((await send('PUT', '/Patient/p', patient({ id: 'p', gender: 'f' }))).statusCode).toBe(422);
    const read = await fhir.app.inject({ url: '/fhir/r4/Patient/p' });
    expect(read.json()).toMatchObject({ gender: 'female', meta: { versionId: '1' } });
  });

  it('names the entries of a transaction at fault, all of them, and writes nothing', async () => {
    const before = await count('Patient');
    const answer = await send(
      'POST',
      '',
      transaction(patient(), patient({ gender: 'm' }), patient({ active: 'yes' })),
    );
    expect(answer.statusCode).toBe(422);
    expect(issues(answer).map(({ expression }) => expression?.[0])).toEqual([
      'Bundle.entry[1].resource.gender',
      'Bundle.entry[2].resource.active',
    ]);
    expect(await count('Patient')).toBe(before);
  });

  it('refuses a reference that a transaction would write into an element for other types', async () => {
    const before = await count('Patient');
    const bundle = transaction(patient({ generalPractitioner: [{ reference: 'urn:uuid:1' }] }), {
      resourceType: 'Location',
      name: 'L',
    }) as { entry: { fullUrl?: string }[] };
    bundle.entry[1]!.fullUrl = 'urn:uuid:1';
    const answer = await send('POST', '', bundle);
    expect(answer.statusCode).toBe(422);
    expect(issues(answer)[0]?.expression?.[0]).toMatch(
      /^Bundle\.entry\[0\]\.resource\.generalPractitioner\[0\]/,
    );
    expect([await count('Patient'), await count('Location')]).toEqual([before, 0]);
  });

  it('refuses such a reference too where it is known only inside of the transaction', async () => {
    const before = await count('Patient');
    await send('POST', '/Location', {
      resourceType: 'Location',
      identifier: [{ system: 'urn:x', value: '1' }],
    });
    const bundle = transaction(
      patient({ generalPractitioner: [{ reference: 'Location?identifier=urn:x|1' }] }),
    );
    const answer = await send('POST', '', bundle);
    expect(answer.statusCode).toBe(422);
    expect(issues(answer)[0]?.expression?.[0]).toMatch(/^Bundle\.entry\[0\]\.resource/);
    expect(await count('Patient')).toBe(before);
  });

  it('tells of an entry of a batch alone', async () => {
    const bundle = { ...transaction(patient(), patient({ gender: 'm' })), type: 'batch' };
    const { entry } = (await send('POST', '', bundle)).json();
    expect(entry[0].response.status).toBe('201 Created');
    expect(entry[1].response).toMatchObject({
      status: '422 Unprocessable Content',
      outcome: { issue: [{ code: 'code-invalid', expression: ['Bundle.entry[1].resource.gender'] }] },
    });
  });

  it('returns warnings where an OperationOutcome is asked for, and stores the resource', async () => {
    const questionnaire = { resourceType: 'Questionnaire', status: 'active', name: 'not for programs' };
    const prefer = { prefer: 'return=OperationOutcome' };
    const created = await send('POST', '/Questionnaire', questionnaire, prefer);
    expect(created.statusCode).toBe(201);
    expect(issues(created)).toMatchObject([{ severity: 'warning', code: 'invariant' }]);
    const { entry } = (await send('POST', '', transaction(questionnaire), prefer)).json();
    expect(entry[0].response.outcome.issue).toMatchObject([{ severity: 'warning', code: 'invariant' }]);
    const clean = await send('POST', '/Patient', patient(), prefer);
    expect(issues(clean)).toMatchObject([{ severity: 'information' }]);
  });

  it.each([
    ['off', 201, 201],
    ['structure', 422, 201],
  ])('%s checks so much', async (mode, ofStructure, ofInvariant) => {
    const other = await fhirApplication(database, { FIREKEEP_VALIDATION: mode });
    const create = async (more: object): Promise<number> =>
      (await send('POST', '/Patient', patient(more), {}, other)).statusCode;
    expect(await create({ gender: 'm' })).toBe(ofStructure);
    expect(await create({ contact: [{ gender: 'male' }] })).toBe(ofInvariant);
    await other.app.close();
  });
});
