import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

interface Answer {
  readonly response: { readonly status: string; readonly outcome?: { readonly issue: readonly Issue[] } };
  readonly resource: Resource;
}
/** What the tests look at of the resources that come. */
interface Resource {
  readonly resourceType: string;
  readonly type?: string;
  readonly entry?: readonly { readonly resource: { readonly resourceType: string; readonly id: string } }[];
  readonly issue: readonly { readonly severity: string }[];
  readonly parameter: readonly { readonly valueMeta: { readonly tag: readonly object[] } }[];
}
interface Issue {
  readonly diagnostics?: string;
  readonly details: { readonly text: string };
  readonly expression?: readonly string[];
}

describe.each(databases)('entries of Bundles that are answered by what they find, on $name', (database) => {
  let fhir: FhirApplication;

  beforeAll(async () => {
    fhir = await fhirApplication(database);
    await send('transaction', [
      put('Patient/1', { resourceType: 'Patient', id: '1', meta: { tag: [{ code: 'kept' }] } }),
      put('Patient/2', { resourceType: 'Patient', id: '2' }),
      put('Observation/1', observation('1')),
      put('Observation/2', observation('2')),
    ]);
  });
  afterAll(() => fhir.app.close());
  afterEach(() => fhir.access.denied.clear());

  const observation = (id: string) => ({
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { text: 'c' },
    subject: { reference: `Patient/${id}` },
  });
  const put = (url: string, resource: object) => ({ resource, request: { method: 'PUT', url } });
  const get = (url: string) => ({ request: { method: 'GET', url } });
  async function send(type: 'batch' | 'transaction', entry: object[]) {
    const answer = await fhir.app.inject({
      method: 'POST',
      url: '/fhir/r4',
      headers: { 'content-type': 'application/fhir+json' },
      payload: JSON.stringify({ resourceType: 'Bundle', type, entry }),
    });
    return { status: answer.statusCode, entry: answer.json().entry as Answer[], body: answer.json() };
  }
  const ids = ({ resource }: Answer): string[] =>
    (resource.entry ?? []).map((one) => [one.resource.resourceType, one.resource.id].join('/'));

  describe.each(['batch', 'transaction'] as const)('in a %s', (type) => {
    it('searches compartments, by GET and by POST', async () => {
      const { entry } = await send(type, [
        get('Patient/1/Observation?status=final'),
        get('Patient/1/*'),
        { request: { method: 'POST', url: 'Patient/2/Observation/_search?status=final' } },
        get('Patient/1/Organization'),
      ]);
      expect(ids(entry[0]!)).toEqual(['Observation/1']);
      expect(ids(entry[1]!).sort()).toEqual(['Observation/1', 'Patient/1']);
      expect(ids(entry[2]!)).toEqual(['Observation/2']);
      expect(entry[3]!.response.status).toBe('404 Not Found');
    });

    it('answers histories of an instance, a type and the system', async () => {
      const { entry } = await send(type, [
        get('Patient/1/_history'),
        get('Observation/_history?_count=1'),
        get('_history?_count=3'),
      ]);
      expect(entry.map(({ resource }) => [resource.type, resource.entry?.length])).toEqual([
        ['history', 1],
        ['history', 1],
        ['history', 3],
      ]);
    });

    it('answers the CapabilityStatement', async () => {
      const { entry } = await send(type, [get('metadata'), get('metadata?mode=terminology')]);
      expect(entry.map(({ resource }) => resource.resourceType)).toEqual([
        'CapabilityStatement',
        'TerminologyCapabilities',
      ]);
    });

    it('calls operations, by GET and by POST, with Parameters and with a resource', async () => {
      const { entry } = await send(
        type,
        [
          {
            resource: { resourceType: 'Patient', gender: 'x' },
            request: { method: 'POST', url: 'Patient/$validate' },
          },
          {
            resource: {
              resourceType: 'Parameters',
              parameter: [{ name: 'resource', resource: { resourceType: 'Patient' } }],
            },
            request: { method: 'POST', url: 'Patient/$validate' },
          },
          get('Patient/1/$meta'),
          get('Patient/1/%24meta'),
          get('Patient/1/$nothing'),
          { request: { method: 'PUT', url: 'Patient/1/$meta' }, resource: { resourceType: 'Patient' } },
        ].slice(0, type === 'batch' ? 6 : 4),
      );
      expect(entry[0]!.resource.issue[0]?.severity).toBe('error');
      expect(entry[1]!.resource.issue[0]?.severity).toBe('information');
      const tags = [{ code: 'kept' }];
      expect(entry[2]!.resource.parameter[0]?.valueMeta.tag).toEqual(tags);
      expect(entry[3]!.resource.parameter[0]?.valueMeta.tag).toEqual(tags);
      expect(entry.slice(4).map(({ response }) => response.status)).toEqual(
        type === 'batch' ? ['404 Not Found', '400 Bad Request'] : [],
      );
    });

    it('authorizes each by itself', async () => {
      fhir.access.denied.add('search-type Observation').add('history-system *').add('create Patient');
      const entries = [
        get('Patient/1/Observation'),
        get('_history'),
        { resource: { resourceType: 'Patient' }, request: { method: 'POST', url: 'Patient/$validate' } },
      ];
      const allowed = get('Patient/1');
      if (type === 'batch') {
        const { entry } = await send(type, [...entries, allowed]);
        expect(entry.map(({ response }) => response.status)).toEqual([
          ...Array<string>(3).fill('403 Forbidden'),
          '200 OK',
        ]);
        for (const { response } of entry.slice(0, 3)) {
          expect(response.outcome?.issue[0]?.diagnostics).toMatch(/firekeep explain \w+/);
        }
      } else {
        for (const entry of entries) {
          const answer = await send(type, [allowed, entry]);
          expect(answer.status).toBe(403);
          const [issue] = answer.body.issue as Issue[];
          expect(issue?.expression).toEqual(['Bundle.entry[1]']);
          expect(issue?.diagnostics).toMatch(/firekeep explain \w+/);
        }
      }
    });
  });

  it('changes by an operation in a batch, and not in a transaction, which could not take it back', async () => {
    const add = {
      resource: {
        resourceType: 'Parameters',
        parameter: [{ name: 'meta', valueMeta: { tag: [{ code: 'added' }] } }],
      },
      request: { method: 'POST', url: 'Patient/2/$meta-add' },
    };
    const refused = await send('transaction', [add]);
    expect([refused.status, refused.body.issue[0].expression]).toEqual([405, ['Bundle.entry[0]']]);
    const { entry } = await send('batch', [add]);
    expect(entry[0]!.response.status).toBe('200 OK');
    expect(entry[0]!.resource.parameter[0]?.valueMeta.tag).toEqual([{ code: 'added' }]);
  });

  it('reads in a transaction what the transaction writes', async () => {
    const { entry } = await send('transaction', [
      get('Patient/3/Observation'),
      get('Patient/3/$meta'),
      put('Patient/3', { resourceType: 'Patient', id: '3', meta: { tag: [{ code: 'new' }] } }),
      put('Observation/3', observation('3')),
    ]);
    expect(ids(entry[0]!)).toEqual(['Observation/3']);
    expect(entry[1]!.resource.parameter[0]?.valueMeta.tag).toEqual([{ code: 'new' }]);
  });
});
