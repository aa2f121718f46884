import { migrations } from '../../../migrations/index.js';
import { Settings } from '../../../src/platform/config/index.js';
import { closeDatabase, openDatabase, type Database } from '../../../src/platform/database/index.js';
import { databases } from '../../kit/databases.js';

describe.each(databases)('transactions of plain statements on $name', ({ create }) => {
  let database: Database;
  const insert = 'INSERT INTO fhir_criterion_guard (slot) VALUES (?)';

  beforeAll(async () => {
    database = await openDatabase(Settings.of({ databaseUrl: await create() }), [], [...migrations]);
  });
  beforeEach(() => database.transaction((session) => session.execute('DELETE FROM fhir_criterion_guard')));
  afterAll(() => closeDatabase(database));

  const slots = async (): Promise<number[]> => {
    const rows = await database.query('SELECT slot FROM fhir_criterion_guard ORDER BY slot');
    return rows.map(({ slot }) => Number(slot));
  };

  it('runs what was appended before the next statement, in order', async () => {
    const seen = await database.transaction(async (session) => {
      await session.append(insert, [1]);
      await session.append('UPDATE fhir_criterion_guard SET slot = slot + 10');
      await session.append(insert, [2]);
      const rows = await session.query(
        'SELECT slot FROM fhir_criterion_guard WHERE slot > ? ORDER BY slot',
        [0],
      );
      const changed = await session.execute('UPDATE fhir_criterion_guard SET slot = 3 WHERE slot = ?', [2]);
      return { slots: rows.map(({ slot }) => Number(slot)), changed };
    });
    expect(seen).toEqual({ slots: [2, 11], changed: 1 });
    expect(await slots()).toEqual([3, 11]);
  });

  it('commits what was appended and followed by nothing', async () => {
    await database.transaction((session) => session.append(insert, [7]));
    expect(await slots()).toEqual([7]);
  });

  it('stores nothing where an appended statement fails, and goes on to work', async () => {
    const failing = database.transaction(async (session) => {
      await session.append(insert, [1]);
      await session.append(insert, [1]);
      await session.append(insert, [2]);
    });
    // The driver's errors may be of another realm of Jest, and are no Error then.
    await expect(failing).rejects.toHaveProperty('code');
    expect(await slots()).toEqual([]);
    await database.transaction((session) => session.append(insert, [2]));
    expect(await slots()).toEqual([2]);
  });

  it('stores nothing where the work fails behind appended statements', async () => {
    const failing = database.transaction(async (session) => {
      await session.append(insert, [1]);
      await session.query('SELECT 1');
      await session.append(insert, [2]);
      throw new Error('changed its mind');
    });
    await expect(failing).rejects.toThrow('changed its mind');
    expect(await slots()).toEqual([]);
  });

  it('takes more than fits into one packet', async () => {
    const system = (n: number): string => `http://example.org/${n}/`.padEnd(500, 'x');
    await database.transaction(async (session) => {
      for (let n = 0; n < 6000; n++) {
        await session.append('INSERT INTO fhir_system (uri) VALUES (?)', [system(n)]);
      }
    });
    const [row] = await database.query(
      "SELECT COUNT(*) AS n FROM fhir_system WHERE uri LIKE 'http://example.org/%'",
    );
    expect(Number(row?.n)).toBe(6000);
  });

  it('takes values as they are, whatever they hold', async () => {
    const uri = `';\nROLLBACK; -- ? \\ "' /*`;
    await database.transaction(async (session) => {
      await session.append('INSERT INTO fhir_system (uri) VALUES (?)', [uri]);
      await session.append(insert, [5]);
    });
    const [row] = await database.query('SELECT COUNT(*) AS n FROM fhir_system WHERE uri = ?', [uri]);
    expect(Number(row?.n)).toBe(1);
    expect(await slots()).toEqual([5]);
  });

  it('sees between statements of one transaction no statement of another', async () => {
    const one = (slot: number) =>
      database.transaction(async (session) => {
        await session.append(insert, [slot]);
        await session.query('SELECT slot FROM fhir_criterion_guard WHERE slot = ?', [slot]);
        if (slot % 2 === 0) throw new Error('odd ones only');
      });
    await Promise.allSettled(Array.from({ length: 20 }, (_, slot) => one(slot)));
    expect(await slots()).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
  });
});
