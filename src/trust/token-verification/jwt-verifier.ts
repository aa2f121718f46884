import type { TokenVerification } from '../../contract/index.js';
import {
  chooseKey,
  isSignatureAlgorithm,
  signatureAlgorithmNames,
  verifySignature,
  type JsonWebToken,
  type KeyChoice,
} from '../../platform/json-web/index.js';
import { OutboundError } from '../outbound/outbound-error.js';
import { printable } from '../outbound/printable.js';
import { IssuerKeys } from './issuer-keys.js';
import { rejected, unavailable } from './rejection.js';
import { clockSkew, readClaims } from './access-token-claims.js';
import { VerifiedTokenCache } from './verified-token-cache.js';
import type { OutboundHttp } from '../outbound/outbound-http.js';
import type { TlsMaterial } from '../outbound/tls-material.js';

const capacity = 10_000;

export interface JwtIssuer {
  readonly issuer: string;
  readonly jwksUri: string;
  readonly tls: TlsMaterial | null;
}

/**
 * Verifies JWT access tokens (RFC 9068 section 4, https://www.rfc-editor.org/rfc/rfc9068#section-4) by the keys of
 * their issuer. The audience is the endpoint's affair and checked by the gate.
 */
export class JwtVerifier {
  readonly keys: IssuerKeys;
  private readonly cache: VerifiedTokenCache;

  constructor(
    private readonly issuer: JwtIssuer,
    http: OutboundHttp,
    private readonly now: () => number = Date.now,
  ) {
    this.cache = new VerifiedTokenCache(capacity, now);
    // A key that was withdrawn takes the tokens that it signed along.
    this.keys = new IssuerKeys(http, issuer.jwksUri, issuer.tls, () => this.cache.clear(), now);
  }

  /** A result of before, where it still holds. */
  cached(key: string): TokenVerification | undefined {
    return this.cache.get(key);
  }

  async verify(token: JsonWebToken, cacheKey: string): Promise<TokenVerification> {
    const headerProblem = this.checkHeader(token.header);
    if (headerProblem !== undefined) return headerProblem;
    const algorithm = token.header.alg as string;
    const kid = token.header.kid as string | undefined;
    let choice: KeyChoice;
    try {
      choice = await this.choose(kid, algorithm);
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
      return unavailable('token-signature', `the keys of ${this.issuer.issuer}`, error.message, keysRemedy);
    }
    if ('none' in choice) return this.withoutKey(choice.none, kid, algorithm);
    if (!verifySignature(algorithm, choice.found, token.signed, token.signature)) {
      return rejected(
        'token-signature',
        `a signature by a key of ${this.issuer.issuer}`,
        'one that does not match: the token was changed, or somebody else signed it',
        'Get a new token. If that is refused too, look for who changes or makes the tokens.',
      );
    }
    return this.checkClaims(token, cacheKey);
  }

  private checkClaims(token: JsonWebToken, cacheKey: string): TokenVerification {
    const result = readClaims(token.payload, {
      issuer: this.issuer.issuer,
      now: this.now(),
      requireIssuer: true,
    });
    if (result.ok) this.cache.set(cacheKey, result, (result.claims.expiresAt + clockSkew) * 1000);
    return result;
  }

  private async choose(kid: string | undefined, algorithm: string): Promise<KeyChoice> {
    const choice = chooseKey(await this.keys.current(), kid, algorithm);
    if (!('none' in choice) || choice.none !== 'unknown') return choice;
    return chooseKey(await this.keys.afterRotation(), kid, algorithm);
  }

  private checkHeader(header: Readonly<Record<string, unknown>>): TokenVerification | undefined {
    const { alg, typ, crit, kid } = header;
    if (!isSignatureAlgorithm(alg)) {
      return rejected(
        'token-signature',
        `one of the algorithms ${signatureAlgorithmNames.join(', ')}`,
        typeof alg === 'string' ? `algorithm ${printable(alg, 40)}` : 'no algorithm',
        'Have the authorization server sign access tokens with one of these.',
      );
    }
    // An id_token has another type, and is no access token however well it is signed.
    if (typeof typ !== 'string' || !/^(application\/)?at\+jwt$/i.test(typ)) {
      return rejected(
        'token-form',
        'a token of type at+jwt (RFC 9068)',
        typeof typ === 'string' ? `type ${printable(typ, 40)}` : 'no type',
        'Send the access token, not the id_token. If it is the access token, have it issued as RFC 9068 says, or as an opaque one.',
      );
    }
    if (crit !== undefined) {
      return rejected(
        'token-form',
        'no critical header extensions',
        'a header with crit',
        'Have access tokens issued without crit.',
      );
    }
    if (kid !== undefined && (typeof kid !== 'string' || kid.length > 500)) {
      return rejected('token-form', 'text as kid', 'something else', 'Have it corrected at the issuer.');
    }
    return undefined;
  }

  private withoutKey(
    reason: 'unknown' | 'ambiguous' | 'unsuitable',
    kid: string | undefined,
    algorithm: string,
  ): TokenVerification {
    const name = kid === undefined ? 'no key id' : `key id ${printable(kid, 80)}`;
    const actual = {
      unknown: `${name}, which is not among the keys of the issuer`,
      ambiguous: `${name}, to which more than one key of the issuer answers`,
      unsuitable: `${name}, whose key is not for ${algorithm}`,
    }[reason];
    return rejected(
      'token-signature',
      `one key of ${this.issuer.issuer} for ${algorithm}`,
      actual,
      keysRemedy,
    );
  }
}

const keysRemedy =
  'Compare the kid of the token with the key set at the jwks_uri of the server description; discover the server again if its address has changed.';
