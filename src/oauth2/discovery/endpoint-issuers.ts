import type { FhirEndpoint } from '../../endpoints/index.js';

/** An authorization server that an endpoint trusts, with its metadata document. */
export interface EndpointIssuer {
  readonly issuer: string;
  /** RFC 8414 members, as they were discovered. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Knows the issuers of others that endpoints trust; filled from `trust`. */
export interface EndpointIssuers {
  /** Null: the endpoint trusts this server's own issuer; undefined: its OAuth client name is dangling. */
  of(endpoint: FhirEndpoint): Promise<EndpointIssuer | null | undefined>;
}

/** Injection token of EndpointIssuers; without it every endpoint without an OAuth client name trusts this server. */
export const ENDPOINT_ISSUERS = Symbol('EndpointIssuers');
