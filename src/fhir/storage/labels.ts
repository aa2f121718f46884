import type { RestrictedQuery } from '../search/restricted-query.js';

/** A profile, security label or tag that some current resource has. */
export interface StoredLabel {
  readonly kind: 'profile' | 'security' | 'tag';
  /** Undefined: a profile, or a label without a system. */
  readonly system: string | undefined;
  /** Of a profile: its URL. */
  readonly code: string;
}

export interface StoredLabels {
  /**
   * The labels in use on the resources that a search for all of some types would find, in order, a thousand of each kind at
   * most.
   *
   * @throws FirekeepError 422 `FHIR_SEARCH_TOO_COSTLY`
   */
  inUse(query: RestrictedQuery): Promise<readonly StoredLabel[]>;
}

/** Injection token of StoredLabels. */
export const STORED_LABELS = Symbol('StoredLabels');
