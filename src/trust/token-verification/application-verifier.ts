import type { TokenVerification } from '../../contract/index.js';
import { decodeJsonWebToken } from '../../platform/json-web/index.js';
import type { TrustedApplication } from '../store/trust-snapshot.js';
import type { OutboundError } from '../outbound/outbound-error.js';
import type { OutboundHttp } from '../outbound/outbound-http.js';
import { Introspection } from './introspection.js';
import { JwtVerifier } from './jwt-verifier.js';
import { rejected, unavailable } from './rejection.js';
import { VerifiedTokenCache } from './verified-token-cache.js';

/** Verifies the tokens of one client configuration's issuer, with keys and caches of its own. */
export class ApplicationVerifier {
  private readonly jwt: JwtVerifier | undefined;
  private readonly introspection: Introspection | undefined;

  constructor(
    readonly application: TrustedApplication,
    http: OutboundHttp,
    /** Seconds that a JWT may be good for from now on. */
    longestLifetime: number,
    now: () => number = Date.now,
  ) {
    const { issuer, metadata, tls, credentials } = application;
    if (metadata?.jwks_uri !== undefined) {
      this.jwt = new JwtVerifier({ issuer, jwksUri: metadata.jwks_uri, tls, longestLifetime }, http, now);
    }
    if (metadata?.introspection_endpoint !== undefined && credentials !== null) {
      this.introspection = new Introspection(
        { issuer, endpoint: metadata.introspection_endpoint, tls, ...credentials },
        http,
        now,
      );
    }
  }

  /** Why the issuer could not be asked the last time; undefined: it could, or nobody has asked. */
  get lastFailure(): OutboundError | undefined {
    return this.jwt?.keys.lastFailure ?? this.introspection?.lastFailure;
  }

  /** @param token has the form of a bearer token. */
  async verify(token: string): Promise<TokenVerification> {
    const key = VerifiedTokenCache.keyOf(token);
    const known = this.jwt?.cached(key) ?? this.introspection?.cached(key);
    if (known !== undefined) return known;
    if (this.application.metadata === null) return this.notDiscovered();
    const decoded = decodeJsonWebToken(token);
    if (decoded !== undefined && this.jwt !== undefined) return this.jwt.verify(decoded, key);
    if (this.introspection !== undefined) return this.introspection.verify(token, key);
    return this.noWay(decoded !== undefined);
  }

  private notDiscovered(): TokenVerification {
    const { issuer } = this.application;
    return unavailable(
      'token-issuer',
      `the metadata of ${issuer}`,
      'they have not been discovered yet',
      'Discover the server and save its description.',
    );
  }

  private noWay(isJwt: boolean): TokenVerification {
    const { issuer, applicationName, credentials } = this.application;
    if (credentials === null && !isJwt) {
      return unavailable(
        'token-active',
        `credentials to introspect tokens at ${issuer}`,
        `the client configuration "${applicationName}" is not registered there`,
        'Register it: Dynamic Registration and Save.',
      );
    }
    return rejected(
      'token-form',
      isJwt ? 'an opaque token' : 'a JWT',
      isJwt
        ? 'a JWT, while the issuer publishes no keys'
        : 'an opaque token, while the issuer offers no introspection',
      'Have the authorization server offer what is missing and discover it again.',
    );
  }
}
