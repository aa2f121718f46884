import type { FhirEndpoint } from '../../endpoints/index.js';
import type { ErrorCategory } from '../../platform/errors/index.js';
import type { User } from '../../users/index.js';
import type { GuardedRule, AccessTokenClaims, CheckMode, Principal } from '../../contract/index.js';
import type { PresentedCredentials } from '../credentials/presented-credentials.js';

/** Names of the checks, as `firekeep explain` shows them. */
export type CheckName =
  | 'open-allowed'
  | 'credentials-form'
  | 'basic-present'
  | 'token-present'
  | 'basic-password'
  | 'token-form'
  | 'token-signature'
  | 'token-active'
  | 'token-time'
  | 'token-issuer'
  | 'dpop-proof'
  | 'audience'
  | 'client-enabled'
  | 'user-enabled'
  | 'user-token'
  | 'same-user'
  | 'admin-role'
  | 'cross-site'
  | 'scope'
  | ExtensionCheckName;

/** Of a check that an extension adds: `clinic.opening-hours`. */
export type ExtensionCheckName = `${string}.${string}`;

/** What a check says when it fails. Only `message` and the RFC 6750 error reach the caller. */
export interface CheckFailure {
  readonly category: ErrorCategory;
  /** RFC 6750 section 3.1, RFC 9449 section 7.1; null: the challenge carries no error, since the caller brought no token. */
  readonly error:
    | 'invalid_request'
    | 'invalid_token'
    | 'insufficient_scope'
    | 'invalid_dpop_proof'
    | 'use_dpop_nonce'
    | null;
  readonly message: string;
  /** Scopes that would do, for `insufficient_scope`. */
  readonly scope?: string;
  /** For the client's next proof, with `use_dpop_nonce`. */
  readonly nonce?: string;
  readonly retryAfter?: number;
  readonly expected: string;
  readonly actual: string;
  readonly remedy: string;
  /** The setting or object to look at. */
  readonly setting: string;
  /** Where one check covers several facts (a token), the fact that failed. */
  readonly check?: CheckName;
}

/** What the checks of one request see and find out. */
export interface CheckContext {
  readonly target: GuardedTarget;
  readonly credentials: PresentedCredentials;
  readonly address: string;
  /** Set by the Basic check. */
  basicUser?: User;
  /** Set by the token check. */
  claims?: AccessTokenClaims;
  /** Set by the user check: the account that the token speaks for, or the Basic user. */
  user?: User;
  /** Set once it is known who calls. */
  principal?: Principal;
  /** The request is imagined. */
  readonly simulated?: true;
  /** It is an entry of the Bundle that was sent. */
  readonly isEntry?: true;
}

/** What is being guarded: a FHIR endpoint with a route's rule, or the management API. */
export interface GuardedTarget {
  readonly kind: 'fhir' | 'administration';
  readonly mode: CheckMode;
  /** Base URL: the audience that a token must name. */
  readonly base: string;
  /** Null for the management API. */
  readonly endpoint: FhirEndpoint | null;
  /** What the route has declared; null for the management API. A public route has nothing to guard. */
  readonly rule: GuardedRule | null;
  readonly method: string;
  /** As the caller writes it: public address and path, without the query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly resourceType: string | null;
  readonly id: string | null;
  readonly operation: string | null;
}

/** One check: undefined when it passes. */
export interface Check {
  readonly name: CheckName;
  /** Whether the request brings what it looks at; where it does not, the check passes. Absent: it always does. */
  applies?(context: CheckContext): boolean;
  /** It is of what is sent to prove who asks; a simulated request has nothing of that kind. */
  readonly isOfCredentials?: true;
  run(context: CheckContext): CheckFailure | undefined | Promise<CheckFailure | undefined>;
}
