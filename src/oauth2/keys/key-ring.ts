import { createPublicKey, generateKeyPair, randomBytes, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { SecretBox } from '../../platform/crypto/index.js';
import { Database, type SqlSession } from '../../platform/database/index.js';
import { Signal } from '../../platform/events/index.js';
import { Logger } from '../../platform/logging/index.js';
import { RecurringWork } from '../../platform/schedule/index.js';
import { NamedLock } from '../store/named-lock.js';

/** RS256 is what every OpenID Connect client reads; ES256 is for clients that ask for it. */
export const signingAlgorithms = ['RS256', 'ES256'] as const;

interface KeyRow extends Record<string, unknown> {
  readonly kid: string;
  readonly alg: string;
  readonly sealed: Buffer;
  readonly created_at: number;
  readonly active_from: number;
}

interface OpenedKey {
  readonly kid: string;
  readonly alg: string;
  readonly activeFrom: number;
  readonly secret: string;
}

/** The keys that are of use now. */
export interface Keys {
  /** Private, per algorithm the one that signs first; then those that only verify. */
  readonly signing: readonly JWK[];
  /** The first one signs cookies, all verify them. */
  readonly cookies: readonly string[];
  /** Changes with every change of the set or of who signs. */
  readonly fingerprint: string;
}

export interface PublishedKey {
  readonly kid: string;
  readonly alg: string;
  readonly state: 'next' | 'signing' | 'verifying';
  /** Milliseconds since the epoch. */
  readonly activeFrom: number;
}

const cookieAlgorithm = 'cookie';
const algorithms = [...signingAlgorithms, cookieAlgorithm];
const purpose = 'oauth2-key';
const lockName = 'firekeep_oauth2_keys';
const hour = 3_600_000;
const refreshEvery = 60_000;
/** Age at which a key gets its successor. */
const rotateAfter = 90 * 24 * hour;
/** A new key is published this long before it signs, so that every cache of the key set knows it. */
const publishedAhead = hour;
/** A key stays published this long after its successor began to sign: longer than anything it signed lives. */
const overlap = 24 * hour;

/**
 * Keys that sign tokens and cookies: generated at the first start, encrypted in the database, replaced with
 * overlap. Every process sees a change within a minute, well before the new key signs.
 */
@Injectable()
export class KeyRing implements OnModuleInit, OnApplicationShutdown {
  readonly changed = new Signal<undefined>();
  private rows: readonly OpenedKey[] = [];
  private keys: Keys | undefined;
  /** Milliseconds since the epoch between which `keys` holds. */
  private holds = { from: Infinity, until: 0 };
  private readonly refreshing = new RecurringWork(
    refreshEvery,
    () => this.refresh(),
    (error) => this.logger.warn('signing keys not refreshed', error),
  );
  private publicKeys = new Map<string, KeyObject>();
  private announced = '';

  constructor(
    private readonly database: Database,
    private readonly secretBox: SecretBox,
    private readonly lock: NamedLock,
    private readonly logger: Logger,
  ) {}

  /** @throws FirekeepError `CRYPTO_UNREADABLE` with another FIREKEEP_SECRET_KEY than the keys were stored with. */
  async onModuleInit(): Promise<void> {
    await this.refresh();
    this.refreshing.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.refreshing.stop();
  }

  /** @param now milliseconds */
  current(now = Date.now()): Keys {
    if (this.keys !== undefined && now >= this.holds.from && now < this.holds.until) return this.keys;
    const starts = this.rows.map(({ activeFrom }) => activeFrom);
    this.holds = {
      from: Math.max(...starts.filter((start) => start <= now), 0),
      until: Math.min(...starts.filter((start) => start > now), Infinity),
    };
    const order = (alg: string): OpenedKey[] => {
      const keys = this.rows.filter((key) => key.alg === alg);
      const signer = signerOf(keys, now);
      return signer === undefined ? [] : [signer, ...keys.filter((key) => key !== signer)];
    };
    const signing = signingAlgorithms.flatMap(order);
    const cookies = order(cookieAlgorithm);
    const fingerprint = [...signing, ...cookies].map(({ kid }) => kid).join(' ');
    if (this.keys?.fingerprint !== fingerprint) {
      this.keys = {
        signing: signing.map(({ secret }) => JSON.parse(secret) as JWK),
        cookies: cookies.map(({ secret }) => secret),
        fingerprint,
      };
    }
    return this.keys;
  }

  /** What the key set tells, and what each key does now; newest first by algorithm. */
  published(now = Date.now()): readonly PublishedKey[] {
    return signingAlgorithms.flatMap((alg) => {
      const keys = this.rows.filter((key) => key.alg === alg);
      const signer = signerOf(keys, now);
      return keys.map((key) => ({
        kid: key.kid,
        alg,
        state: key === signer ? 'signing' : key.activeFrom > now ? 'next' : 'verifying',
        activeFrom: key.activeFrom,
      }));
    });
  }

  /** The public key of a published kid. */
  publicKey(kid: string, alg: string): KeyObject | undefined {
    const key = this.rows.find((candidate) => candidate.kid === kid && candidate.alg === alg);
    if (key === undefined || alg === cookieAlgorithm) return undefined;
    const known = this.publicKeys.get(kid);
    if (known !== undefined) return known;
    const { kty, n, e, crv, x, y } = JSON.parse(key.secret) as JWK;
    const jwk = Object.fromEntries(
      Object.entries({ kty, n, e, crv, x, y }).filter(([, value]) => value !== undefined),
    );
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
    this.publicKeys.set(kid, publicKey);
    return publicKey;
  }

  /** Makes what is missing or due, drops what is past its overlap, and reads the set. */
  async refresh(now = Date.now()): Promise<void> {
    let rows = await this.read();
    if (algorithms.some((alg) => isDue(rows, alg, now)) || rows.some((row) => isPast(rows, row, now))) {
      rows = await this.lock.run(lockName, (session) => this.maintain(session, now));
    }
    this.take(rows.map((row) => this.open(row)));
  }

  /**
   * Replaces every key: the new ones sign after an hour, or at once where a key has leaked, and the old ones are
   * then no longer accepted.
   */
  async rotate(options: { readonly compromised?: boolean } = {}): Promise<void> {
    const now = Date.now();
    const compromised = options.compromised === true;
    const rows = await this.lock.run(lockName, async (session) => {
      if (compromised) await session.execute('DELETE FROM oauth2_key');
      for (const alg of algorithms)
        await this.add(session, alg, now, compromised ? now : now + publishedAhead);
      return readKeys(session);
    });
    this.take(rows.map((row) => this.open(row)));
  }

  private read(): Promise<KeyRow[]> {
    return this.database.query<KeyRow>(selectKeys);
  }

  private take(rows: readonly OpenedKey[]): void {
    this.rows = rows;
    this.holds = { from: Infinity, until: 0 };
    this.publicKeys = new Map();
    // A key may also begin to sign between two reads of the same set.
    const { fingerprint } = this.current();
    if (fingerprint === this.announced) return;
    this.announced = fingerprint;
    this.changed.emit(undefined);
  }

  private async maintain(session: SqlSession, now: number): Promise<KeyRow[]> {
    const rows = await readKeys(session);
    for (const alg of algorithms) {
      if (!isDue(rows, alg, now)) continue;
      const isFirst = !rows.some((row) => row.alg === alg);
      await this.add(session, alg, now, isFirst ? now : now + publishedAhead);
    }
    for (const row of rows) {
      if (isPast(rows, row, now)) await session.execute('DELETE FROM oauth2_key WHERE kid = ?', [row.kid]);
    }
    return readKeys(session);
  }

  private async add(session: SqlSession, alg: string, now: number, activeFrom: number): Promise<void> {
    const { kid, secret } = await generate(alg);
    await session.execute(
      'INSERT INTO oauth2_key (kid, alg, sealed, created_at, active_from) VALUES (?, ?, ?, ?, ?)',
      [kid, alg, this.secretBox.seal(purpose, secret, kid), now, activeFrom],
    );
  }

  private open(row: KeyRow): OpenedKey {
    const known = this.rows.find(({ kid }) => kid === row.kid);
    const secret = known?.secret ?? this.secretBox.open(purpose, row.sealed, row.kid);
    return { kid: row.kid, alg: row.alg, activeFrom: row.active_from, secret };
  }
}

const selectKeys =
  'SELECT kid, alg, sealed, created_at, active_from FROM oauth2_key ORDER BY active_from DESC, created_at DESC, kid';

function readKeys(session: SqlSession): Promise<KeyRow[]> {
  return session.query<KeyRow>(selectKeys);
}

/** The newest that is active. */
function signerOf(keys: readonly OpenedKey[], now: number): OpenedKey | undefined {
  return keys.find(({ activeFrom }) => activeFrom <= now) ?? keys[0];
}

function isDue(rows: readonly KeyRow[], alg: string, now: number): boolean {
  const newest = rows.filter((row) => row.alg === alg).map((row) => row.created_at);
  return newest.length === 0 || Math.max(...newest) + rotateAfter <= now;
}

function isPast(rows: readonly KeyRow[], row: KeyRow, now: number): boolean {
  return rows.some(
    (other) =>
      other.alg === row.alg && other.active_from > row.active_from && other.active_from + overlap <= now,
  );
}

const generatePair = promisify(generateKeyPair);

async function generate(alg: string): Promise<{ kid: string; secret: string }> {
  if (alg === cookieAlgorithm) {
    return { kid: randomBytes(12).toString('hex'), secret: randomBytes(32).toString('base64url') };
  }
  const { privateKey } =
    alg === 'RS256'
      ? await generatePair('rsa', { modulusLength: 2048 })
      : await generatePair('ec', { namedCurve: 'P-256' });
  const jwk = privateKey.export({ format: 'jwk' }) as JWK;
  const kid = await calculateJwkThumbprint(jwk);
  return { kid, secret: JSON.stringify({ ...jwk, kid, alg, use: 'sig' }) };
}
