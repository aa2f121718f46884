import type { SqlRow, SqlSession, SqlValue } from './sql-session.js';

/** Statements in a transaction of SQLite. */
export class SqliteTransaction implements SqlSession {
  readonly dialect = 'sqlite' as const;
  private hasWritten = false;

  constructor(
    private readonly session: SqlSession,
    private readonly database: Pick<SqlSession, 'query'>,
  ) {}

  query<T extends SqlRow = SqlRow>(
    sql: string,
    values: readonly SqlValue[] = [],
    timeout?: number,
  ): Promise<T[]> {
    // While nobody else may write and this one has not, the reading side sees the same and holds nobody up.
    if (timeout !== undefined && !this.hasWritten) return this.database.query<T>(sql, values, timeout);
    return this.session.query<T>(sql, values, timeout);
  }

  execute(sql: string, values: readonly SqlValue[] = []): Promise<number> {
    this.hasWritten = true;
    return this.session.execute(sql, values);
  }

  append(sql: string, values: readonly SqlValue[] = []): Promise<void> {
    this.hasWritten = true;
    return this.session.append(sql, values);
  }
}
