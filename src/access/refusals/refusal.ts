/** One check of the gate and how it ended for a refused request. */
export interface TrailEntry {
  readonly check: string;
  /** `not-applicable`: the request brought nothing that the check looks at. */
  readonly result: 'passed' | 'not-applicable' | 'failed' | 'not-reached';
}

/** What the token of a refused request said; never the token itself. */
export interface RefusalToken {
  readonly isUserToken: boolean;
  readonly scopes: readonly string[];
  readonly audience: readonly string[];
  readonly patient: string | null;
}

/** What is recorded of a refusal. No password, no token, no query string. */
export interface RefusalFacts {
  /** The check that failed. */
  readonly check: string;
  readonly trail: readonly TrailEntry[];
  readonly expected: string;
  readonly actual: string;
  readonly remedy: string;
  /** The setting or object to look at. */
  readonly setting: string;
  /** Error category of the answer. */
  readonly status: string;
  /** Base URL of the endpoint. */
  readonly endpoint: string;
  readonly mode: string;
  readonly method: string;
  readonly path: string;
  readonly subject: string | null;
  readonly clientId: string | null;
  readonly address: string;
  /** Null: none was brought, or it was not verified. */
  readonly token: RefusalToken | null;
}

/** A refusal as kept; equal ones within a window are one, counted. Times are milliseconds since the epoch. */
export interface Refusal extends RefusalFacts {
  readonly reference: string;
  readonly times: number;
  readonly firstAt: number;
  readonly lastAt: number;
}
