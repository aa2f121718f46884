/** SQLite has no statement timeout: a function in the statement looks at the clock now and then. */
const functionName = 'firekeep_deadline';

class DeadlinePassed extends Error {}

export interface FunctionRegistry {
  function(
    name: string,
    options: { readonly deterministic: boolean },
    implementation: (row: unknown, until: unknown) => number,
  ): unknown;
}

/** Gives a SQLite connection the function of `deadlineCondition`. */
export function registerDeadline(database: FunctionRegistry): void {
  database.function(functionName, { deterministic: false }, (_row, until) => {
    if (Date.now() > Number(until)) throw new DeadlinePassed('The statement ran beyond its deadline.');
    return 1;
  });
}

/**
 * A condition, always true, that stops a SQLite statement after the time of its `?` (ms since the epoch). It
 * looks at the clock for one row in 64. `row` is an integer column of the table that the statement loops over.
 */
export function deadlineCondition(row: string): string {
  return `((${row} & 63) <> 0 OR ${functionName}(${row}, ?) = 1)`;
}

const timeoutNumbers: ReadonlySet<number> = new Set([
  1969, // MariaDB: max_statement_time exceeded
  3024, // MySQL: MAX_EXECUTION_TIME exceeded
]);

/** The statement was stopped because it took longer than it was given. */
export function isStatementTimeout(error: unknown): boolean {
  if (error instanceof DeadlinePassed) return true;
  const { errno } = (error ?? {}) as { readonly errno?: unknown };
  return typeof errno === 'number' && timeoutNumbers.has(errno);
}
