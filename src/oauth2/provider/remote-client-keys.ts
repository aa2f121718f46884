import {
  chooseKey,
  parseKeySet,
  parseObject,
  type KeyChoice,
  type VerificationKey,
} from '../../platform/json-web/index.js';
import { cacheLifetime, type GuardedHttp } from '../../platform/outbound/index.js';

/** Without a shortest time: a key set that forbids to be stored is fetched for each use. Milliseconds. */
const lifetimes = { shortest: 0, usual: 300_000, longest: 3_600_000 };
/** Between two fetches that unknown key ids cause: a stream of forged assertions must not become one of requests. */
const refetchPause = 10_000;
/** After a failure, for as long as nobody asks again. */
const failurePause = 2_000;

/** The key set behind a client's `jwks_uri`, used no longer than its Cache-Control says. */
export class RemoteClientKeys {
  private keys: readonly VerificationKey[] = [];
  private fetchedAt = -Infinity;
  private freshUntil = -Infinity;
  private failure: { readonly error: Error; readonly at: number } | undefined;
  private fetching: Promise<void> | undefined;

  constructor(
    private readonly http: GuardedHttp,
    private readonly uri: string,
    private readonly now: () => number = Date.now,
  ) {}

  /** @throws where the set can't be had now. */
  async choose(kid: string | undefined, algorithm: string): Promise<KeyChoice> {
    const before = this.fetchedAt;
    if (this.now() >= this.freshUntil) await this.fetch();
    const choice = chooseKey(this.keys, kid, algorithm);
    const mayAskAgain = this.fetchedAt === before && this.now() - this.fetchedAt >= refetchPause;
    if (!('none' in choice) || choice.none !== 'unknown' || !mayAskAgain) return choice;
    await this.fetch();
    return chooseKey(this.keys, kid, algorithm);
  }

  private fetch(): Promise<void> {
    if (this.failure !== undefined && this.now() - this.failure.at < failurePause) {
      return Promise.reject(this.failure.error);
    }
    this.fetching ??= this.load().finally(() => (this.fetching = undefined));
    return this.fetching;
  }

  private async load(): Promise<void> {
    const startedAt = this.now();
    try {
      const { status, cacheControl, text } = await this.http.send({
        url: this.uri,
        headers: { accept: 'application/jwk-set+json, application/json' },
      });
      const json = status === 200 ? parseObject(text) : undefined;
      const keys = json === undefined ? undefined : parseKeySet(json);
      if (keys === undefined) throw new Error(`${this.uri} answers ${status} without a key set`);
      this.keys = keys;
      this.fetchedAt = startedAt;
      this.freshUntil = startedAt + cacheLifetime(cacheControl, lifetimes);
      this.failure = undefined;
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      this.failure = { error: failure, at: this.now() };
      throw failure;
    }
  }
}
