import { databases } from '../../kit/databases.js';
import type { TestResource } from './approved.js';
import { bearer, bearerPath, bothPath, World } from './application.js';

const json = 'application/fhir+json';
const of = (patient: string) => ({ reference: `Patient/${patient}` });
const observation = (id: string, subject: object, more: object = {}): TestResource => ({
  ...{ resourceType: 'Observation', id, status: 'final', code: { text: 'Weight' }, subject },
  ...more,
});

/** Over real HTTP: what docs/attacks.md names and no other suite tries. */
describe.each(databases)('reaching for another patient, on $name', ({ create }) => {
  let world: World;
  let ofA: string;

  const send = (
    method: string,
    url: string,
    token: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> =>
    fetch(url.startsWith('http') ? url : `${world.base(bearerPath)}/${url}`, {
      method,
      headers: { ...bearer(token), ...(body === undefined ? {} : { 'content-type': json }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  beforeAll(async () => {
    world = await World.start(await create(), { logLevel: 'silent' });
    const loader = await world.token({ clientId: 'loader' }, bearerPath);
    const stored: readonly TestResource[] = [
      ...['a', 'b'].map((id) => ({ resourceType: 'Patient', id, name: [{ family: `Family${id}` }] })),
      ...[0, 1, 2, 3].flatMap((n) => ['a', 'b'].map((id) => observation(`o-${id}-${n}`, of(id)))),
      observation('claims', { reference: '#a' }, { contained: [{ resourceType: 'Patient', id: 'a' }] }),
      {
        ...{ resourceType: 'Binary', id: 'scan', contentType: 'text/plain', data: 'c2VjcmV0' },
        securityContext: of('b'),
      },
    ];
    for (const resource of stored) {
      const answer = await send('PUT', `${resource.resourceType}/${resource.id}`, loader, resource);
      expect([answer.status, await answer.text()]).toEqual([201, expect.any(String)]);
    }
    ofA = await world.token({ username: 'alice', scope: 'patient/*.cruds', patient: 'a' }, bearerPath);
  });
  afterAll(() => world.close());

  async function nextOf(url: string, token: string): Promise<string> {
    const page = (await (await send('GET', url, token)).json()) as {
      link: { relation: string; url: string }[];
    };
    return page.link.find(({ relation }) => relation === 'next')?.url ?? '';
  }

  it('by the link to the next page of somebody else', async () => {
    const next = await nextOf('Observation?_count=2&_sort=_id', await world.token('alice', bearerPath));
    expect(next).toContain('_page=');
    for (const stranger of [
      await world.token('bob', bearerPath),
      await world.token({ username: 'dora', scope: 'user/*.rs' }, bearerPath),
      await world.token({ clientId: 'loader' }, bearerPath),
    ]) {
      const answer = await send('GET', next, stranger);
      expect([answer.status, (await answer.text()).includes('o-b-')]).toEqual([403, false]);
    }
    const elsewhere = next.replace(world.base(bearerPath), world.base(bothPath));
    expect((await send('GET', elsewhere, await world.token('alice', bothPath))).status).not.toBe(200);
  });

  it('by the link to the next page of the own wider token', async () => {
    const next = await nextOf('Observation?_count=2&_sort=_id', await world.token('alice', bearerPath));
    const shown: string[] = [];
    let url = next;
    while (url !== '') {
      const answer = await send('GET', url, ofA);
      expect(answer.status).toBe(200);
      const page = (await answer.json()) as {
        entry?: { resource: TestResource }[];
        link: { relation: string; url: string }[];
      };
      shown.push(...(page.entry ?? []).map(({ resource }) => resource.id));
      url = page.link.find(({ relation }) => relation === 'next')?.url ?? '';
    }
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.filter((id) => !id.startsWith('o-a-'))).toEqual([]);
  });

  it('by conditional headers', async () => {
    for (const headers of [
      { 'if-none-match': 'W/"1"' },
      { 'if-none-match': '*' },
      { 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' },
    ]) {
      const there = await send('GET', 'Observation/o-b-0', ofA, undefined, headers);
      const absent = await send('GET', 'Observation/o-x-0', ofA, undefined, headers);
      expect([there.status, there.headers.get('etag')]).toEqual([absent.status, absent.headers.get('etag')]);
      expect(there.status).toBe(404);
    }
    for (const tag of ['W/"1"', 'W/"7"']) {
      const body = observation('o-b-0', of('a'));
      const answer = await send('PUT', 'Observation/o-b-0', ofA, body, { 'if-match': tag });
      const absent = await send(
        'PUT',
        'Observation/o-x-0',
        ofA,
        { ...body, id: 'o-x-0' },
        { 'if-match': tag },
      );
      expect(answer.status).toBe(absent.status);
    }
  });

  it('by a subject that is changed, away from the own patient or into it', async () => {
    const away = await send('PUT', 'Observation/o-a-0', ofA, observation('o-a-0', of('b')));
    expect(away.status).toBe(403);
    const taken = await send('PUT', 'Observation/o-b-0', ofA, observation('o-b-0', of('a')));
    expect([403, 404]).toContain(taken.status);
    const all = await world.token('alice', bearerPath);
    for (const id of ['a', 'b']) {
      const { subject } = (await (await send('GET', `Observation/o-${id}-0`, all)).json()) as TestResource;
      expect(subject).toEqual(of(id));
    }
  });

  it('by a contained resource that says it is the patient', async () => {
    expect((await send('GET', 'Observation/claims', ofA)).status).toBe(404);
    const { entry = [] } = (await (await send('GET', 'Observation?_count=50', ofA)).json()) as {
      entry?: { resource: TestResource }[];
    };
    expect(entry.map(({ resource }) => resource.id).sort()).toEqual([0, 1, 2, 3].map((n) => `o-a-${n}`));
  });

  it('by a Binary, raw or as a resource', async () => {
    for (const accept of ['*/*', json, 'text/plain']) {
      const answer = await send('GET', 'Binary/scan', ofA, undefined, { accept });
      expect([404, 403]).toContain(answer.status);
      expect(await answer.text()).not.toMatch(/secret|c2VjcmV0/);
    }
  });

  it('by a compartment, counts and an operation', async () => {
    for (const url of ['Patient/b/Observation', 'Patient/b/*', 'Observation?patient=b&_summary=count']) {
      const answer = await send('GET', url, ofA);
      expect([url, answer.status, ((await answer.json()) as { total?: number }).total ?? 0]).toEqual([
        url,
        200,
        0,
      ]);
    }
    expect((await send('GET', 'Patient/b/$everything', ofA)).status).not.toBe(200);
    expect((await send('GET', 'Observation/o-b-1/$meta', ofA)).status).not.toBe(200);
    expect((await send('GET', 'Observation/o-b-1/_history', ofA)).status).toBe(404);
  });
});
