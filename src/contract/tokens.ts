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

/** Why a token is rejected: `check` names the first check that failed; the texts are for the administrator. */
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
