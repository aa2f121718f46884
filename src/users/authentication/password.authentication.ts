import { createHmac, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ExpiringCache, SharedWork } from '../../platform/cache/index.js';
import { AccountCache, type Account } from '../accounts/account-cache.js';
import { GuessThrottle, type Attempt } from './guess-throttle.js';
import { maximumPasswordBytes, normalizePassword } from '../passwords/password.policy.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { SharedGuesses } from './shared-guesses.js';
import type { User } from '../accounts/user.js';
import { isUsername } from '../accounts/user.rules.js';

export type PasswordVerification =
  | { readonly ok: true; readonly user: User }
  | {
      readonly ok: false;
      /** For the log and the administrator; a caller must not learn which of the first three it was. */
      readonly reason: 'unknown-user' | 'wrong-password' | 'disabled' | 'throttled';
      /** Seconds, where throttled. */
      readonly retryAfter?: number;
    };

export interface PasswordOrigin {
  /** Address of the client, as the trusted proxies report it. */
  readonly address: string;
}

/** Guesses that are counted or hashed at once; of more, each is told to come again. */
const atOnce = 64;

/**
 * The one place where a password is checked. Every check costs an Argon2id hash, save the repetition of one that
 * was made within minutes: its outcome is kept under an HMAC of user, password and credential generation.
 */
@Injectable()
export class PasswordAuthentication {
  private readonly key = randomBytes(32);
  private readonly throttle = new GuessThrottle();
  private readonly right = new ExpiringCache<string, true>({ capacity: 10_000, lifetime: 5 * 60_000 });
  /** A client that repeats an old password costs one guess and one hash, not thousands. */
  private readonly wrong = new ExpiringCache<string, true>({ capacity: 10_000, lifetime: 60_000 });
  /** Requests with the same credentials from the same place at the same time are one guess. */
  private readonly guesses = new SharedWork<PasswordVerification>();
  private underWay = 0;

  constructor(
    private readonly accounts: AccountCache,
    private readonly hasher: PasswordHasher,
    private readonly shared: SharedGuesses,
  ) {}

  /** Takes the same time for a user that doesn't exist, one that is disabled and a wrong password. */
  async verify(username: string, password: string, origin: PasswordOrigin): Promise<PasswordVerification> {
    const subject = isUsername(username) ? username : '';
    if (Buffer.byteLength(password) > maximumPasswordBytes) return { ok: false, reason: 'wrong-password' };
    const account = subject === '' ? undefined : await this.accounts.find(subject);
    const attempt: Attempt = {
      subject,
      address: origin.address,
      generation: account?.credentialGeneration ?? 0,
    };
    const wait = this.throttle.wait(attempt) === 0 ? 0 : await this.waitHere(attempt);
    if (wait > 0) return throttled(wait);
    const normalized = normalizePassword(password);
    const digest = this.digest(subject, normalized, account);
    if (this.right.get(digest) === true) {
      this.throttle.trust(attempt);
      return outcome(account, true);
    }
    if (this.wrong.get(digest) === true) return outcome(account, false);
    return this.guesses.once(`${digest} ${origin.address}`, () =>
      this.guess(attempt, normalized, account, digest),
    );
  }

  /** Bounded in number: each holds a place until the database has counted it and its hash is there. */
  private async guess(
    attempt: Attempt,
    password: string,
    account: Account | undefined,
    digest: string,
  ): Promise<PasswordVerification> {
    if (this.underWay >= atOnce || this.hasher.isFull) return throttled(1);
    this.underWay += 1;
    try {
      return await this.decide(attempt, password, account, digest);
    } finally {
      this.underWay -= 1;
    }
  }

  private async decide(
    attempt: Attempt,
    password: string,
    account: Account | undefined,
    digest: string,
  ): Promise<PasswordVerification> {
    const isTrusted = this.throttle.isTrusted(attempt);
    const guess = this.throttle.begin(attempt);
    const counted = await this.shared.take(attempt, isTrusted);
    if (typeof counted === 'number') {
      guess.abandoned();
      return throttled(Math.ceil(counted / 1000));
    }
    let matches: boolean;
    try {
      matches = await this.hasher.verify(account?.passwordHash, password);
    } catch (error) {
      guess.abandoned();
      await counted.abandoned();
      throw error;
    }
    if (matches) {
      guess.succeeded();
      this.right.set(digest, true);
      // Nobody waits for it: what it gives back only makes later guesses easier.
      void counted.succeeded();
    } else {
      guess.failed();
      this.wrong.set(digest, true);
      await counted.failed();
    }
    return outcome(account, matches);
  }

  /** Whoever was let in by another process is known here, too. */
  private async waitHere(attempt: Attempt): Promise<number> {
    if (await this.shared.isTrusted(attempt)) this.throttle.trust(attempt);
    return this.throttle.wait(attempt);
  }

  private digest(subject: string, password: string, account: Account | undefined): string {
    return createHmac('sha256', this.key)
      .update(`${subject}\n${account?.user.id ?? 0}\n${account?.credentialGeneration ?? 0}\n${password}`)
      .digest('base64');
  }
}

function throttled(retryAfter: number): PasswordVerification {
  return { ok: false, reason: 'throttled', retryAfter };
}

function outcome(account: Account | undefined, matches: boolean): PasswordVerification {
  if (account === undefined) return { ok: false, reason: 'unknown-user' };
  if (!matches) return { ok: false, reason: 'wrong-password' };
  if (!account.user.enabled) return { ok: false, reason: 'disabled' };
  return { ok: true, user: account.user };
}
