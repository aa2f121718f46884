import type { Response as InjectResponse } from 'light-my-request';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

interface Entry {
  readonly fullUrl?: string;
  readonly resource?: unknown;
  readonly request: Readonly<Record<string, string>>;
}
interface Outcome {
  readonly issue: readonly {
    readonly expression?: readonly string[];
    readonly details: { readonly text: string };
  }[];
}

describe.each(databases)('integrity of references on $name', (database) => {
  let fhir: FhirApplication;
  const headers = { 'content-type': 'application/fhir+json' };

  beforeAll(async () => {
    fhir = await fhirApplication(database, {
      FIREKEEP_REFERENTIAL_INTEGRITY: 'true',
      FIREKEEP_VALIDATION: 'off',
    });
  });
  afterAll(() => fhir.app.close());

  const put = (path: string, more: object = {}): Promise<InjectResponse> => {
    const [resourceType, id] = path.split('/');
    const payload = JSON.stringify({ resourceType, id, ...more });
    return fhir.app.inject({ method: 'PUT', url: `/fhir/r4/${path}`, headers, payload });
  };
  const ask = (method: 'GET' | 'DELETE', path: string): Promise<InjectResponse> =>
    fhir.app.inject({ method, url: `/fhir/r4/${path}` });
  const remove = (path: string): Promise<InjectResponse> => ask('DELETE', path);
  const transact = (entry: readonly Entry[]): Promise<InjectResponse> =>
    fhir.app.inject({
      method: 'POST',
      url: '/fhir/r4',
      headers,
      payload: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }),
    });
  const about = (reference: string): object => ({ subject: { reference } });
  const deletion = (url: string): Entry => ({ request: { method: 'DELETE', url } });
  const update = (path: string, more: object = {}): Entry => {
    const [resourceType, id] = path.split('/');
    return { resource: { resourceType, id, ...more }, request: { method: 'PUT', url: path } };
  };
  const expressionsOf = (answer: InjectResponse): string[] =>
    answer.json<Outcome>().issue.flatMap(({ expression = [] }) => expression);

  it('refuses a reference to what was never there, and says where it stands', async () => {
    const answer = await put('Observation/dangling', {
      performer: [{ reference: 'Practitioner/nobody' }],
      ...about('Patient/nobody'),
    });
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain('FHIR_DANGLING_REFERENCE');
    expect(expressionsOf(answer).sort()).toEqual(['Observation.performer[0]', 'Observation.subject']);
    expect((await ask('GET', 'Observation/dangling')).statusCode).toBe(404);
  });

  it('refuses a reference to what was deleted, and one with the address of the repository', async () => {
    await put('Patient/gone');
    await remove('Patient/gone');
    expect((await put('Observation/gone', about('Patient/gone'))).statusCode).toBe(422);
    expect((await put('Observation/gone', about(`${fhir.base}/Patient/gone`))).statusCode).toBe(422);
  });

  it('lets references go elsewhere, into the resource, and to itself', async () => {
    const answer = await put('Observation/free', {
      contained: [{ resourceType: 'Device', id: 'd' }],
      device: { reference: '#d' },
      subject: { reference: 'http://elsewhere.example.org/fhir/Patient/1' },
      performer: [{ reference: 'urn:uuid:11111111-1111-4111-8111-111111111111' }, { display: 'someone' }],
      hasMember: [{ reference: 'Observation/free' }],
    });
    expect(answer.statusCode).toBe(201);
    expect((await remove('Observation/free')).statusCode).toBe(204);
  });

  it('leaves alone what stands in a stored Bundle, whose entries refer to each other', async () => {
    const entry = [{ resource: { resourceType: 'Observation', ...about('Patient/in-the-bundle') } }];
    expect((await put('Bundle/parcel', { type: 'collection', entry })).statusCode).toBe(201);
  });

  it('refuses to delete what is referenced, and names what refers to it', async () => {
    await put('Patient/kept');
    for (let n = 0; n < 7; n++) await put(`Observation/kept-${n}`, about('Patient/kept'));
    const answer = await remove('Patient/kept');
    expect(answer.statusCode).toBe(409);
    expect(answer.body).toContain('FHIR_REFERENCED_RESOURCE');
    expect(answer.body).toContain('Observation/kept-');
    expect((await ask('GET', 'Patient/kept')).statusCode).toBe(200);
    for (let n = 0; n < 6; n++) await remove(`Observation/kept-${n}`);
    await put('Observation/kept-6');
    expect((await remove('Patient/kept')).statusCode).toBe(204);
  });

  it('knows references that no search parameter reaches', async () => {
    await put('Organization/extended');
    const extension = [{ url: 'urn:e', valueReference: { reference: 'Organization/extended' } }];
    await put('Basic/extended', { extension });
    expect((await remove('Organization/extended')).statusCode).toBe(409);
    const refused = await put('Basic/other', {
      extension: [{ url: 'urn:e', valueReference: { reference: 'Organization/none' } }],
    });
    expect(expressionsOf(refused)).toEqual(['Basic.extension[0].valueReference']);
    await put('Basic/extended', { language: 'en' });
    expect((await remove('Organization/extended')).statusCode).toBe(204);
  });

  it('lets a transaction create together what refers to each other, in a circle too', async () => {
    const [one, two] = [
      'urn:uuid:11111111-1111-4111-8111-111111111111',
      'urn:uuid:22222222-2222-4222-8222-222222222222',
    ];
    const answer = await transact([
      {
        fullUrl: one,
        resource: { resourceType: 'Patient', managingOrganization: { reference: two } },
        request: { method: 'POST', url: 'Patient' },
      },
      {
        fullUrl: two,
        resource: {
          resourceType: 'Organization',
          extension: [{ url: 'urn:e', valueReference: { reference: one } }],
        },
        request: { method: 'POST', url: 'Organization' },
      },
      update('Observation/together', about('Patient/together')),
      update('Patient/together'),
    ]);
    expect([answer.statusCode, answer.body]).toEqual([200, expect.anything()]);
  });

  it('lets a transaction delete together what refers to each other, and turn references away before', async () => {
    await put('Patient/pair');
    await put('Patient/other');
    await put('Observation/pair', about('Patient/pair'));
    await put('Encounter/pair', about('Patient/pair'));
    expect((await transact([deletion('Patient/pair')])).statusCode).toBe(409);
    expect((await transact([deletion('Patient/pair'), deletion('Observation/pair')])).statusCode).toBe(409);
    const answer = await transact([
      deletion('Patient/pair'),
      deletion('Observation/pair'),
      update('Encounter/pair', about('Patient/other')),
    ]);
    expect(answer.statusCode).toBe(200);
    expect((await ask('GET', 'Patient/pair')).statusCode).toBe(410);
  });

  it('refuses a transaction whole that deletes what it refers to, and names the entry', async () => {
    await put('Patient/torn');
    const answer = await transact([
      update('Observation/torn', about('Patient/torn')),
      deletion('Patient/torn'),
    ]);
    expect([409, 422]).toContain(answer.statusCode);
    const dangling = await transact([
      update('Basic/torn'),
      update('Observation/torn', about('Patient/never')),
    ]);
    expect(dangling.statusCode).toBe(422);
    expect(expressionsOf(dangling)).toEqual(['Bundle.entry[1].resource.subject']);
    expect((await ask('GET', 'Basic/torn')).statusCode).toBe(404);
    expect((await ask('GET', 'Patient/torn')).statusCode).toBe(200);
  });

  it('leaves no dangling reference where a deletion meets new references', async () => {
    const rounds = 12;
    for (let round = 0; round < rounds; round++) await put(`Patient/race-${round}`);
    await Promise.all(
      Array.from({ length: rounds }, async (_, round) => {
        const results = await Promise.all([
          put(`Observation/race-${round}-a`, about(`Patient/race-${round}`)),
          remove(`Patient/race-${round}`),
          put(`Observation/race-${round}-b`, about(`Patient/race-${round}`)),
        ]);
        const [first, deleted, second] = results.map(({ statusCode }) => statusCode);
        expect([201, 422]).toContain(first);
        expect([201, 422]).toContain(second);
        expect(deleted).toBe(first === 201 || second === 201 ? 409 : 204);
      }),
    );
  });
});
