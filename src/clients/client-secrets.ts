import { createHash, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ExpiringCache, SharedWork } from '../platform/cache/index.js';
import { FirekeepError } from '../platform/errors/index.js';
import { GuessThrottle, PasswordHasher, type Attempt } from '../users/index.js';

const fastPrefix = 'sha256$';

/**
 * Hashes of client secrets. A generated one has 256 bits, so a salted SHA-256 is enough and costs microseconds;
 * one that a person chose gets Argon2id, with the outcome of a right one kept for minutes.
 */
@Injectable()
export class ClientSecrets {
  /** Of this process, so that the digests of right secrets say nothing outside of it. */
  private readonly key = randomBytes(32).toString('base64');
  private readonly right = new ExpiringCache<string, true>({ capacity: 5_000, lifetime: 5 * 60_000 });
  private readonly throttle = new GuessThrottle();
  /** Requests with the same secret from the same place at the same time are one guess. */
  private readonly guesses = new SharedWork<boolean>();

  constructor(private readonly hasher: PasswordHasher) {}

  /** 32 random bytes in base64url, and the hash to store. */
  generate(): { secret: string; hash: string } {
    const secret = randomBytes(32).toString('base64url');
    const salt = randomBytes(16);
    return {
      secret,
      hash: `${fastPrefix}${salt.toString('base64url')}$${fastHash(salt, secret).toString('base64url')}`,
    };
  }

  /** For a secret that the caller chose. */
  hash(secret: string): Promise<string> {
    return this.hasher.hash(secret);
  }

  /**
   * @param stored undefined: there is no such client, or it has no secret.
   * @throws FirekeepError 429 `CLIENTS_THROTTLED` where guesses come too fast; only for secrets that were chosen.
   */
  async verify(
    clientId: string,
    stored: string | undefined,
    secret: string,
    address: string | undefined,
  ): Promise<boolean> {
    if (secret === '' || secret.length > 1024) return false;
    if (stored === undefined || stored.startsWith(fastPrefix)) return verifyFast(stored, secret);
    const attempt = address === undefined ? undefined : { subject: clientId, address, generation: stored };
    const wait = attempt === undefined ? 0 : this.throttle.wait(attempt);
    if (wait > 0) throw throttled(wait);
    const digest = hash('sha256', `${this.key}\n${stored}\n${secret}`, 'base64');
    if (this.right.get(digest) === true) {
      if (attempt !== undefined) this.throttle.trust(attempt);
      return true;
    }
    return this.guesses.once(`${digest} ${address ?? ''}`, () => this.guess(attempt, stored, secret, digest));
  }

  private async guess(
    attempt: Attempt | undefined,
    stored: string,
    secret: string,
    digest: string,
  ): Promise<boolean> {
    if (this.hasher.isFull) throw throttled(1);
    const guess = attempt === undefined ? undefined : this.throttle.begin(attempt);
    let matches: boolean;
    try {
      matches = await this.hasher.verify(stored, secret);
    } catch (error) {
      guess?.abandoned();
      throw error;
    }
    if (matches) {
      guess?.succeeded();
      this.right.set(digest, true);
    } else {
      guess?.failed();
    }
    return matches;
  }
}

function verifyFast(stored: string | undefined, secret: string): boolean {
  const [, salt = '', hash = ''] = (stored ?? `${fastPrefix}AAAAAAAAAAAAAAAAAAAAAA$`).split('$');
  const actual = fastHash(Buffer.from(salt, 'base64url'), secret);
  const expected = Buffer.from(hash, 'base64url');
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function fastHash(salt: Buffer, secret: string): Buffer {
  return createHash('sha256').update(salt).update(secret).digest();
}

function throttled(retryAfter: number): FirekeepError {
  return new FirekeepError(
    'throttled',
    'CLIENTS_THROTTLED',
    'Too many attempts to authenticate. Wait and try again.',
    { retryAfter },
  );
}
