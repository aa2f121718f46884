import { RefusalsService, type Refusal } from '../../../src/access/index.js';
import { RefusalStore } from '../../../src/access/refusals/refusal-store.js';
import { Database } from '../../../src/platform/database/index.js';
import { databases, mysql } from '../../kit/databases.js';
import { TcpProxy } from '../../kit/tcp-proxy.js';
import { adminPath, basic, bearer, bearerPath, referenceOf, World } from './application.js';

const day = 86_400_000;

function refusal(number: number, lastAt: number, more: Partial<Refusal> = {}): Refusal {
  return {
    ...{ check: 'audience', trail: [], expected: 'e', actual: 'a', remedy: 'r', setting: 's' },
    ...{ status: 'unauthenticated', endpoint: 'http://localhost/fhir/r4', mode: 'bearer', method: 'GET' },
    ...{ path: '/fhir/r4/Patient', subject: null, clientId: null, address: '192.0.2.1', token: null },
    ...{ reference: `ref${number}`, times: 1, firstAt: lastAt, lastAt },
    ...more,
  };
}

describe.each(databases)('the memory of refusals on $name', ({ create }) => {
  let world: World;
  let databaseUrl: string;

  beforeAll(async () => {
    databaseUrl = await create();
    world = await World.start(databaseUrl, { refusalCapacity: 100, logLevel: 'info' });
  });
  afterAll(() => world.close());

  const rows = async (from = world): Promise<number> => {
    const [row] = await from.get(Database).query<{ n: number }>('SELECT COUNT(*) AS n FROM refusal');
    return Number(row?.n);
  };
  const list = (from = world): Promise<Refusal[]> => from.get(RefusalsService).list({ limit: 500 });

  it('counts equal refusals as one, under one reference', async () => {
    const answers = await Promise.all(
      Array.from({ length: 300 }, () => world.call(`${bearerPath}/Patient/same`)),
    );
    const references = new Set(answers.map(referenceOf));
    expect(references.size).toBe(1);
    await list();
    const [reference = ''] = references;
    expect(await world.get(RefusalsService).find(reference)).toMatchObject({
      reference,
      times: 300,
      path: `${bearerPath}/Patient/same`,
    });
    expect(await rows()).toBe(1);
  });

  it('goes on counting what is stored already', async () => {
    const first = await world.call(`${bearerPath}/Patient/counted`);
    await list();
    await world.call(`${bearerPath}/Patient/counted`);
    await list();
    expect(await world.explain(first)).toMatchObject({ times: 2 });
  });

  it('can be read from the moment on when the caller knows the reference', async () => {
    for (let number = 0; number < 50; number++) {
      const answer = await world.call(`${bearerPath}/Patient/at-once-${number}`);
      const flushing = list();
      expect((await world.explain(answer)).path).toBe(`${bearerPath}/Patient/at-once-${number}`);
      await flushing;
    }
  });

  it('is bounded against thousands of different refusals of one address', async () => {
    const before = world.log.length;
    for (let number = 0; number < 5_000; number += 100) {
      await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          world.call({ url: `${bearerPath}/Patient/one-${number + index}`, remoteAddress: '192.0.2.7' }),
        ),
      );
    }
    while ((await list()).length !== (await list()).length);
    const stored = (await list()).filter(({ address }) => address === '192.0.2.7');
    expect(stored.length).toBeLessThanOrEqual(201);
    const rest = stored.find(({ path }) => path === '*');
    expect(rest?.times).toBe(4_800);
    const lines = world.log.slice(before).split('\n');
    expect(lines.filter((line) => line.includes('"msg":"refused"')).length).toBeLessThanOrEqual(201);
  });

  it('is bounded against refusals of thousands of addresses, and says that some were not kept', async () => {
    const before = world.log.length;
    // They come faster than the database takes them, however slow this machine is.
    const store = world.get(RefusalStore);
    const save = store.save.bind(store);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    jest.spyOn(store, 'save').mockImplementation(async (refusals) => {
      await held;
      return save(refusals);
    });
    for (let number = 0; number < 4_000; number += 200) {
      await Promise.all(
        Array.from({ length: 200 }, (_, index) => {
          const host = number + index;
          return world.call({
            url: `${bearerPath}/Patient/many-${host}`,
            remoteAddress: `10.${host >> 16}.${(host >> 8) & 255}.${host & 255}`,
          });
        }),
      );
    }
    const service = world.get(RefusalsService) as unknown as {
      recent: Map<unknown, unknown>;
      pending: Map<unknown, unknown>;
      shares: Map<unknown, unknown>;
      prune(): Promise<void>;
    };
    expect(service.recent.size).toBeLessThanOrEqual(2_000);
    expect(service.shares.size).toBeLessThanOrEqual(2_000);
    expect(service.pending.size).toBeLessThanOrEqual(500);
    release();
    jest.restoreAllMocks();
    for (let time = 0; time < 5; time++) await list();
    expect(service.pending.size).toBe(0);
    await service.prune();
    expect(await rows()).toBeLessThanOrEqual(100);
    expect(world.log.slice(before)).toContain('refusals were too many to be kept');
  });

  it('deletes what is too old, then the oldest beyond its capacity', async () => {
    const store = world.get(RefusalStore);
    const database = world.get(Database);
    await database.transaction((session) => session.execute('DELETE FROM refusal').then(() => undefined));
    const now = Date.now();
    await store.save([
      refusal(1, now - 31 * day),
      refusal(2, now - 29 * day),
      ...Array.from({ length: 100 }, (_, index) => refusal(100 + index, now - index)),
    ]);
    await store.prune(now - 30 * day, 1_000);
    expect(await store.find('ref1')).toBeUndefined();
    expect(await store.find('ref2')).toBeDefined();
    await store.prune(now - 30 * day, 50);
    expect(await rows()).toBe(50);
    expect(await store.find('ref149')).toBeDefined();
    expect(await store.find('ref150')).toBeUndefined();
  });

  it('keeps texts of any length and language', async () => {
    const store = world.get(RefusalStore);
    const odd = refusal(7, Date.now(), {
      ...{ path: 'ä'.repeat(5_000), subject: '😀'.repeat(200), clientId: 'x'.repeat(3_000) },
      ...{ actual: '\u0000"\\\n😀\ud800', address: 'y'.repeat(500), endpoint: 'z'.repeat(900) },
    });
    await store.save([odd]);
    expect((await store.find('ref7'))?.path).toBe('ä'.repeat(300));
  });

  it('finds nothing under a reference that nobody was given', async () => {
    for (const reference of ['', 'x', "' OR 1=1 --", 'é', 'x'.repeat(10_000)]) {
      expect(await world.get(RefusalsService).find(reference)).toBeUndefined();
      const answer = await world.call({
        url: `${adminPath}/refusals/${encodeURIComponent(reference)}`,
        headers: basic('carla'),
      });
      expect(reference === '' ? [200] : [400, 404, 414]).toContain(answer.statusCode);
    }
  });

  it('is written out at the end', async () => {
    const url = await create();
    const ending = await World.start(url, { logLevel: 'info' });
    const references: string[] = [];
    for (let number = 0; number < 450; number++) {
      const answer = await ending.call({
        url: `${bearerPath}/Patient/end-${number}`,
        remoteAddress: `10.1.${number >> 8}.${number & 255}`,
      });
      references.push(referenceOf(answer));
    }
    await ending.close();
    expect(ending.log).not.toContain('refusals could not be stored');
    const again = await World.start(url, { logLevel: 'info' }, false);
    for (const reference of references) {
      expect(await again.get(RefusalsService).find(reference)).toMatchObject({ reference });
    }
    await again.close();
  });
});

describe('the memory of refusals while the database is away', () => {
  it('keeps refusing and remembers what it refused', async () => {
    const url = new URL(await mysql.create());
    const proxy = new TcpProxy({ host: url.hostname, port: Number(url.port) });
    await proxy.listen();
    url.port = String(proxy.port);
    const world = await World.start(url.href, { logLevel: 'info' });
    const token = await world.token('alice', bearerPath);
    const service = world.get(RefusalsService);
    await service.list();
    await proxy.close();

    const refused = await world.call(`${bearerPath}/Patient/while-away`);
    expect(refused.statusCode).toBe(401);
    const unknown = await world.call({ url: `${bearerPath}/Patient`, headers: bearer(token) });
    expect(unknown.statusCode).toBe(503);
    for (let time = 0; time < 3; time++) await service.list().catch(() => undefined);
    const warnings = world.log.split('\n').filter((line) => line.includes('refusals wait for the database'));
    expect(warnings).toHaveLength(1);
    expect(await world.explain(refused)).toMatchObject({ check: 'token-present' });

    await proxy.listen();
    await service.list();
    expect(await world.get(RefusalStore).find(referenceOf(refused))).toMatchObject({
      check: 'token-present',
    });
    await world.close();
    await proxy.close();
  });
});
