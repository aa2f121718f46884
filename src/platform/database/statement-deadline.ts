import type { Database as Sqlite } from 'better-sqlite3';

/** SQLite has no statement timeout: a function in the statement looks at the clock now and then. */
const functionName = 'firekeep_deadline';

export class DeadlinePassed extends Error {
  constructor() {
    super('The statement ran beyond its deadline.');
  }
}

/** When the statement that runs on a connection is to be stopped. */
class Deadline {
  private until = Infinity;

  /** Runs a statement, synchronously, for at most some milliseconds. @throws what `isStatementTimeout` knows */
  within<T>(milliseconds: number, run: () => T): T {
    this.until = Date.now() + milliseconds;
    try {
      return run();
    } finally {
      this.until = Infinity;
    }
  }

  check(): 1 {
    if (Date.now() > this.until) throw new DeadlinePassed();
    return 1;
  }
}

const deadlines = new WeakMap<object, Deadline>();

/** Gives a SQLite connection the function of `deadlineCondition`. */
export function registerDeadline(database: Pick<Sqlite, 'function'>): void {
  const deadline = new Deadline();
  deadlines.set(database, deadline);
  database.function(functionName, { deterministic: false }, (_row) => deadline.check());
}

/** The deadline of a connection that has the function. */
export function deadlineOf(database: object): Deadline {
  const deadline = deadlines.get(database);
  if (deadline === undefined) throw new TypeError('The connection has no deadline function.');
  return deadline;
}

/**
 * A condition, always true, that stops a SQLite statement which runs longer than it was given. It looks at the
 * clock for about one row in 16 of a loop whose rows cost little. The number is mixed first: those of one kind may
 * be odd, or any other progression. A loop whose rows other conditions are tested on takes `deadlineOfEachRow`.
 *
 * @param row an integer column of the table that the statement loops over
 */
export function deadlineCondition(row: string): string {
  return `((((${row} & 16777215) * 40503 >> 12) & 15) <> 0 OR ${deadlineOfEachRow(row)})`;
}

/** The same, for each row. It must stand where the loop itself evaluates it, before what discards rows. */
export function deadlineOfEachRow(row: string): string {
  return `${functionName}(${row}) = 1`;
}

/**
 * A SELECT that MySQL or MariaDB stops after some milliseconds: MySQL takes the hint; MariaDB, which ignores it,
 * the comment that is none to it.
 */
export function stoppedAfter(milliseconds: number, statement: string): string {
  return (
    `/*M! SET STATEMENT max_statement_time=${milliseconds / 1000} FOR */ ` +
    statement.replace(/^SELECT/, `SELECT /*+ MAX_EXECUTION_TIME(${milliseconds}) */`)
  );
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
