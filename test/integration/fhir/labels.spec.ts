import type { Response as InjectResponse } from 'light-my-request';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

interface Meta {
  readonly versionId: string;
  readonly profile?: readonly string[];
  readonly security?: readonly object[];
  readonly tag?: readonly object[];
}

const json = 'application/fhir+json';
const secret = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' };
const ward = { system: 'https://clinic.example.org/tags', code: 'ward-3', display: 'Ward "3" {west}' };
const profile = 'http://hl7.org/fhir/StructureDefinition/Patient';

describe.each(databases)('labels of a resource that is updated on $name', (database) => {
  let fhir: FhirApplication;
  beforeAll(async () => (fhir = await fhirApplication(database)));
  afterAll(() => fhir.app.close());

  const send = (method: 'PUT' | 'POST', path: string, body: object): Promise<InjectResponse> =>
    fhir.app.inject({
      method,
      url: `/fhir/r4${path}`,
      headers: { 'content-type': json },
      payload: JSON.stringify(body),
    });
  const metaOf = async (id: string): Promise<Meta> =>
    (await fhir.app.inject({ url: `/fhir/r4/Patient/${id}` })).json().meta;
  const patient = (id: string, elements: object = {}): object => ({
    resourceType: 'Patient',
    id,
    ...elements,
  });
  const labelled = async (id: string): Promise<void> => {
    const meta = { profile: [profile], security: [secret], tag: [ward] };
    expect((await send('PUT', `/Patient/${id}`, patient(id, { meta }))).statusCode).toBe(201);
  };
  const found = async (query: string): Promise<number> =>
    (await fhir.app.inject({ url: `/fhir/r4/Patient?${query}&_summary=count` })).json().total;

  it('keeps security labels and tags, and takes the profiles that the new content has', async () => {
    await labelled('a');
    const answer = await send('PUT', '/Patient/a', patient('a', { gender: 'female' }));
    expect(answer.json()).toMatchObject({ gender: 'female', meta: { versionId: '2' } });
    const { profile: profiles, ...meta } = await metaOf('a');
    expect(profiles).toBeUndefined();
    expect(meta).toMatchObject({ security: [secret], tag: [ward] });
    expect(await found(`_id=a&_security=${secret.code}&_tag=ward-3`)).toBe(1);
    expect(await found(`_id=a&_profile=${profile}`)).toBe(0);
  });

  it('adds what is new, by system and code, and leaves the text of what is there alone', async () => {
    await labelled('b');
    const other = { system: ward.system, code: 'ward-4' };
    const renamed = { ...ward, display: 'West' };
    await send('PUT', '/Patient/b', patient('b', { meta: { tag: [other, renamed] } }));
    expect((await metaOf('b')).tag).toEqual([other, renamed]);
    expect((await metaOf('b')).security).toEqual([secret]);
    expect(await found('_id=b&_tag=ward-3&_tag=ward-4')).toBe(1);
  });

  it('makes no version of what is there already but for the labels', async () => {
    await labelled('c');
    await send('PUT', '/Patient/c', patient('c', { meta: { profile: [profile] } }));
    expect((await metaOf('c')).versionId).toBe('1');
  });

  it('does so by criteria and in transactions', async () => {
    await labelled('d');
    await send('PUT', '/Patient?_id=d', patient('d', { gender: 'male' }));
    expect(await metaOf('d')).toMatchObject({ versionId: '2', security: [secret], tag: [ward] });
    const entry = (url: string) => ({
      resource: patient('d', { gender: url.includes('?') ? 'other' : 'unknown' }),
      request: { method: 'PUT', url },
    });
    for (const url of ['Patient/d', 'Patient?_id=d']) {
      const bundle = { resourceType: 'Bundle', type: 'transaction', entry: [entry(url)] };
      expect((await send('POST', '', bundle)).statusCode).toBe(200);
    }
    expect(await metaOf('d')).toMatchObject({ versionId: '4', security: [secret], tag: [ward] });
  });

  it('takes them away where it is asked to, and starts anew after a deletion', async () => {
    await labelled('e');
    const parameter = [{ name: 'meta', valueMeta: { security: [secret] } }];
    await send('POST', '/Patient/e/$meta-delete', { resourceType: 'Parameters', parameter });
    await send('PUT', '/Patient/e', patient('e', { gender: 'male' }));
    expect((await metaOf('e')).security).toBeUndefined();
    expect((await metaOf('e')).tag).toEqual([ward]);
    await fhir.app.inject({ method: 'DELETE', url: '/fhir/r4/Patient/e' });
    await send('PUT', '/Patient/e', patient('e'));
    expect((await metaOf('e')).tag).toBeUndefined();
  });

  it('finds labels whose names are written with escapes', async () => {
    const text = `{"resourceType":"Patient","id":"f","meta":{"\\u0073ecurity":[${JSON.stringify(secret)}]}}`;
    const stored = await fhir.app.inject({
      method: 'PUT',
      url: '/fhir/r4/Patient/f',
      headers: { 'content-type': json },
      payload: text,
    });
    expect(stored.statusCode).toBe(201);
    await send('PUT', '/Patient/f', patient('f', { gender: 'male' }));
    expect((await metaOf('f')).security).toEqual([secret]);
  });
});
