import { parseKeySet, type VerificationKey } from '../../platform/json-web/index.js';
import { cacheLifetime } from '../../platform/outbound/index.js';
import { OutboundError } from '../outbound/outbound-error.js';
import type { OutboundHttp } from '../outbound/outbound-http.js';
import type { TlsMaterial } from '../outbound/tls-material.js';

const lifetimes = { shortest: 10_000, usual: 300_000, longest: 3_600_000 };
/** Between two fetches that unknown key ids cause: a stream of forged tokens must not become one of requests. */
const refetchPause = 10_000;
/** After a failure, for as long as nobody asks again. */
const failurePause = 2_000;
const totalTimeout = 5_000;

/** The keys of one issuer: fetched when they are needed, kept as long as the issuer allows within bounds. */
export class IssuerKeys {
  private keys: readonly VerificationKey[] = [];
  private fetchedAt = -Infinity;
  private freshUntil = -Infinity;
  private failure: { readonly error: OutboundError; readonly at: number } | undefined;
  private fetching: Promise<void> | undefined;

  /** @param onChange told after the set has become another one. */
  constructor(
    private readonly http: OutboundHttp,
    private readonly uri: string,
    private readonly tls: TlsMaterial | null,
    private readonly onChange: () => void,
    private readonly now: () => number = Date.now,
  ) {}

  /** The last failure, where none has gone well since. */
  get lastFailure(): OutboundError | undefined {
    return this.failure?.error;
  }

  /** @throws OutboundError where there are none that may still be used. */
  async current(): Promise<readonly VerificationKey[]> {
    if (this.now() < this.freshUntil) return this.keys;
    try {
      await this.fetch();
    } catch (error) {
      // An issuer that is away for a moment keeps its word a while longer, though never beyond the bound.
      if (this.now() - this.fetchedAt >= lifetimes.longest) throw error;
    }
    return this.keys;
  }

  /**
   * The keys anew, because a token names one that isn't there; the ones known where they were fetched a moment ago.
   *
   * @throws OutboundError
   */
  async afterRotation(): Promise<readonly VerificationKey[]> {
    if (this.fetching !== undefined || this.now() - this.fetchedAt >= refetchPause) await this.fetch();
    return this.keys;
  }

  private async fetch(): Promise<void> {
    if (this.fetching === undefined) {
      if (this.failure !== undefined && this.now() - this.failure.at < failurePause) throw this.failure.error;
      this.fetching = this.load().finally(() => (this.fetching = undefined));
    }
    return this.fetching;
  }

  private async load(): Promise<void> {
    const startedAt = this.now();
    try {
      const { json, headers } = await this.http.sendForJson({ url: this.uri, tls: this.tls, totalTimeout });
      const keys = parseKeySet(json);
      if (keys === undefined || keys.length === 0) {
        throw new OutboundError(
          'metadata',
          `${this.uri} holds no key that signatures can be verified with (RSA of 2048 bits or more, EC P-256 or P-384).`,
        );
      }
      const changed = thumbprint(keys) !== thumbprint(this.keys);
      this.keys = keys;
      this.fetchedAt = startedAt;
      this.freshUntil = startedAt + cacheLifetime(headers.get('cache-control'), lifetimes);
      this.failure = undefined;
      if (changed) this.onChange();
    } catch (error) {
      if (error instanceof OutboundError) this.failure = { error, at: this.now() };
      throw error;
    }
  }
}

function thumbprint(keys: readonly VerificationKey[]): string {
  return JSON.stringify(
    keys.map(({ kid, algorithm, key }) => [kid, algorithm, key.export({ format: 'jwk' })]),
  );
}
