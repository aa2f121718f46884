/** A search parameter of a resource type, with a digest of what decides its values. */
export interface RecordedParameter {
  readonly type: string;
  readonly code: string;
  /** SHA-256, hexadecimal. */
  readonly digest: string;
}

/** Remembers which added search parameters every stored resource has been indexed by. */
export interface SearchCoverageStore {
  /**
   * Records the parameters that this database is written with from now on; others are forgotten. The index is
   * complete for one that has been recorded at every start since there was no resource of its type.
   *
   * @returns for each parameter whether the index is complete
   */
  record(parameters: readonly RecordedParameter[]): Promise<readonly boolean[]>;
}

/** Injection token of the SearchCoverageStore. */
export const SEARCH_COVERAGE = Symbol('SearchCoverage');
