export interface ChangeStamps {
  /**
   * A text that changes whenever a resource of one of the types is written or deleted, by whichever process: what was
   * derived from all of them holds as long as it stays. One cheap statement.
   */
  of(repository: string, types: readonly string[]): Promise<string>;
}

/** Injection token of ChangeStamps. */
export const CHANGE_STAMPS = Symbol('ChangeStamps');
