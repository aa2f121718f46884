import { FirekeepError } from '../../../../platform/errors/index.js';

/**
 * A SELECT that MySQL or MariaDB stops after some milliseconds: MySQL takes the hint; MariaDB, which ignores it,
 * the comment that is none to it.
 */
export function bounded(statement: string, timeout: number): string {
  return (
    `/*M! SET STATEMENT max_statement_time=${timeout / 1000} FOR */ ` +
    statement.replace(/^SELECT/, `SELECT /*+ MAX_EXECUTION_TIME(${timeout}) */`)
  );
}

/** @returns the error for a search or history whose statement was stopped. */
export function tooCostly(cause: unknown): FirekeepError {
  return new FirekeepError(
    'unprocessable',
    'FHIR_SEARCH_TOO_COSTLY',
    'The search took too long and was stopped. Narrow it: add a parameter that few resources match, such as ' +
      'patient, identifier, code or a range of dates, and leave out _sort and _total where they are not needed.',
    { cause },
  );
}
