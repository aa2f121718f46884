import type { Response as InjectResponse } from 'light-my-request';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

interface SearchSet {
  readonly total?: number;
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly { readonly fullUrl: string }[];
}

describe.each(databases)('compartments on $name', (database) => {
  let fhir: FhirApplication;
  const headers = { 'content-type': 'application/fhir+json' };

  const put = async (path: string, more: object = {}): Promise<void> => {
    const [resourceType, id] = path.split('/');
    const payload = JSON.stringify({ resourceType, id, ...more });
    const answer = await fhir.app.inject({ method: 'PUT', url: `/fhir/r4/${path}`, headers, payload });
    expect([answer.statusCode, answer.body]).toEqual([201, expect.anything()]);
  };
  const ask = (path: string): Promise<InjectResponse> =>
    fhir.app.inject({ method: 'GET', url: `/fhir/r4/${path}` });
  const idsOf = ({ entry = [] }: SearchSet): string[] =>
    entry.map(({ fullUrl }) => fullUrl.slice(`${fhir.base}/`.length)).sort();
  const found = async (path: string): Promise<string[]> => idsOf((await ask(path)).json());

  beforeAll(async () => {
    fhir = await fhirApplication(database, { FIREKEEP_VALIDATION: 'off' });
    const coding = (code: string) => ({ code: { coding: [{ system: 'urn:c', code }] } });
    await put('Patient/a');
    await put('Patient/b', { link: [{ other: { reference: 'Patient/a' }, type: 'seealso' }] });
    await put('Observation/a', { subject: { reference: 'Patient/b' }, ...coding('x') });
    await put('Observation/subject', { subject: { reference: 'Patient/a' }, ...coding('x') });
    await put('Observation/absolute', { subject: { reference: `${fhir.base}/Patient/a` }, ...coding('y') });
    await put('Observation/performer', { performer: [{ reference: 'Patient/a' }], ...coding('x') });
    await put('Observation/focus', { focus: [{ reference: 'Patient/a' }], ...coding('x') });
    await put('Condition/asserted', { asserter: { reference: 'Patient/a' } });
    await put('Practitioner/p');
    await put('Encounter/e', { participant: [{ individual: { reference: 'Practitioner/p' } }] });
  });
  afterAll(() => fhir.app.close());
  afterEach(() => fhir.access.denied.clear());

  it('finds what refers to the patient by a parameter of the compartment, and nothing else', async () => {
    const all = ['Observation/absolute', 'Observation/performer', 'Observation/subject'];
    expect(await found('Patient/a/Observation')).toEqual(all);
    expect(await found('Patient/b/Observation')).toEqual(['Observation/a']);
    expect(await found('Patient/a/Condition')).toEqual(['Condition/asserted']);
    expect(await found('Practitioner/p/Encounter')).toEqual(['Encounter/e']);
    expect(await found('Patient/never/Observation')).toEqual([]);
  });

  it('has the owner, and what is linked to it, in the compartment', async () => {
    expect(await found('Patient/a/Patient')).toEqual(['Patient/a', 'Patient/b']);
  });

  it('applies the parameters of the search within the compartment, also by POST', async () => {
    const expected = ['Observation/performer', 'Observation/subject'];
    expect(await found('Patient/a/Observation?code=urn:c|x')).toEqual(expected);
    const posted = await fhir.app.inject({
      method: 'POST',
      url: '/fhir/r4/Patient/a/Observation/_search',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'code=urn:c|x',
    });
    expect(idsOf(posted.json())).toEqual(expected);
  });

  it('finds all types with *, and no resource of another type that has the id of the owner', async () => {
    expect(await found('Patient/a/*')).toEqual([
      'Condition/asserted',
      'Observation/absolute',
      'Observation/performer',
      'Observation/subject',
      'Patient/a',
      'Patient/b',
    ]);
    expect(await found('Patient/a/*?_id=subject')).toEqual(['Observation/subject']);
  });

  it('pages with links that lead nowhere but into the same compartment', async () => {
    for (const member of ['Observation', '*']) {
      const seen: string[] = [];
      let url: string | undefined = `Patient/a/${member}?_count=2`;
      let second = '';
      while (url !== undefined) {
        const page: SearchSet = (await ask(url)).json();
        seen.push(...idsOf(page));
        url = page.link.find(({ relation }) => relation === 'next')?.url.slice(`${fhir.base}/`.length);
        second ||= url ?? '';
      }
      expect(seen.sort()).toEqual(await found(`Patient/a/${member}`));
      expect((await ask(second.replace('Patient/a', 'Patient/b'))).statusCode).toBe(400);
      expect((await ask(second.replace(/^Patient\/a\/[^?]+/, 'Observation'))).statusCode).toBe(400);
    }
  });

  it.each([
    ['Basic/1/Observation', 404],
    ['Patient/a/Organization', 404],
    ['Patient/a/Nothing', 404],
    ['Patient/a/observation', 404],
    ['Patient/a_b/Observation', 400],
  ])('answers %s with %d', async (path, status) => {
    expect((await ask(path)).statusCode).toBe(status);
  });

  it('asks for the right to search the type that is searched', async () => {
    fhir.access.denied.add('search-type Observation').add('search-system *');
    expect((await ask('Patient/a/Observation')).statusCode).toBe(403);
    expect((await ask('Patient/a/*')).statusCode).toBe(403);
    expect((await ask('Patient/a/Condition')).statusCode).toBe(200);
  });
});
