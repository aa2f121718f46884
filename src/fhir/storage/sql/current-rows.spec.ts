import type { SqlRow, SqlSession, SqlValue } from '../../../platform/database/index.js';
import { CurrentRows } from './current-rows.js';

/** A session of MySQL that answers each statement with the rows that are there when it comes. */
class RecordedSession implements Pick<SqlSession, 'query'> {
  readonly dialect = 'mysql' as const;
  readonly asked: { sql: string; values: readonly SqlValue[] }[] = [];
  readonly stored = new Set<string>();
  fails = false;

  query<T extends SqlRow>(sql: string, values: readonly SqlValue[] = []): Promise<T[]> {
    this.asked.push({ sql, values });
    if (this.fails) return Promise.reject(new Error('away'));
    const [repository, type, ...ids] = values;
    const rows = ids
      .filter((id) => this.stored.has([repository, type, id].join('/')))
      .reverse()
      .map((id) => ({ id: Buffer.from(String(id)), rid: [repository, type, id].join('/') }));
    return Promise.resolve(rows as unknown as T[]);
  }
}

function reader(): { session: RecordedSession; rows: CurrentRows } {
  const session = new RecordedSession();
  return { session, rows: new CurrentRows(session as unknown as SqlSession) };
}

describe('current rows by key', () => {
  it('answers each of many reads of one turn with its own row, by few statements', async () => {
    const { session, rows } = reader();
    const keys = Array.from({ length: 40 }, (_, n) => [1 + (n % 2), 7, `id-${n}`] as const);
    for (const [repository, type, id] of keys) {
      if (id !== 'id-5') session.stored.add(`${repository}/${type}/${id}`);
    }
    const answers = await Promise.all(keys.map((key) => rows.read(...key)));
    expect(answers.map((row) => row?.rid)).toEqual(
      keys.map(([repository, type, id]) => (id === 'id-5' ? undefined : `${repository}/${type}/${id}`)),
    );
    // 20 of each repository, 16 a statement.
    expect(session.asked.map(({ values }) => values.length - 2)).toEqual([16, 4, 16, 4]);
  });

  it('reads a key that several ask for once, and never joins a statement that has gone', async () => {
    const { session, rows } = reader();
    const early = [rows.read(1, 7, 'a'), rows.read(1, 7, 'a')];
    await new Promise(setImmediate);
    session.stored.add('1/7/a');
    const late = rows.read(1, 7, 'a');
    expect(await Promise.all(early)).toEqual([undefined, undefined]);
    expect((await late)?.rid).toBe('1/7/a');
    expect(session.asked).toHaveLength(2);
  });

  it('tells everyone who waits for a statement that it failed, and goes on', async () => {
    const { session, rows } = reader();
    session.fails = true;
    const failing = await Promise.allSettled([rows.read(1, 7, 'a'), rows.read(1, 7, 'b')]);
    expect(failing.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    session.fails = false;
    session.stored.add('1/7/a');
    expect((await rows.read(1, 7, 'a'))?.rid).toBe('1/7/a');
  });
});
