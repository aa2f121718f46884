import { createConnection, type Connection } from 'mysql2/promise';
import { mysql } from '../../kit/databases.js';
import { create, openStore, put, repository, type StoreFixture } from '../../kit/fhir-store.js';
import { TcpProxy } from '../../kit/tcp-proxy.js';

const COMMIT = 'COMMIT';

describe.each([mysql])('recovery on $name', ({ create: createDatabase }) => {
  let url: URL;
  let proxy: TcpProxy;
  let fixture: StoreFixture;
  /** Past the proxy, for what the test itself does to the database. */
  let direct: Connection;
  let observer: Connection;

  beforeAll(async () => {
    url = new URL(await createDatabase());
    direct = await createConnection({ uri: url.href });
    await direct.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
    observer = await createConnection({ uri: url.href });
    proxy = new TcpProxy({ host: url.hostname, port: Number(url.port || 3306) });
    await proxy.listen();
    const through = new URL(url);
    through.hostname = '127.0.0.1';
    through.port = String(proxy.port);
    fixture = await openStore(through.href);
    await fixture.store.commit(put('Patient', 'warm'));
  });
  afterAll(async () => {
    await fixture.close();
    await direct.end();
    await observer.end();
    await proxy.close();
  });
  afterEach(() => {
    proxy.rule = () => 'pass';
  });
  const ridOf = async (id: string): Promise<number | undefined> =>
    (await fixture.store.read(repository, 'Patient', id))?.rid;
  /** The row, where nobody holds a lock on it. */
  const unlocked = async (rid: number | undefined): Promise<unknown[]> => {
    const [rows] = await observer.query('SELECT id FROM resource WHERE rid = ? FOR UPDATE SKIP LOCKED', [
      rid,
    ]);
    return rows as unknown[];
  };
  const versionOf = async (id: string): Promise<number | undefined> =>
    (await fixture.store.read(repository, 'Patient', id))?.version;

  test('a transaction that loses a deadlock is run again from the start', async () => {
    await fixture.store.commit(put('Patient', 'a'));
    await fixture.store.commit(put('Patient', 'b'));
    await direct.query('CREATE TABLE heavy (id INT PRIMARY KEY)');
    await direct.beginTransaction();
    // The one that has changed less is the one that the database gives up.
    await direct.query(
      `INSERT INTO heavy VALUES ${Array.from({ length: 200 }, (_, n) => `(${n})`).join(',')}`,
    );
    await direct.query('SELECT id FROM resource WHERE rid = ? FOR UPDATE', [await ridOf('b')]);
    let attempts = 0;
    const both = fixture.store.commit({
      repository,
      targets: () => {
        attempts++;
        return ['b', 'a'].map((id) => ({ type: 'Patient', id }));
      },
      apply: (context) => ({
        writes: ['a', 'b'].flatMap((id) => put('Patient', id).apply(context).writes),
        result: 'written',
      }),
    });
    const first = await ridOf('a');
    await waitUntil(async () => (await unlocked(first)).length === 0);
    await direct.query('SELECT id FROM resource WHERE rid = ? FOR UPDATE', [first]);
    await direct.rollback();
    expect(await both).toBe('written');
    expect(attempts).toBeGreaterThan(1);
    expect([await versionOf('a'), await versionOf('b')]).toEqual([2, 2]);
  });

  test('connections that the server closed are replaced, unseen by whoever writes', async () => {
    await Promise.all(
      Array.from({ length: 6 }, (_, n) => fixture.store.read(repository, 'Patient', `p${n}`)),
    );
    const [rows] = await direct.query(
      'SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id NOT IN (CONNECTION_ID(), ?)',
      [observer.threadId],
    );
    for (const { id } of rows as { id: number }[]) await direct.query(`KILL ${id}`);
    expect(await fixture.store.commit(put('Patient', 'after-kill'))).toBe(1);
    expect(await versionOf('after-kill')).toBe(1);
  });

  test('while the database is away writes and reads answer 503, and work again when it is back', async () => {
    await proxy.close();
    const away = { category: 'unavailable', code: 'DATABASE_UNAVAILABLE', retryAfter: 2 };
    await expect(fixture.store.commit(put('Patient', 'lost'))).rejects.toMatchObject(away);
    await expect(fixture.store.read(repository, 'Patient', 'warm')).rejects.toMatchObject(away);
    await proxy.listen();
    expect(await versionOf('lost')).toBeUndefined();
    expect(await fixture.store.commit(put('Patient', 'lost'))).toBe(1);
  });

  test.each(['break-before', 'break-after'] as const)(
    'a commit whose answer is lost (%s) is stored once and answered truly',
    async (decision) => {
      let broken = 0;
      proxy.rule = (data) => {
        if (broken > 0 || !data.includes(COMMIT)) return 'pass';
        broken++;
        return decision;
      };
      let applied = 0;
      const unit = put('Patient', decision);
      const version = await fixture.store.commit({
        ...unit,
        apply: (context) => {
          applied++;
          return unit.apply(context);
        },
      });
      expect(broken).toBe(1);
      expect(version).toBe(1);
      expect(applied).toBe(decision === 'break-before' ? 2 : 1);
      const history = await fixture.store.history(repository, 'Patient', decision, { count: 5 });
      expect(history).toMatchObject({ total: 1, versions: [{ version: 1 }] });
    },
  );

  test('a connection that breaks in the middle of a transaction leaves nothing of it behind', async () => {
    let broken = 0;
    proxy.rule = (data) => {
      if (broken > 0 || !data.includes('INSERT INTO index_token')) return 'pass';
      broken++;
      return 'break-before';
    };
    const values = [
      {
        code: 'identifier',
        values: [{ type: 'token' as const, system: null, code: 'x', text: null, caseSensitive: true }],
      },
    ];
    expect(await fixture.store.commit(create('Patient', 'middle', values))).toBe('middle');
    expect(broken).toBe(1);
    const [rows] = await direct.query("SELECT rid FROM resource WHERE id = 'middle'");
    expect(rows).toHaveLength(1);
  });
});

async function waitUntil(condition: () => Promise<boolean>): Promise<void> {
  for (let n = 0; n < 200; n++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it did not happen');
}
