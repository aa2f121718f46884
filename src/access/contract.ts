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
  /** FHIR search criteria without the type: `category=laboratory&status=final`. */
  | { readonly query: string };

export interface AccessConstraint {
  /** `*`: every type. */
  readonly resourceType: string;
  readonly interactions: ReadonlySet<Interaction>;
  readonly allOf: readonly Criterion[];
  readonly noneOf: readonly Criterion[];
}

export type AccessDecision =
  /** The union of the constraints; an empty list permits nothing. */
  | { readonly kind: 'permit'; readonly constraints: readonly AccessConstraint[] }
  | { readonly kind: 'deny'; readonly check: string; readonly reason: string };

/** Decides what a principal may do; filled by `smart`, asked by the guard and, per entry, by batch and transaction. */
export interface AccessPolicy {
  decide(request: AccessRequest): AccessDecision;
}

/** Injection token of the AccessPolicy. */
export const ACCESS_POLICY = Symbol('AccessPolicy');
