import type { TokenVerification } from '../../contract/index.js';
import { OutboundError } from '../outbound/outbound-error.js';
import type { OutboundHttp } from '../outbound/outbound-http.js';
import type { TlsMaterial } from '../outbound/tls-material.js';
import { rejected, unavailable } from './rejection.js';
import { readClaims } from './access-token-claims.js';
import { VerifiedTokenCache } from './verified-token-cache.js';

/** Counted from the start of the request, so that a revocation is seen within five seconds. */
const positiveLifetime = 4_500;
const negativeLifetime = 2_000;
const capacity = 10_000;
const totalTimeout = 5_000;
/** Requests to one issuer at once; more are told to come again, rather than queued without end. */
const maximumInFlight = 64;
/** After the issuer could not be reached, for as long as it is not asked again. */
const failurePause = 1_000;
const unreachableStages = new Set(['name-lookup', 'connect', 'tls']);

export interface IntrospectingIssuer {
  readonly issuer: string;
  readonly endpoint: string;
  readonly tls: TlsMaterial | null;
  readonly clientId: string;
  readonly clientSecret: string;
}

/**
 * Asks the issuer about opaque tokens (RFC 7662, https://www.rfc-editor.org/rfc/rfc7662), with the credentials of
 * the client configuration. Answers are kept for a moment; equal questions at the same time become one.
 */
export class Introspection {
  private readonly cache: VerifiedTokenCache;
  private readonly asking = new Map<string, Promise<TokenVerification>>();
  private readonly authorization: string;
  private failure: { readonly error: OutboundError; readonly at: number } | undefined;

  constructor(
    private readonly issuer: IntrospectingIssuer,
    private readonly http: OutboundHttp,
    private readonly now: () => number = Date.now,
  ) {
    this.cache = new VerifiedTokenCache(capacity, now);
    this.authorization = basicCredentials(issuer.clientId, issuer.clientSecret);
  }

  /** The last failure, where none has gone well since. */
  get lastFailure(): OutboundError | undefined {
    return this.failure?.error;
  }

  cached(key: string): TokenVerification | undefined {
    return this.cache.get(key);
  }

  verify(token: string, cacheKey: string): Promise<TokenVerification> {
    const underWay = this.asking.get(cacheKey);
    if (underWay !== undefined) return underWay;
    if (this.failure !== undefined && this.pausing(this.failure)) {
      return Promise.resolve(this.unreachable(this.failure.error.message));
    }
    if (this.asking.size >= maximumInFlight) {
      return Promise.resolve(this.unreachable(`${maximumInFlight} questions to it are under way already`));
    }
    const asked = this.ask(token, cacheKey).finally(() => this.asking.delete(cacheKey));
    this.asking.set(cacheKey, asked);
    return asked;
  }

  private async ask(token: string, cacheKey: string): Promise<TokenVerification> {
    const startedAt = this.now();
    try {
      const { json } = await this.http.sendForJson({
        url: this.issuer.endpoint,
        tls: this.issuer.tls,
        method: 'POST',
        repeatable: true,
        totalTimeout,
        headers: {
          authorization: this.authorization,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
      });
      this.failure = undefined;
      return this.read(json, cacheKey, startedAt);
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
      this.failure = { error, at: this.now() };
      return this.unreachable(error.message);
    }
  }

  private read(
    json: Readonly<Record<string, unknown>>,
    cacheKey: string,
    startedAt: number,
  ): TokenVerification {
    if (json.active !== true) {
      const result = rejected(
        'token-active',
        `a token that ${this.issuer.issuer} knows as active`,
        json.active === false ? 'inactive: unknown, expired or revoked' : 'an answer that does not say so',
        'Get a new token. If new ones are refused too, see whether they come from this issuer and for a base URL that this server has registered there.',
      );
      this.cache.set(cacheKey, result, startedAt + negativeLifetime);
      return result;
    }
    const { token_type: type } = json;
    const name = typeof type === 'string' ? type.toLowerCase() : type;
    if (name !== undefined && name !== 'bearer' && !(name === 'dpop' && json.cnf !== undefined)) {
      return rejected(
        'token-form',
        'a token of type Bearer, or of type DPoP with the key that it is bound to',
        'one of another type',
        'Have tokens for this server issued as bearer tokens or by DPoP.',
      );
    }
    const result = readClaims(json, {
      issuer: this.issuer.issuer,
      now: this.now(),
      expiryIfMissing: Math.ceil((startedAt + positiveLifetime) / 1000),
      requireIssuer: false,
    });
    if (result.ok) {
      const until = Math.min(startedAt + positiveLifetime, result.claims.expiresAt * 1000);
      this.cache.set(cacheKey, result, until);
    }
    return result;
  }

  private pausing({ error, at }: { error: OutboundError; at: number }): boolean {
    return unreachableStages.has(error.stage) && this.now() - at < failurePause;
  }

  private unreachable(actual: string): TokenVerification {
    return unavailable(
      'token-active',
      `an answer of the introspection endpoint of ${this.issuer.issuer}`,
      actual,
      'See whether the issuer can be reached, and whether the client id and secret of the client configuration are still good there: get the updated metadata, or forget the registration and register again.',
    );
  }
}

/** Both parts are form-encoded first (RFC 6749 section 2.3.1). */
function basicCredentials(clientId: string, clientSecret: string): string {
  const encode = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64')}`;
}
