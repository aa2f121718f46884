/** An account. Its password is elsewhere and never leaves `users`. */
export interface User {
  readonly id: number;
  /** `sub` of the user's tokens: ASCII, case-sensitive, immutable, never reused. */
  readonly username: string;
  readonly roles: string[];
  /** `Practitioner/alice`, or an absolute URL. */
  readonly fhirUser: string | null;
  readonly enabled: boolean;
  /** Counts up with every change; the ETag. */
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Name of the source that it comes from; null: from here, with a password of its own. */
  readonly source: string | null;
  /** Who it is there: what the source never gives to another person. */
  readonly sourceId: string | null;
  /** Whether the source had this user, enabled, when it was asked last. */
  readonly sourceActive: boolean | null;
  /** Milliseconds since the epoch: when that was. */
  readonly sourceCheckedAt: number | null;
}

export interface UserInput {
  readonly username: string;
  readonly password: string;
  readonly roles?: readonly string[];
  readonly fhirUser?: string | null;
  readonly enabled?: boolean;
}

/** What of an account can be changed; the username can't. */
export interface UserChanges {
  readonly roles?: readonly string[];
  readonly fhirUser?: string | null;
  readonly enabled?: boolean;
}
