import type { Database as Sqlite, Statement } from 'better-sqlite3';
import { format } from 'mysql2';
import type { Pool, PoolConnection, QueryError, ResultSetHeader, RowDataPacket } from 'mysql2';
import type { SqlRow, SqlSession, SqlValue } from './sql-session.js';
import { deadlineOf, stoppedAfter } from './statement-deadline.js';

/** Statements on a better-sqlite3 handle; prepared once a text. */
export class SqliteSession implements SqlSession {
  readonly dialect = 'sqlite' as const;
  private readonly statements = new Map<string, Statement>();

  constructor(private readonly handle: Sqlite) {}

  // eslint-disable-next-line @typescript-eslint/require-await -- the driver is synchronous; the port is not
  async query<T extends SqlRow = SqlRow>(
    sql: string,
    values: readonly SqlValue[] = [],
    timeout?: number,
  ): Promise<T[]> {
    const statement = this.prepare(sql);
    const run = (): T[] => statement.all(bindable(values)) as T[];
    return timeout === undefined ? run() : deadlineOf(this.handle).within(timeout, run);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- as above
  async execute(sql: string, values: readonly SqlValue[] = []): Promise<number> {
    return this.prepare(sql).run(bindable(values)).changes;
  }

  async append(sql: string, values?: readonly SqlValue[]): Promise<void> {
    await this.execute(sql, values);
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

/** What the driver takes: all but truth values, which few statements have. */
export function bindable(values: readonly SqlValue[]): readonly SqlValue[] {
  for (const value of values) {
    if (typeof value === 'boolean')
      return values.map((each) => (typeof each === 'boolean' ? Number(each) : each));
  }
  return values;
}

/**
 * Reads on any connection of a MySQL pool. By callbacks: the driver's promises take a stack trace a statement,
 * which costs a tenth of a read.
 */
export class MysqlSession implements SqlSession {
  readonly dialect = 'mysql' as const;

  constructor(private readonly connection: Pool) {}

  query<T extends SqlRow = SqlRow>(
    sql: string,
    values: readonly SqlValue[] = [],
    timeout?: number,
  ): Promise<T[]> {
    const text = timeout === undefined ? sql : stoppedAfter(timeout, sql);
    return new Promise((resolve, reject) => {
      this.connection.query<(T & RowDataPacket)[]>(text, values as SqlValue[], (error, rows) => {
        if (error === null) resolve(rows);
        else reject(error);
      });
    });
  }

  execute(sql: string, values: readonly SqlValue[] = []): Promise<number> {
    return new Promise((resolve, reject) => {
      this.connection.query<ResultSetHeader>(sql, values as SqlValue[], (error, result) => {
        if (error === null) resolve(result.affectedRows);
        else reject(error);
      });
    });
  }

  async append(sql: string, values?: readonly SqlValue[]): Promise<void> {
    await this.execute(sql, values);
  }
}

/** Characters of appended statements that wait for a later one; far below a server's `max_allowed_packet`. */
const APPENDED_LENGTH = 1024 * 1024;

/**
 * A transaction on one MySQL connection, which must take several statements at once: what is appended goes to the
 * server together with the next statement, so that a transaction which reads nothing is one round trip. The server
 * stops at the first statement that fails.
 */
export class MysqlTransaction implements SqlSession {
  readonly dialect = 'mysql' as const;
  private appended: string[] = ['START TRANSACTION'];
  private length = 0;
  private isBegun = false;

  constructor(private readonly connection: PoolConnection) {}

  async query<T extends SqlRow = SqlRow>(
    sql: string,
    values?: readonly SqlValue[],
    timeout?: number,
  ): Promise<T[]> {
    const text = timeout === undefined ? sql : stoppedAfter(timeout, sql);
    return (await this.send(statementText(text, values))) as T[];
  }

  async execute(sql: string, values?: readonly SqlValue[]): Promise<number> {
    return ((await this.send(statementText(sql, values))) as ResultSetHeader).affectedRows;
  }

  async append(sql: string, values?: readonly SqlValue[]): Promise<void> {
    const text = statementText(sql, values);
    if (this.length + text.length > APPENDED_LENGTH && this.length > 0) await this.send();
    this.appended.push(text);
    this.length += text.length;
  }

  async commit(): Promise<void> {
    if (this.isBegun || this.length > 0) await this.send('COMMIT');
  }

  async rollback(): Promise<void> {
    this.appended = [];
    this.length = 0;
    if (this.isBegun) await this.send('ROLLBACK');
  }

  /** Runs what was appended and the statement. @returns the result of the last one */
  private send(statement?: string): Promise<unknown> {
    const statements = statement === undefined ? this.appended : [...this.appended, statement];
    this.appended = [];
    this.length = 0;
    this.isBegun = true;
    return new Promise((resolve, reject) => {
      const answer = (error: QueryError | null, result: unknown): void => {
        if (error !== null) reject(error);
        else resolve(statements.length === 1 ? result : (result as unknown[]).at(-1));
      };
      this.connection.query(statements.join(';\n'), answer);
    });
  }
}

function statementText(sql: string, values: readonly SqlValue[] | undefined): string {
  return values === undefined || values.length === 0 ? sql : format(sql, values as SqlValue[]);
}
