import type { Database as Sqlite, Statement } from 'better-sqlite3';
import type { Pool, PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2';
import type { SqlRow, SqlSession, SqlValue } from './sql-session.js';

/** Statements on a better-sqlite3 handle; prepared once a text. */
export class SqliteSession implements SqlSession {
  readonly dialect = 'sqlite' as const;
  private readonly statements = new Map<string, Statement>();

  constructor(private readonly handle: Sqlite) {}

  // eslint-disable-next-line @typescript-eslint/require-await -- the driver is synchronous; the port is not
  async query<T extends SqlRow = SqlRow>(sql: string, values: readonly SqlValue[] = []): Promise<T[]> {
    return this.prepare(sql).all(...values.map(bindable)) as T[];
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- as above
  async execute(sql: string, values: readonly SqlValue[] = []): Promise<number> {
    return this.prepare(sql).run(...values.map(bindable)).changes;
  }

  private prepare(sql: string): Statement {
    const known = this.statements.get(sql);
    if (known !== undefined) return known;
    if (this.statements.size >= 1000) this.statements.clear();
    const statement = this.handle.prepare(sql);
    this.statements.set(sql, statement);
    return statement;
  }
}

function bindable(value: SqlValue): string | number | bigint | Buffer | null {
  return typeof value === 'boolean' ? Number(value) : value;
}

/**
 * Statements on one MySQL connection, or on any connection of the pool. By callbacks: the driver's promises take
 * a stack trace a statement, which costs a tenth of a read.
 */
export class MysqlSession implements SqlSession {
  readonly dialect = 'mysql' as const;

  constructor(private readonly connection: Pool | PoolConnection) {}

  query<T extends SqlRow = SqlRow>(sql: string, values: readonly SqlValue[] = []): Promise<T[]> {
    return new Promise((resolve, reject) => {
      this.connection.query<RowDataPacket[]>(sql, values as SqlValue[], (error, rows) => {
        if (error === null) resolve(rows as unknown as T[]);
        else reject(error);
      });
    });
  }

  execute(sql: string, values?: readonly SqlValue[]): Promise<number> {
    return new Promise((resolve, reject) => {
      this.connection.query<ResultSetHeader>(sql, values as SqlValue[] | undefined, (error, result) => {
        if (error === null) resolve(result.affectedRows);
        else reject(error);
      });
    });
  }
}
