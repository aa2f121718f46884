import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { RefusalStore } from '../../../src/access/refusals/refusal-store.js';
import { AuditRetentionJob } from '../../../src/audit/index.js';
import { ReindexRunner, ServerResources } from '../../../src/fhir/index.js';
import { REINDEX_JOBS, type ReindexJobs } from '../../../src/fhir/storage/reindex-jobs.js';
import { ReceiptPurgeJob } from '../../../src/fhir/storage/receipt-purge.job.js';
import { ArtifactPurgeJob } from '../../../src/oauth2/store/artifact-purge.job.js';
import { Database, type SqlSession, type SqlValue } from '../../../src/platform/database/index.js';
import { ProofPurgeJob } from '../../../src/platform/proofs/proof-purge.job.js';
import { AttemptPurgeJob } from '../../../src/platform/throttling/attempt-purge.job.js';
import { databases, sqlite } from '../../kit/databases.js';
import { World } from '../access/application.js';

const rows = 2_000;
const yearsAhead = Date.now() + 20 * 365 * 86_400_000;

/** A table with rows that are over, and the work that removes them. */
interface Removal {
  readonly table: string;
  readonly columns: readonly string[];
  readonly row: (index: number) => readonly SqlValue[];
  readonly run: (world: World) => Promise<unknown>;
}

const removals: readonly Removal[] = [
  {
    table: 'oauth2_artifact',
    columns: ['id_hash', 'model', 'client_id', 'payload', 'issued_at', 'expires_at'],
    row: (index) => [randomBytes(32), 'AccessToken', 'app', Buffer.alloc(50), 1, index],
    run: (world) => world.get(ArtifactPurgeJob).run(),
  },
  {
    table: 'oauth2_device_poll',
    columns: ['id_hash', 'polled_at', 'wait', 'expires_at'],
    row: (index) => [randomBytes(32), 1, 1, index],
    run: (world) => world.get(ArtifactPurgeJob).run(),
  },
  {
    table: 'dpop_proof',
    columns: ['id_hash', 'expires_at'],
    row: (index) => [randomBytes(32), index],
    run: (world) => world.get(ProofPurgeJob).run(),
  },
  {
    table: 'attempt_count',
    columns: ['name', 'attempts', 'blocked_until', 'expires_at'],
    row: (index) => [`guess:${index}`, 1, 0, index],
    run: (world) => world.get(AttemptPurgeJob).run(),
  },
  {
    table: 'fhir_receipt',
    columns: ['receipt_key', 'request', 'expires', 'answer'],
    row: (index) => [randomBytes(32), randomBytes(32), index, Buffer.alloc(50)],
    run: (world) => world.get(ReceiptPurgeJob).run(),
  },
  {
    table: 'refusal',
    columns: [
      ...['reference', 'check_name', 'status', 'endpoint', 'mode', 'method', 'path', 'address'],
      ...['explanation', 'times', 'first_at', 'last_at'],
    ],
    row: (index) => [
      ...[`reference${index}`, 'scope', 'forbidden', '/fhir/r4', 'bearer', 'GET', '/', '::1', '{}', 1],
      ...[index, index],
    ],
    run: (world) => world.get(RefusalStore).prune(Date.now() - 86_400_000, 10_000),
  },
];

/** Rows that each transaction removed of a table, and how often everything else had its turn. */
interface Watched {
  readonly removed: readonly number[];
  readonly turns: number;
}

async function watching(world: World, table: string, work: () => Promise<unknown>): Promise<Watched> {
  const database = world.get(Database);
  const removed: number[] = [];
  const transaction = jest.spyOn(database, 'transaction');
  const original = Database.prototype.transaction;
  transaction.mockImplementation((run) =>
    original.call(database, async (session: SqlSession) => {
      const watched = new Proxy(session, {
        get: (target, name: keyof SqlSession) => {
          if (name !== 'execute') return bound(target, name);
          return async (sql: string, values?: readonly SqlValue[]) => {
            const count = await target.execute(sql, values);
            if (sql.startsWith('DELETE') && sql.includes(`FROM ${table} `)) removed.push(count);
            return count;
          };
        },
      });
      return run(watched);
    }),
  );
  let turns = 0;
  let isDone = false;
  const others = (async () => {
    for (; !isDone; turns += 1) await setImmediate();
  })();
  try {
    await work();
  } finally {
    isDone = true;
    transaction.mockRestore();
  }
  await others;
  return { removed, turns };
}

function bound(target: SqlSession, name: keyof SqlSession): unknown {
  const member: unknown = target[name];
  return typeof member === 'function' ? member.bind(target) : member;
}

const countOf = async (world: World, table: string): Promise<number> => {
  const [row] = await world.get(Database).query<{ found: number }>(`SELECT COUNT(*) AS found FROM ${table}`);
  return Number(row?.found);
};

