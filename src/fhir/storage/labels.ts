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
   * The labels in use, in order, a thousand of each kind at most.
   *
   * @param type undefined: on resources of any type
   */
  inUse(repository: string, type: string | undefined): Promise<readonly StoredLabel[]>;
}

/** Injection token of StoredLabels. */
export const STORED_LABELS = Symbol('StoredLabels');
