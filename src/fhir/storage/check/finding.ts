/** What can be wrong in the store. */
export type FindingKind =
  /** The text of a version is no resource. */
  | 'body-unreadable'
  /** resourceType, id, meta.versionId or meta.lastUpdated differ from the row. */
  | 'body-differs'
  /** The row names a repository or type that has no name. */
  | 'name-missing'
  /** Versions are missing, surplus or not in order of time. */
  | 'history-broken'
  /** Superseded versions of no resource. */
  | 'history-orphaned'
  /** The index lacks a row that the body derives. */
  | 'index-missing'
  /** The index has a row that the body does not derive, or that belongs to a deleted resource. */
  | 'index-surplus'
  /** Index rows of no resource. */
  | 'index-orphaned'
  /** A resource has a number that could be given out again. */
  | 'number-unreserved';

/** One disagreement in the store. */
export interface Finding {
  readonly kind: FindingKind;
  /** Number of the resource. */
  readonly rid: number;
  /** `Type/id`; empty where there is no such row. */
  readonly resource: string;
  /** The version at fault, or the current one. */
  readonly version: number | null;
  readonly detail: string;
}

/** How far a check has come, or what it saw. */
export interface CheckCounts {
  /** Current rows, deleted ones included. */
  readonly resources: number;
  /** Versions whose text was read: current and superseded. */
  readonly versions: number;
  readonly indexRows: number;
  readonly findings: number;
}
