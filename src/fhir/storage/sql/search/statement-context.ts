import type { Fragment } from './fragment.js';
import type { SearchNames } from './search-names.js';
import type { SqlText } from './sql-text.js';

/** What the statements of one search have in common. */
export interface StatementContext {
  readonly names: SearchNames;
  readonly text: SqlText;
  /** A condition that stops the statement at its deadline, for the row of an alias; null: not by a condition. */
  readonly deadline: ((alias: string) => Fragment) | null;
}
