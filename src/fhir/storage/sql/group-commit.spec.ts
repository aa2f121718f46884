import type { Database, SqlSession } from '../../../platform/database/index.js';
import type { WriteUnit } from '../ports.js';
import { GroupCommit } from './group-commit.js';
import type { GroupParts } from './group-transaction.js';
import { SqlInternedNames } from './interned-names.js';

const driverError = (code: string): Error => Object.assign(new Error(code), { code });

/** A database whose transactions fail at their end, in turn, with these codes or errors. */
function failing(codes: (string | Error | undefined)[], units: () => void = () => undefined) {
  const session: SqlSession = {
    dialect: 'sqlite',
    query: () => Promise.resolve([]),
    execute: () => Promise.resolve(1),
    append: () => Promise.resolve(),
  };
  const database = {
    dialect: 'sqlite',
    transaction: async <T>(work: (open: SqlSession) => Promise<T>): Promise<T> => {
      const result = await work(session);
      units();
      const code = codes.shift();
      if (code !== undefined) throw typeof code === 'string' ? driverError(code) : code;
      return result;
    },
  } as unknown as Database;
  const parts = {
    search: { identities: () => Promise.resolve([]), page: () => Promise.reject(new Error('not used')) },
    now: () => 1,
  } as unknown as GroupParts;
  return new GroupCommit(database, new SqlInternedNames(database), parts);
}

const unit = (answer: () => string = () => 'done'): WriteUnit<string> => ({
  repository: 'r',
  apply: () => ({ writes: [], result: answer() }),
});

test.each(['SQLITE_BUSY', 'ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT', 'ECONNRESET'])(
  'a group that fails with %s is run again, its decisions included',
  async (code) => {
    let decisions = 0;
    const commit = failing([code, code]);
    expect(await commit.run([unit(() => `decision ${++decisions}`)])).toEqual([
      { kind: 'done', result: 'decision 3' },
    ]);
  },
);

test('a connection that turns out to be closed is replaced', async () => {
  const closed = Object.assign(new Error("Can't add new command when connection is in closed state"), {
    fatal: true,
  });
  const commit = failing([closed]);
  expect(await commit.run([unit()])).toEqual([{ kind: 'done', result: 'done' }]);
});

test('a group that always loses is refused with 503, without being taken apart', async () => {
  let runs = 0;
  const commit = failing(Array<string>(100).fill('ER_LOCK_DEADLOCK'), () => runs++);
  const outcomes = await commit.run([unit(), unit()]);
  expect(outcomes).toMatchObject([
    { kind: 'failed', error: { code: 'FHIR_STORE_CONTENDED', retryAfter: 1 } },
    { kind: 'failed', error: { code: 'FHIR_STORE_CONTENDED' } },
  ]);
  expect(runs).toBe(6);
});

test('a group whose statement fails is taken apart: each unit alone', async () => {
  let applied = 0;
  const commit = failing(['ER_DATA_TOO_LONG', undefined, 'ER_DATA_TOO_LONG']);
  const count = unit(() => `${++applied}`);
  expect(await commit.run([count, count, count])).toMatchObject([
    { kind: 'done' },
    { kind: 'failed', error: { code: 'ER_DATA_TOO_LONG' } },
    { kind: 'done' },
  ]);
  expect(applied).toBe(6);
});

test('a unit that throws an error of its own is not tried again', async () => {
  let applied = 0;
  const commit = failing([]);
  const refusing = unit(() => {
    applied++;
    throw new Error('refused');
  });
  expect(await commit.run([refusing, unit()])).toMatchObject([
    { kind: 'failed', error: { message: 'refused' } },
    { kind: 'done', result: 'done' },
  ]);
  expect(applied).toBe(1);
});
