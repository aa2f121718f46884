/** A person as a source knows them. */
export interface SourceUser {
  /**
   * What never changes and is never given to another person: `entryUUID`, `objectGUID`; where there is no such thing,
   * the username. 1 to 255 characters. Where it is another one than before, the name is another person's, who isn't
   * let in.
   */
  readonly id: string;
  /** Exactly as it was asked for: names are case-sensitive here, and another spelling is another user. */
  readonly username: string;
  /** Built-in roles and defined ones; others grant nothing and are logged. */
  readonly roles: readonly string[];
  /** `Practitioner/alice`, or an absolute URL. */
  readonly fhirUser?: string | null;
  /** False: known, and not let in. Absent: true. */
  readonly enabled?: boolean;
}

/** How long a source may take, and how long holds what it said. */
export interface SourceBounds {
  /** Names it in the management API and in the log: 2 to 64 lower-case letters, digits and hyphens. Never changes. */
  readonly name: string;
  /** Seconds that one call may take, 1 to 60; 5 where it is absent. Then `signal` is aborted. */
  readonly timeout?: number;
  /**
   * Seconds for which an answer holds, 1 to 3600; 60 where it is absent. What the source takes from a user is gone
   * after that long at the latest, and so is the access of its users while it doesn't answer.
   */
  readonly maximumAge?: number;
}

/**
 * Where users and their roles come from, besides the accounts of this server: a directory. Whatever a method throws
 * counts as "can't be asked now": the caller gets 503, and nobody is let in or taken for a wrong password.
 */
export interface UserSource extends SourceBounds {
  /**
   * Checks a password, which is never empty.
   *
   * @param signal aborted when the time is up; what still runs then must end
   * @returns null: there is no such user, or the password is wrong
   */
  authenticate(username: string, password: string, signal: AbortSignal): Promise<SourceUser | null>;
  /** Without a password: who signed in earlier, as they are now. @returns null: there is no such user (any more) */
  find(username: string, signal: AbortSignal): Promise<SourceUser | null>;
}

/** Gives roles to users whose account is elsewhere, beside those that the account has. */
export interface RoleSource extends SourceBounds {
  /** @returns none: it doesn't know the user */
  rolesOf(username: string, signal: AbortSignal): Promise<readonly string[]>;
}

/** Seconds where a source says nothing. */
const defaults = { timeout: 5, maximumAge: 60 } as const;

/** Milliseconds. */
export function timeoutOf({ timeout = defaults.timeout }: SourceBounds): number {
  return timeout * 1000;
}

/** Milliseconds. */
export function maximumAgeOf({ maximumAge = defaults.maximumAge }: SourceBounds): number {
  return maximumAge * 1000;
}
