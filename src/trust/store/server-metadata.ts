/**
 * What an authorization server says of itself: RFC 8414 section 2 and OpenID Connect Discovery 1.0 section 3.
 * Validated before it is kept.
 */
export interface ServerMetadata {
  readonly issuer: string;
  readonly token_endpoint: string;
  readonly authorization_endpoint?: string;
  readonly jwks_uri?: string;
  readonly registration_endpoint?: string;
  readonly introspection_endpoint?: string;
  readonly [member: string]: unknown;
}
