import { acceptedKeys, parseKeySet, type VerificationKey } from '../../platform/json-web/index.js';
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

/** The issuer says by these that there are no keys (any more). */
const goneStatuses: readonly (number | undefined)[] = [404, 410];

/** The keys of an issuer at one time. */
export interface IssuerKeySet {
  readonly keys: readonly VerificationKey[];
  /** Another one for each set that differs from the one before. */
  readonly version: number;
}

/**
 * The keys of one issuer: fetched when they are needed, kept as long as the issuer allows within bounds. An issuer that
 * can't be asked is trusted for an hour by the keys that it had; one that answers without keys has none.
 */
export class IssuerKeys {
  private set: IssuerKeySet = { keys: [], version: 0 };
  private fetchedAt = -Infinity;
  private freshUntil = -Infinity;
  private failure: { readonly error: OutboundError; readonly at: number } | undefined;
  private fetching: Promise<void> | undefined;

  constructor(
    private readonly http: OutboundHttp,
    private readonly uri: string,
    private readonly tls: TlsMaterial | null,
    private readonly now: () => number = Date.now,
  ) {}

  /** The last failure, where none has gone well since. */
  get lastFailure(): OutboundError | undefined {
    return this.failure?.error;
  }

  /** The version of the set, where it need not be asked for now; undefined: it has to be. */
  get freshVersion(): number | undefined {
    return this.now() < this.freshUntil && this.set.keys.length > 0 ? this.set.version : undefined;
  }

  /** @throws OutboundError where there are none that may still be used. */
  async current(): Promise<IssuerKeySet> {
    if (this.freshVersion !== undefined) return this.set;
    // An issuer that is away for a moment keeps its word a while longer, though never beyond the bound.
    const mayStay = (): boolean =>
      this.set.keys.length > 0 && this.now() - this.fetchedAt < lifetimes.longest;
    if (this.failure !== undefined && mayStay()) {
      // It did not answer the last time: nobody waits for it while the keys may stay.
      this.fetch().catch(() => undefined);
      return this.set;
    }
    try {
      await this.fetch();
    } catch (error) {
      if (!mayStay()) throw error;
    }
    return this.set;
  }

  /**
   * The keys anew, because a token names one that isn't there; the ones known where they were fetched a moment ago.
   *
   * @throws OutboundError
   */
  async afterRotation(): Promise<IssuerKeySet> {
    if (this.fetching !== undefined || this.now() - this.fetchedAt >= refetchPause) await this.fetch();
    return this.set;
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
      this.keep(keys ?? [], startedAt);
      if (keys === undefined || keys.length === 0) {
        throw new OutboundError(
          'metadata',
          `${this.uri} holds no key that signatures can be verified with (${acceptedKeys}).`,
        );
      }
      this.freshUntil = startedAt + cacheLifetime(headers.get('cache-control'), lifetimes);
      this.failure = undefined;
    } catch (error) {
      if (error instanceof OutboundError) {
        if (goneStatuses.includes(error.answerStatus)) this.keep([], startedAt);
        this.failure = { error, at: this.now() };
      }
      throw error;
    }
  }

  private keep(keys: readonly VerificationKey[], at: number): void {
    this.fetchedAt = at;
    if (thumbprint(keys) === thumbprint(this.set.keys)) return;
    this.set = { keys, version: this.set.version + 1 };
  }
}

function thumbprint(keys: readonly VerificationKey[]): string {
  return JSON.stringify(
    keys.map(({ kid, algorithm, key }) => [kid, algorithm, key.export({ format: 'jwk' })]),
  );
}