const event = {
  resourceType: 'AuditEvent',
  type: { code: 'rest' },
  recorded: '2020-01-01T00:00:00Z',
  agent: [{ requestor: true }],
  source: { observer: { display: 'Firekeep' } },
} as const;

describe.each(databases)('what runs by itself on $name', ({ create }) => {
  let world: World;

  beforeAll(async () => {
    world = await World.start(await create(), { logLevel: 'silent', audit: [], reindexLoad: 100 });
  });
  afterAll(() => world.close());

  it.each(removals)('removes rows of $table a few at a time, and others have their turn', async (removal) => {
    const { table, columns, row, run } = removal;
    const before = await countOf(world, table);
    const marks = `(${columns.map(() => '?').join(', ')})`;
    const all = Array.from({ length: rows }, (_, index) => row(1_000 + index));
    for (let start = 0; start < rows; start += 500) {
      const some = all.slice(start, start + 500);
      await world
        .get(Database)
        .transaction((session) =>
          session.execute(
            `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${some.map(() => marks).join(', ')}`,
            some.flat(),
          ),
        );
    }
    const { removed, turns } = await watching(world, table, () => run(world));
    expect(removed.reduce((sum, count) => sum + count, 0)).toBe(rows);
    expect(Math.max(...removed)).toBeLessThanOrEqual(512);
    expect(turns).toBeGreaterThanOrEqual(removed.length);
    expect(await countOf(world, table)).toBe(before);
  });

  it('keeps what was prolonged since it was looked for', async () => {
    const database = world.get(Database);
    await database.transaction((session) =>
      session.execute(
        'INSERT INTO attempt_count (name, attempts, blocked_until, expires_at) VALUES (?, 1, 0, ?)',
        ['prolonged', 1_000],
      ),
    );
    const query = jest.spyOn(database, 'query').mockImplementationOnce(async (sql, values) => {
      query.mockRestore();
      const found = await database.query(sql, values);
      await database.transaction((session) =>
        session.execute('UPDATE attempt_count SET expires_at = ? WHERE name = ?', [yearsAhead, 'prolonged']),
      );
      return found;
    });
    await world.get(AttemptPurgeJob).run();
    expect(await database.query('SELECT name FROM attempt_count WHERE name = ?', ['prolonged'])).toHaveLength(
      1,
    );
  });

  it('stores and removes events of the audit a few at a time, and others have their turn', async () => {
    const resources = world.get(ServerResources);
    const prepared = await watching(world, 'resource', () =>
      resources.append(
        'r4',
        Array.from({ length: 400 }, () => event),
      ),
    );
    expect(prepared.turns).toBeGreaterThanOrEqual(16);
    const { turns } = await watching(world, 'resource', () => world.get(AuditRetentionJob).run(yearsAhead));
    expect(turns).toBeGreaterThanOrEqual(4);
    expect(await countOf(world, 'resource')).toBe(0);
  });

  it('indexes again a few at a time, and others have their turn, even where it may work without a pause', async () => {
    const resources = world.get(ServerResources);
    await resources.append(
      'r4',
      Array.from({ length: 300 }, () => event),
    );
    const jobs = world.app.get<ReindexJobs>(REINDEX_JOBS, { strict: false });
    const id = await jobs.add(null, { types: ['AuditEvent'] }, 'test');
    const { turns } = await watching(world, 'resource', () => world.get(ReindexRunner).turn());
    expect(await jobs.find(id)).toMatchObject({ status: 'done', total: 300, done: 300 });
    expect(turns).toBeGreaterThanOrEqual(300 / 64);
  });
});

describe('the log of SQLite', () => {
  it('is carried over into the file while commits come, before it is long', async () => {
    const url = await sqlite.create();
    const world = await World.start(url, { logLevel: 'silent', audit: [] });
    try {
      const file = url.slice('sqlite:'.length);
      const size = (): number => statSync(file).size;
      const before = size();
      const database = world.get(Database);
      // 8 pages a commit: fewer than those behind which SQLite does it by itself.
      for (let commit = 0; commit < 300; commit += 1) {
        await database.transaction((session) =>
          session.execute(
            'INSERT INTO fhir_receipt (receipt_key, request, expires, answer) VALUES (?, ?, ?, ?)',
            [randomBytes(32), randomBytes(32), yearsAhead, Buffer.alloc(32_768, 1)],
          ),
        );
      }
      while (size() === before) {
        await sleep(20);
        await database.transaction((session) => session.execute("DELETE FROM attempt_count WHERE name = ''"));
      }
      expect(size()).toBeGreaterThan(before);
    } finally {
      await world.close();
    }
  });
});
