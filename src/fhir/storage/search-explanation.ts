/** How a search was answered, for an administrator: no values of the request, and nothing of what was found. */
export interface SearchExplanation {
  /**
   * What the page's statement reads first: `walk` the resources of the types in order, `stream` one range of an index
   * table in order, `gather` all rows of a condition and sort them; null: no statement was needed, since nothing can
   * match.
   */
  readonly driver: 'walk' | 'stream' | 'gather' | null;
  /** Conditions that could have driven it, with their rows; a count that reached the limit is at least that. */
  readonly candidates: readonly { readonly tables: readonly string[]; readonly rows: number }[];
  /** Rows at which counting a candidate stops. */
  readonly countLimit: number;
  readonly statements: readonly ExplainedStatement[];
}

export interface ExplainedStatement {
  readonly purpose: 'counts' | 'edge' | 'page' | 'total' | 'includes';
  /** With placeholders. */
  readonly sql: string;
  readonly milliseconds: number;
  /** Rows that it gave. */
  readonly rows: number;
  readonly plan: readonly PlanStep[];
}

/** One table access of a statement, as the database's EXPLAIN tells it. */
export interface PlanStep {
  /** Alias in the statement. */
  readonly table: string | null;
  /** The key that is used; null: none. */
  readonly index: string | null;
  /** Rows that the database expected to read each time; null: it doesn't say (SQLite). */
  readonly estimated: number | null;
  /** Rows that it read each time, on average; null: it doesn't say (SQLite, MySQL). */
  readonly read: number | null;
  /** Further remarks of the database. */
  readonly detail: string;
}
