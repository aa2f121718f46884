import { Injectable } from '@nestjs/common';
import type { Client } from '../../clients/index.js';
import {
  chooseKey,
  parseKeySet,
  type KeyChoice,
  type VerificationKey,
} from '../../platform/json-web/index.js';
import { Logger } from '../../platform/logging/index.js';
import { GuardedHttp } from '../../platform/outbound/index.js';
import { RemoteClientKeys } from './remote-client-keys.js';

type KeySource = Pick<Client, 'clientId' | 'jwks' | 'jwksUri'>;

/** Key sets by address that are remembered; the least recently used go first. */
const capacity = 1000;

/** The keys by which a client's assertions and request objects are verified. */
@Injectable()
export class ClientKeys {
  private readonly remote = new Map<string, RemoteClientKeys>();

  constructor(
    private readonly http: GuardedHttp,
    private readonly logger: Logger,
  ) {}

  /** The one key that a header means; undefined: none, more than one, or none can be had now. */
  async find(
    client: KeySource,
    kid: string | undefined,
    algorithm: string,
  ): Promise<VerificationKey | undefined> {
    const choice = await this.choose(client, kid, algorithm);
    return choice !== undefined && 'found' in choice ? choice.found : undefined;
  }

  private async choose(
    { clientId, jwks, jwksUri }: KeySource,
    kid: string | undefined,
    algorithm: string,
  ): Promise<KeyChoice | undefined> {
    if (jwksUri === null) {
      return jwks === null ? undefined : chooseKey(registeredKeys(jwks), kid, algorithm);
    }
    try {
      return await this.remoteKeys(jwksUri).choose(kid, algorithm);
    } catch (error) {
      const { message } = error instanceof Error ? error : { message: String(error) };
      this.logger.warn('keys of a client not to be had', { clientId, problem: message });
      return undefined;
    }
  }

  private remoteKeys(uri: string): RemoteClientKeys {
    const known = this.remote.get(uri) ?? new RemoteClientKeys(this.http, uri);
    this.remote.delete(uri);
    if (this.remote.size >= capacity) {
      const oldest = this.remote.keys().next();
      if (oldest.done !== true) this.remote.delete(oldest.value);
    }
    this.remote.set(uri, known);
    return known;
  }
}

/** By the set as it was registered, which stays the same object while the client is remembered. */
const parsed = new WeakMap<object, readonly VerificationKey[]>();

/** To parse a set of many keys takes longer than to verify a signature. */
function registeredKeys(jwks: NonNullable<KeySource['jwks']>): readonly VerificationKey[] {
  let keys = parsed.get(jwks);
  if (keys === undefined) parsed.set(jwks, (keys = parseKeySet({ keys: jwks.keys }) ?? []));
  return keys;
}

/**
 * What the engine verifies one signature with. It asks for keys, finds none, and refreshes once: by then it is
 * known which key the header means. Made anew for each use, so that the engine keeps no key of its own.
 */
export class VerificationKeys {
  private wanted: { readonly kid: string | undefined; readonly alg: string } | undefined;
  private found: readonly VerificationKey[] = [];
  private asked = false;

  constructor(
    private readonly keys: ClientKeys,
    private readonly client: KeySource,
  ) {}

  selectForVerify({ alg, kid }: { alg: string; kid?: unknown }): readonly VerificationKey[] {
    this.wanted = { alg, kid: typeof kid === 'string' ? kid : undefined };
    return this.found;
  }

  getKeyObject({ key }: VerificationKey): VerificationKey['key'] {
    return key;
  }

  fresh(): boolean {
    return this.asked;
  }

  async refresh(): Promise<void> {
    this.asked = true;
    if (this.wanted === undefined) return;
    const key = await this.keys.find(this.client, this.wanted.kid, this.wanted.alg);
    this.found = key === undefined ? [] : [key];
  }
}
