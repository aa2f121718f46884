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

/** Who asks for what is public: nobody is known, and nothing is granted. */
export const nobody: Principal = {
  subject: '',
  kind: 'client',
  clientId: null,
  issuer: null,
  roles: [],
  scopes: [],
  fhirUser: null,
  patient: null,
};

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
