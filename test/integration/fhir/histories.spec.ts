import type { Response as InjectResponse } from 'light-my-request';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

interface Entry {
  readonly fullUrl: string;
  readonly resource?: { readonly id: string; readonly meta: { readonly versionId: string } };
  readonly request: { readonly method: string; readonly url: string };
  readonly response: { readonly status: string; readonly etag: string; readonly lastModified: string };
}
interface HistoryBundle {
  readonly type: string;
  readonly total?: number;
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly Entry[];
}

describe.each(databases)('histories on $name', (database) => {
  let fhir: FhirApplication;

  beforeAll(async () => {
    fhir = await fhirApplication(database, { FIREKEEP_MAXIMUM_COUNT: '50', FIREKEEP_VALIDATION: 'off' });
  });
  afterAll(() => fhir.app.close());
  afterEach(() => fhir.access.denied.clear());

  const ask = (path: string): Promise<InjectResponse> =>
    fhir.app.inject({ method: 'GET', url: `/fhir/r4/${path}` });
  const history = async (path: string): Promise<HistoryBundle> => {
    const answer = await ask(path);
    expect([answer.statusCode, answer.body.slice(0, 300)]).toEqual([200, expect.anything()]);
    return answer.json();
  };
  const put = async (path: string, more: object = {}): Promise<InjectResponse> => {
    const [resourceType, id] = path.split('/');
    const payload = JSON.stringify({ resourceType, id, ...more });
    const headers = { 'content-type': 'application/fhir+json' };
    return fhir.app.inject({ method: 'PUT', url: `/fhir/r4/${path}`, headers, payload });
  };
  const remove = (path: string): Promise<InjectResponse> =>
    fhir.app.inject({ method: 'DELETE', url: `/fhir/r4/${path}` });
  const pathOf = (url: string): string => url.slice(`${fhir.base}/`.length);
  const next = ({ link }: HistoryBundle): string | undefined =>
    link.find(({ relation }) => relation === 'next')?.url;
  const versions = ({ entry = [] }: HistoryBundle): string[] =>
    entry.map(({ fullUrl, response }) => `${pathOf(fullUrl)} ${response.etag}`);
  const allPages = async (path: string, between?: () => Promise<unknown>): Promise<string[]> => {
    const seen: string[] = [];
    let page = await history(path);
    for (;;) {
      seen.push(...versions(page));
      const url = next(page);
      if (url === undefined) return seen;
      await between?.();
      page = await history(pathOf(url));
    }
  };

  it('tells of a type every version, the newest first, with the request that made it and its answer', async () => {
    await put('Basic/told', { language: 'en' });
    await put('Basic/told', { language: 'de' });
    await remove('Basic/told');
    const bundle = await history('Basic/_history');
    expect(bundle.type).toBe('history');
    expect(bundle.total).toBe(3);
    expect(versions(bundle)).toEqual(['Basic/told W/"3"', 'Basic/told W/"2"', 'Basic/told W/"1"']);
    const [deleted, updated, created] = bundle.entry ?? [];
    expect(deleted).toMatchObject({
      request: { method: 'DELETE', url: 'Basic/told' },
      response: { status: '204 No Content', etag: 'W/"3"' },
    });
    expect(deleted?.resource).toBeUndefined();
    expect(updated).toMatchObject({
      resource: { id: 'told', meta: { versionId: '2' }, language: 'de' },
      request: { method: 'PUT', url: 'Basic/told' },
      response: { status: '200 OK' },
    });
    expect(created?.response.status).toBe('201 Created');
  });

  it('has an empty history for a type without resources, and none for an unknown type', async () => {
    const bundle = await history('Linkage/_history');
    expect(bundle).toMatchObject({ type: 'history', total: 0 });
    expect(bundle.entry).toBeUndefined();
    expect((await ask('Nothing/_history')).statusCode).toBe(404);
  });

  it.each(['-_lastUpdated', '_lastUpdated'])(
    'pages through a type in the order %s, each version once, while versions are superseded',
    async (sort) => {
      const type = sort.startsWith('-') ? 'Flag' : 'Goal';
      for (let n = 0; n < 7; n++) await put(`${type}/p${n % 3}`, { language: `l${n}` });
      await remove(`${type}/p1`);
      const before = (await history(`${type}/_history?_count=50`)).entry?.length;
      expect(before).toBe(8);
      let n = 0;
      const seen = await allPages(`${type}/_history?_count=3&_sort=${sort}`, () =>
        n++ === 0 ? put(`${type}/p2`, { language: 'late' }) : Promise.resolve(),
      );
      expect(new Set(seen).size).toBe(seen.length);
      const first8 = [
        'p0 W/"1"',
        'p0 W/"2"',
        'p0 W/"3"',
        'p1 W/"1"',
        'p1 W/"2"',
        'p1 W/"3"',
        'p2 W/"1"',
        'p2 W/"2"',
      ];
      expect(seen).toEqual(expect.arrayContaining(first8.map((one) => `${type}/${one}`)));
      // What is written meanwhile comes after the end of the oldest-first order, and before its start otherwise.
      expect(seen.includes(`${type}/p2 W/"3"`)).toBe(!sort.startsWith('-'));
    },
  );

  it('shows the system the versions of all types in one order, page by page', async () => {
    await put('Basic/all', { language: 'a' });
    await put('Flag/all', { language: 'b' });
    await put('Basic/all', { language: 'c' });
    const [first, second, third] = versions(await history('_history'));
    expect([first, second, third]).toEqual(['Basic/all W/"2"', 'Flag/all W/"1"', 'Basic/all W/"1"']);
    const whole = versions(await history('_history?_count=50'));
    expect(await allPages('_history?_count=4')).toEqual(whole);
  });

  it('takes from _since on, inclusive, and counts alone with _count=0', async () => {
    await put('Task/since', { language: 'a' });
    await put('Task/since', { language: 'b' });
    await put('Task/since', { language: 'c' });
    const { entry = [] } = await history('Task/_history');
    const since = entry[1]?.response.lastModified ?? '';
    expect(versions(await history(`Task/_history?_since=${since}`))).toHaveLength(2);
    expect(versions(await history(`Task/since/_history?_since=${since}`))).toHaveLength(2);
    const counted = await history(`Task/_history?_since=${since}&_count=0`);
    expect(counted).toMatchObject({ total: 2 });
    expect(counted.entry).toBeUndefined();
  });

  it('takes with _at the versions that were current in the span', async () => {
    await put('Slot/at', { language: 'a' });
    await put('Slot/at', { language: 'b' });
    await put('Slot/at', { language: 'c' });
    await put('Slot/gone', { language: 'a' });
    await remove('Slot/gone');
    const { entry = [] } = await history('Slot/at/_history');
    const [third, second] = entry.map(({ response }) => response.lastModified);
    expect(versions(await history(`Slot/_history?_at=${second}`))).toEqual(['Slot/at W/"2"']);
    expect(versions(await history(`Slot/at/_history?_at=${second}`))).toEqual(['Slot/at W/"2"']);
    expect(versions(await history(`Slot/at/_history?_at=${third}`))).toEqual(['Slot/at W/"3"']);
    const year = new Date().getUTCFullYear();
    expect(versions(await history(`Slot/_history?_at=${year}`))).toHaveLength(5);
    // A deletion that happened before the span was never current in it.
    expect(versions(await history(`Slot/_history?_at=${year + 1}`))).toEqual(['Slot/at W/"3"']);
    expect(versions(await history(`Slot/_history?_at=${year - 1}`))).toEqual([]);
  });

  it('turns the history of a resource round, in pages', async () => {
    for (let n = 0; n < 5; n++) await put('Group/turn', { language: `l${n}` });
    const etags = (await allPages('Group/turn/_history?_sort=_lastUpdated&_count=2')).map((one) =>
      one.slice(-2, -1),
    );
    expect(etags).toEqual(['1', '2', '3', '4', '5']);
    const down = (await allPages('Group/turn/_history?_count=2')).map((one) => one.slice(-2, -1));
    expect(down).toEqual(['5', '4', '3', '2', '1']);
  });

  it('gives no more than the largest _count that is set', async () => {
    for (let n = 0; n < 52; n++) await put(`Media/m${n}`);
    expect(versions(await history('Media/_history?_count=1000'))).toHaveLength(50);
    const found = (await ask('Media?_count=1000')).json<{ entry: unknown[] }>();
    expect(found.entry).toHaveLength(50);
  });

  it('binds page links to the caller and to the address', async () => {
    await put('List/bound', { language: 'a' });
    await put('List/bound', { language: 'b' });
    const url = pathOf(next(await history('List/_history?_count=1')) ?? '');
    const { principal } = fhir.access;
    fhir.access.principal = { ...principal, subject: 'mallory' };
    expect((await ask(url)).json<{ issue: { code: string }[] }>().issue[0]?.code).toBe('forbidden');
    fhir.access.principal = principal;
    expect((await ask(url.replace('List/', 'Basic/'))).statusCode).toBe(400);
    expect((await ask(url.replace('List/', ''))).statusCode).toBe(400);
    expect((await ask(url.replace('List/', 'List/bound/'))).statusCode).toBe(400);
    expect((await ask(url)).statusCode).toBe(200);
  });

  it.each(['_sort=name', '_since=x', '_at=x', '_count=-1', '_list=1', '_count=1&_count=2'])(
    'refuses %s',
    async (query) => {
      expect((await ask(`Patient/_history?${query}`)).statusCode).toBe(400);
    },
  );

  it('answers the history of a type within a batch, where the policy lets it', async () => {
    await put('Account/batch');
    const payload = JSON.stringify({
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ request: { method: 'GET', url: 'Account/_history?_count=5' } }],
    });
    const post = async (): Promise<object> => {
      const headers = { 'content-type': 'application/fhir+json' };
      return (await fhir.app.inject({ method: 'POST', url: '/fhir/r4', headers, payload })).json();
    };
    expect(await post()).toMatchObject({ entry: [{ resource: { type: 'history', total: 1 } }] });
    fhir.access.denied.add('history-type Account');
    expect(await post()).toMatchObject({ entry: [{ response: { status: '403 Forbidden' } }] });
  });

  it('asks the policy for each kind of history by itself', async () => {
    fhir.access.denied.add('history-system *').add('history-type Patient');
    expect((await ask('_history')).statusCode).toBe(403);
    expect((await ask('Patient/_history')).statusCode).toBe(403);
    expect((await ask('Basic/_history')).statusCode).toBe(200);
    fhir.access.denied.clear();
    fhir.access.narrowed = true;
    expect((await ask('Basic/_history')).json()).not.toHaveProperty('entry');
    fhir.access.narrowed = false;
  });
});
