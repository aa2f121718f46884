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
import { cleanText } from '../../platform/text/index.js';
import { IssuerKeys, type IssuerKeySet } from './issuer-keys.js';
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
  /** Seconds that a token may be good for from now on. */
  readonly longestLifetime: number;
}

/** A key, and the version of the set that it is from. */
interface Chosen {
  readonly choice: KeyChoice;
  readonly version: number;
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
    this.keys = new IssuerKeys(http, issuer.jwksUri, issuer.tls, now);
  }

  /**
   * A result of before, where it still holds: as long as the keys need not be looked at again. A key that was withdrawn
   * takes the tokens that it signed along.
   */
  cached(key: string): TokenVerification | undefined {
    const version = this.keys.freshVersion;
    return version === undefined ? undefined : this.cache.get(key, version);
  }

  async verify(token: JsonWebToken, cacheKey: string): Promise<TokenVerification> {
    const headerProblem = this.checkHeader(token.header);
    if (headerProblem !== undefined) return headerProblem;
    const algorithm = token.header.alg as string;
    const kid = token.header.kid as string | undefined;
    let chosen: Chosen;
    try {
      const set = await this.keys.current();
      const known = this.cache.get(cacheKey, set.version);
      if (known !== undefined) return known;
      chosen = await this.choose(set, kid, algorithm);
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
      return unavailable('token-signature', `the keys of ${this.issuer.issuer}`, error.message, keysRemedy);
    }
    const { choice, version } = chosen;
    if ('none' in choice) return this.withoutKey(choice.none, kid, algorithm);
    if (!verifySignature(algorithm, choice.found, token.signed, token.signature)) {
      return rejected(
        'token-signature',
        `a signature by a key of ${this.issuer.issuer}`,
        'one that does not match: the token was changed, or somebody else signed it',
        'Get a new token. If that is refused too, look for who changes or makes the tokens.',
      );
    }
    return this.checkClaims(token, cacheKey, version);
  }

  private checkClaims(token: JsonWebToken, cacheKey: string, version: number): TokenVerification {
    const result = readClaims(token.payload, {
      issuer: this.issuer.issuer,
      now: this.now(),
      longestLifetime: this.issuer.longestLifetime,
      requireIssuer: true,
    });
    if (result.ok) this.cache.set(cacheKey, result, (result.claims.expiresAt + clockSkew) * 1000, version);
    return result;
  }

  private async choose(set: IssuerKeySet, kid: string | undefined, algorithm: string): Promise<Chosen> {
    const choice = chooseKey(set.keys, kid, algorithm);
    if (!('none' in choice) || choice.none !== 'unknown') return { choice, version: set.version };
    const { keys, version } = await this.keys.afterRotation();
    return { choice: chooseKey(keys, kid, algorithm), version };
  }

  private checkHeader(header: Readonly<Record<string, unknown>>): TokenVerification | undefined {
    const { alg, typ, crit, kid } = header;
    if (!isSignatureAlgorithm(alg)) {
      return rejected(
        'token-signature',
        `one of the algorithms ${signatureAlgorithmNames.join(', ')}`,
        typeof alg === 'string' ? `algorithm ${cleanText(alg, 40)}` : 'no algorithm',
        'Have the authorization server sign access tokens with one of these.',
      );
    }
    // An id_token has another type, and is no access token however well it is signed.
    if (typeof typ !== 'string' || !/^(application\/)?at\+jwt$/i.test(typ)) {
      return rejected(
        'token-form',
        'a token of type at+jwt (RFC 9068)',
        typeof typ === 'string' ? `type ${cleanText(typ, 40)}` : 'no type',
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
    const name = kid === undefined ? 'no key id' : `key id ${cleanText(kid, 80)}`;
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
