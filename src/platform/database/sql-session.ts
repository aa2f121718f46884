export type Dialect = 'sqlite' | 'mysql';

/** Values that a statement's `?` placeholders take. Buffers are bytes, booleans are 0 and 1. */
export type SqlValue = string | number | bigint | boolean | Buffer | null;

export type SqlRow = Record<string, unknown>;

/**
 * Statements on one connection: inside `Database.transaction` all of them commit or none does. Placeholders
 * are `?` on every database; a placeholder never takes a list.
 */
export interface SqlSession {
  readonly dialect: Dialect;
  /**
   * Rows of a SELECT. BLOB columns are Buffers; BIGINTs up to 2^53 are numbers.
   *
   * @param timeout milliseconds after which the statement is stopped; on SQLite it must hold a
   *   `deadlineCondition`
   * @throws what `isStatementTimeout` knows, where it was stopped
   */
  query<T extends SqlRow = SqlRow>(sql: string, values?: readonly SqlValue[], timeout?: number): Promise<T[]>;
  /** Rows that an INSERT, UPDATE or DELETE changed. */
  execute(sql: string, values?: readonly SqlValue[]): Promise<number>;
  /**
   * An INSERT, UPDATE or DELETE of whose result nothing depends: run in its place before the next statement of
   * the session and before the COMMIT, which is where its error may surface.
   */
  append(sql: string, values?: readonly SqlValue[]): Promise<void>;
}
