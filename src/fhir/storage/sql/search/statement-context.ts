import type { Fragment } from './fragment.js';
import type { SearchNames } from './search-names.js';
import type { SqlText } from './sql-text.js';

/** Conditions by which SQLite's statements look at the clock, for the rows of an alias. */
export interface Deadline {
  /** Of a loop that reads one row after the other. */
  ofRows(alias: string): Fragment;
  /** Of a loop on whose rows other conditions are tested, each of which may take long. */
  ofTested(alias: string): Fragment;
}

/** What conditions on single resources are written with. */
export interface ProbeContext {
  readonly text: SqlText;
  /** Conditions that stop the statement at its deadline; null: it is stopped by the database. */
  readonly deadline: Deadline | null;
}

/** What the statements of one search have in common. */
export interface StatementContext extends ProbeContext {
  readonly names: SearchNames;
}
