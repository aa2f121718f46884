import { migrations } from '../../../migrations/index.js';
import { entities } from '../../../src/application/app.module.js';
import { Settings } from '../../../src/platform/config/index.js';
import {
  closeDatabase,
  deadlineCondition,
  isStatementTimeout,
  openDatabase,
  type Database,
  type Dialect,
} from '../../../src/platform/database/index.js';
import { databases } from '../../kit/databases.js';

const numbers = 'WITH RECURSIVE n (rid) AS (SELECT 1 UNION ALL SELECT rid + 1 FROM n WHERE rid < ';
const ten =
  '(SELECT 1 AS i UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 ' +
  'UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9 UNION ALL SELECT 10)';

/** So many rows, as the tables of a join. */
function powerOfTen(power: number): string {
  return Array.from({ length: power }, (_, n) => `${ten} t${n}`).join(', ');
}

/** Runs for hours. */
const heavy: Readonly<Record<Dialect, string>> = {
  sqlite: `${numbers}100000000000) SELECT COUNT(*) AS c FROM n WHERE ${deadlineCondition('rid')}`,
  mysql: `SELECT COUNT(*) AS c FROM ${powerOfTen(14)}`,
};
const cheap: Readonly<Record<Dialect, string>> = {
  sqlite: `${numbers}100) SELECT COUNT(*) AS c FROM n WHERE ${deadlineCondition('rid')}`,
  mysql: 'SELECT 100 AS c',
};

describe.each(databases)('reads that take long, on $name', ({ create }) => {
  let database: Database;

  const open = async (longSearches: number): Promise<Database> =>
    openDatabase(Settings.of({ databaseUrl: await create(), longSearches }), entities, migrations);
  const runHeavy = (timeout: number): Promise<unknown> =>
    database.query(heavy[database.dialect], [], timeout).catch((error: unknown) => error);

  beforeAll(async () => {
    database = await open(2);
  });

  afterAll(async () => {
    await closeDatabase(database);
  });

  it('are stopped in time, while reads by key, cheap reads and writes go on', async () => {
    const order: string[] = [];
    const ended = Promise.all([runHeavy(1500), runHeavy(1500)]).then((errors) => {
      order.push('heavy');
      return errors;
    });
    await database.query('SELECT 1');
    const [row] = await database.query(cheap[database.dialect], [], 1500);
    await database.transaction((session) => session.execute('DELETE FROM refusal'));
    order.push('others');
    const errors = await ended;
    expect(order).toEqual(['others', 'heavy']);
    expect(row).toEqual({ c: 100 });
    expect(errors.map(isStatementTimeout)).toEqual([true, true]);
  });

  it('are refused with 503 where as many wait as may', async () => {
    const outcomes: string[] = [];
    const all = Array.from({ length: 30 }, async () => {
      const error = await runHeavy(700);
      outcomes.push(
        isStatementTimeout(error) ? 'stopped' : ((error as { code?: string }).code ?? String(error)),
      );
    });
    await database.query('SELECT 1');
    expect(outcomes.filter((outcome) => outcome === 'stopped')).toEqual([]);
    await Promise.all(all);
    expect(new Set(outcomes)).toEqual(new Set(['stopped', 'DATABASE_BUSY']));
    expect(isStatementTimeout(await runHeavy(300))).toBe(true);
  });

  it('see what was committed before, bytes included', async () => {
    const bytes = Buffer.from([0, 1, 2, 255]);
    const slow =
      database.dialect === 'sqlite'
        ? `(${numbers}2000000) SELECT COUNT(*) FROM n WHERE ${deadlineCondition('rid')})`
        : `(SELECT COUNT(*) FROM ${powerOfTen(7)})`;
    for (const rid of [1, 2]) {
      await database.transaction((session) =>
        session.execute(
          'INSERT INTO resource (rid, repository, type, id, version, last_updated, deleted, method, content) ' +
            'VALUES (?, 1, 1, ?, 1, 1, 0, 1, ?)',
          [rid, `r${rid}`, bytes],
        ),
      );
      const rows = await database.query<{ rid: number; content: Buffer }>(
        `SELECT rid, content, ${slow} AS c FROM resource ORDER BY rid`,
        [],
        30_000,
      );
      expect(rows.map((row) => row.rid)).toEqual([1, 2].slice(0, rid));
      for (const { content } of rows) {
        expect(Buffer.isBuffer(content)).toBe(true);
        expect(content.equals(bytes)).toBe(true);
      }
    }
  });

  it('do not hold up others from within a transaction, where nothing was written yet', async () => {
    const order: string[] = [];
    const written = database
      .transaction((session) => session.query(heavy[database.dialect], [], 1000))
      .catch((error: unknown) => error)
      .then((error) => {
        order.push('transaction');
        return error;
      });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await database.query('SELECT 1');
    order.push('read');
    expect(isStatementTimeout(await written)).toBe(true);
    expect(order).toEqual(['read', 'transaction']);
  });

  it('see what their own transaction has written', async () => {
    const counted = await database.transaction(async (session) => {
      await session.execute("INSERT INTO fhir_system (uri) VALUES ('urn:own')");
      const where = database.dialect === 'sqlite' ? ` AND ${deadlineCondition('s.id')}` : '';
      return session.query(`SELECT COUNT(*) AS c FROM fhir_system s WHERE uri = 'urn:own'${where}`, [], 1000);
    });
    expect(counted).toEqual([{ c: 1 }]);
  });

  it('end when the database is closed', async () => {
    const other = await open(1);
    const running = other.query(heavy[other.dialect], [], 1_000).catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 400));
    await closeDatabase(other);
    const error = await running;
    if (other.dialect === 'sqlite') expect(error).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    else expect(error).toBeInstanceOf(Error);
  });
});
