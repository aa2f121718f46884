import type { Database, Dialect, SqlRow, SqlSession, SqlValue } from '../../../platform/database/index.js';
import { FirekeepError } from '../../../platform/errors/index.js';

/** Statements over what is committed, each on whichever connection is free. */
export class ReadSession implements SqlSession {
  readonly dialect: Dialect;

  constructor(private readonly database: Database) {
    this.dialect = database.dialect;
  }

  query<T extends SqlRow = SqlRow>(
    sql: string,
    values: readonly SqlValue[] = [],
    timeout?: number,
  ): Promise<T[]> {
    return this.database.query<T>(sql, values, timeout);
  }

  execute(): Promise<never> {
    return Promise.reject(
      new FirekeepError('internal', 'FHIR_STORE_READ_ONLY', 'A reading session was asked to write.'),
    );
  }

  append(): Promise<never> {
    return this.execute();
  }
}
