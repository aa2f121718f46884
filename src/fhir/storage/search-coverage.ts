import type { CoverageState } from '../definitions/index.js';

/** A search parameter of a resource type, with a digest of what decides its values. */
export interface RecordedParameter {
  readonly type: string;
  readonly code: string;
  /** SHA-256, hexadecimal. */
  readonly digest: string;
}

/** Remembers what the index holds of added search parameters. */
export interface SearchCoverageStore {
  /**
   * Records the parameters that this database is written with from now on; others are retired, since what is
   * written from now on has no values of them. The index is complete for a parameter that has been recorded at
   * every start since there was no resource of its type.
   *
   * @returns what the index holds of each parameter
   */
  record(parameters: readonly RecordedParameter[]): Promise<readonly CoverageState[]>;
}

/** Injection token of the SearchCoverageStore. */
export const SEARCH_COVERAGE = Symbol('SearchCoverage');
