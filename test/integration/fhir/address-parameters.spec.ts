import { sqlite } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

const json = { 'content-type': 'application/fhir+json' };

describe('the query of an address that says what it is about', () => {
  let fhir: FhirApplication;
  beforeAll(async () => {
    fhir = await fhirApplication(sqlite);
  });
  afterAll(() => fhir.app.close());
  beforeEach(async () => {
    await fhir.app.inject({ method: 'PUT', url: '/fhir/r4/Patient/one', headers: json, payload: patient });
  });

  const patient = JSON.stringify({ resourceType: 'Patient', id: 'one', name: [{ family: 'First' }] });
  const changed = { resourceType: 'Patient', id: 'one', name: [{ family: 'Second' }] };
  const patch = {
    resourceType: 'Parameters',
    parameter: [
      {
        name: 'operation',
        part: [
          { name: 'type', valueCode: 'replace' },
          { name: 'path', valueString: 'Patient.name[0].family' },
          { name: 'value', valueString: 'Second' },
        ],
      },
    ],
  };
  const bodies: Readonly<Record<string, object>> = { POST: changed, PUT: changed, PATCH: patch };

  /** Status by a route of its own, in a batch and in a transaction. */
  const everyWay = async (method: string, url: string): Promise<string[]> => {
    const body = bodies[method];
    const alone = await fhir.app.inject({
      ...{ method, url: `/fhir/r4/${url}` },
      ...(body === undefined ? {} : { headers: json, payload: JSON.stringify(body) }),
    });
    const statuses = [String(alone.statusCode)];
    for (const type of ['batch', 'transaction']) {
      const entry = [{ request: { method, url }, ...(body === undefined ? {} : { resource: body }) }];
      const payload = JSON.stringify({ resourceType: 'Bundle', type, entry });
      const answer = await fhir.app.inject({ method: 'POST', url: '/fhir/r4', headers: json, payload });
      const own = answer.json<{ entry?: { response: { status: string } }[] }>().entry?.[0]?.response.status;
      statuses.push((own ?? String(answer.statusCode)).slice(0, 3));
    }
    return statuses;
  };
  const family = async (): Promise<unknown> =>
    (await fhir.app.inject({ url: '/fhir/r4/Patient/one' })).json<{ name?: { family: string }[] }>().name?.[0]
      ?.family;

  it.each([
    ['POST', 'Patient?identifier=x'],
    ['PUT', 'Patient/one?family=Nobody'],
    ['PATCH', 'Patient/one?family=Nobody'],
    ['DELETE', 'Patient/one?family=Nobody'],
    ['DELETE', 'Patient/one?_pretty=true&_lastUpdated=lt2020'],
  ])('is refused by every way to write: %s %s', async (method, url) => {
    expect(await everyWay(method, url)).toEqual(['400', '400', '400']);
    expect(await family()).toBe('First');
  });

  it.each([
    ['PUT', 'Patient/one?_pretty=true&_format=json'],
    ['PATCH', 'Patient/one?_format=json'],
    ['GET', 'Patient/one?_cache=1'],
    ['GET', 'Patient/one/_history/1?family=Nobody'],
  ])('may shape the answer, and is left out of reads, by every way: %s %s', async (method, url) => {
    expect(await everyWay(method, url)).toEqual(['200', '200', '200']);
  });

  it.each(['PUT', 'PATCH', 'DELETE'])(
    'is the condition of a conditional %s by every way, without what shapes the answer',
    async (method) => {
      const statuses = await everyWay(method, 'Patient?_id=one&_format=json');
      expect(statuses.every((status) => ['200', '204', '404'].includes(status))).toBe(true);
      expect(statuses[0]).toMatch(/^20/);
    },
  );
});
