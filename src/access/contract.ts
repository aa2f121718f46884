/**
 * The seam between the gate and the data. It imports nothing, so that `fhir` can be guarded without knowing
 * OAuth2 and `access` can guard without knowing FHIR storage.
 */

/** What a request to an endpoint must bring. */
export type CheckMode = 'bearer' | 'basic-and-bearer' | 'basic' | 'open';

/** FHIR R4 http.html interactions, and the two that carry others. */
export type Interaction =
  | 'read'
  | 'vread'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'history-instance'
  | 'history-type'
  | 'history-system'
  | 'search-type'
  | 'search-system'
  | 'capabilities'
  | 'batch'
  | 'transaction'
  | 'operation';

/** Who sends the request, after every check of the endpoint's mode has passed. */
export interface Principal {
  /** Username or, for a token without a user, client id. */
  readonly subject: string;
  readonly kind: 'user' | 'client' | 'anonymous';
  readonly clientId: string | null;
  readonly issuer: string | null;
  readonly roles: readonly string[];
  /** Scopes of the access token; null where the endpoint's mode asks for no token. */
  readonly scopes: readonly string[] | null;
  /** `Practitioner/alice` or absolute; null: the user has no link. */
  readonly fhirUser: string | null;
  /** Patient in context (SMART launch), an id; null: none. */
  readonly patient: string | null;
}

export interface AccessRequest {
  readonly principal: Principal;
  readonly interaction: Interaction;
  /** Null: system level. */
  readonly resourceType: string | null;
  readonly id?: string;
  /** The interaction searches first (conditional forms): needs `s` too. */
  readonly conditional?: boolean;
  /** Name of the operation, `$everything`, where interaction is `operation`. */
  readonly operation?: string;
}

export type Criterion =
  | { readonly compartment: { readonly type: string; readonly id: string } }
  /**
   * FHIR search criteria without the type: `category=laboratory&status=final`. `client`: the client's own words, which
   * look no further through chains and `_has` than the roles of the user.
   */
  | { readonly query: string; readonly by?: 'client' }
  /** Patients who name the user in one of these ways, and what is in their compartments. */
  | {
      readonly patientsOf: { readonly type: string; readonly id: string };
      readonly by: readonly PatientRelation[];
    };

/** A user is a participant of a CareTeam, or of an Encounter, of the patient. */
export type PatientRelation = 'careteam' | 'encounter';

export interface AccessConstraint {
  /** `*`: every type. */
  readonly resourceType: string;
  readonly interactions: ReadonlySet<Interaction>;
  readonly allOf: readonly Criterion[];
  readonly noneOf: readonly Criterion[];
}

export type AccessDecision =
  /** The union of the constraints; an empty list permits nothing. */
  { readonly kind: 'permit'; readonly constraints: readonly AccessConstraint[] } | AccessDenial;

export interface AccessDenial {
  readonly kind: 'deny';
  readonly check: string;
  readonly reason: string;
  /** The least scope that would do, where a scope is what is missing. */
  readonly scope?: string;
}

/** Decides what a principal may do; filled by `smart`, asked by the guard and, per entry, by batch and transaction. */
export interface AccessPolicy {
  /** Changes whenever a decision may: what was worked out from earlier ones is then worked out anew. */
  readonly revision: number;
  decide(request: AccessRequest): AccessDecision;
}

/** Injection token of the AccessPolicy. */
export const ACCESS_POLICY = Symbol('AccessPolicy');

/** Why something behind the gate is refused; the last three where it is for another reason than a scope or role. */
export type BehindTheGate = Pick<AccessDenial, 'check' | 'reason' | 'scope'> & {
  readonly expected?: string;
  readonly remedy?: string;
  readonly setting?: string;
};

/**
 * Remembers what is refused behind the gate: an entry of a Bundle, an operation, what a write would make of a resource.
 * Filled by `access`, asked by `fhir`, which must not import it.
 */
export interface DeniedRequests {
  /**
   * @param request whose principal came through the gate
   * @returns the reference id under which an administrator finds the reason; undefined: it came another way
   */
  record(request: AccessRequest, denial: BehindTheGate): string | undefined;
}

/** Injection token of DeniedRequests. */
export const DENIED_REQUESTS = Symbol('DeniedRequests');

/** What an access token says, once it has been verified; from this server's store, a JWT or an introspection. */
export interface AccessTokenClaims {
  readonly issuer: string;
  readonly subject: string;
  readonly clientId: string;
  /** False: a token of a client without a user; it never passes a same-user check. */
  readonly isUserToken: boolean;
  readonly scopes: readonly string[];
  readonly audience: readonly string[];
  /** Seconds since the epoch. */
  readonly issuedAt: number | null;
  readonly expiresAt: number;
  readonly fhirUser: string | null;
  readonly patient: string | null;
  readonly encounter: string | null;
  /** Thumbprint of the key that the token is bound to (RFC 9449 section 6.1); null: a bearer token. */
  readonly keyThumbprint: string | null;
}

/** Why a token is refused: `check` names the first check that failed; the texts are for the administrator. */
export interface TokenRejection {
  readonly check: 'token-form' | 'token-signature' | 'token-active' | 'token-time' | 'token-issuer';
  readonly expected: string;
  readonly actual: string;
  readonly remedy: string;
  /** The issuer can't be asked now: answer 503, not 401. */
  readonly unavailable?: boolean;
}

export type TokenVerification =
  | { readonly ok: true; readonly claims: AccessTokenClaims }
  | { readonly ok: false; readonly rejection: TokenRejection };

/** Opaque access tokens of this server's own issuer; filled by `oauth2`, asked by `trust`. */
export interface LocalAccessTokens {
  readonly issuer: string;
  verify(token: string): Promise<TokenVerification>;
}

/** Injection token of LocalAccessTokens; absent in a process that is a resource server only. */
export const LOCAL_ACCESS_TOKENS = Symbol('LocalAccessTokens');

/** Metadata key under which a FHIR route declares its rule: `SetMetadata(ACCESS_RULE, rule)`. A route without one fails at boot. */
export const ACCESS_RULE = 'firekeep:access-rule';

export type AccessRule =
  /** Anyone may call it: metadata and discovery documents. */
  | { readonly kind: 'public' }
  /** Authenticated by the endpoint's check mode; each entry is authorised by its executor. */
  | { readonly kind: 'per-entry'; readonly interaction: Interaction }
  /** Authenticated and authorised; type and id come from the route parameters `type` and `id`. */
  | { readonly kind: 'interaction'; readonly interaction: Interaction };

/** A property of the raw request, as its context is. */
const admitted = Symbol('principal');

interface WithPrincipal {
  [admitted]?: Principal;
}

/** Set by the composite guard on the raw request once every check has passed. */
export function setPrincipal(request: object, principal: Principal): void {
  (request as WithPrincipal)[admitted] = principal;
}

/** The principal of a raw request that passed the guard. */
export function principalOf(request: object): Principal {
  const principal = (request as WithPrincipal)[admitted];
  if (principal === undefined) throw new Error('The request did not pass the composite guard.');
  return principal;
}
