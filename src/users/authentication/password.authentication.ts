import { createHmac, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ExpiringCache, SharedWork } from '../../platform/cache/index.js';
import { SecretBox } from '../../platform/crypto/index.js';
import { AccountCache, type Account } from '../accounts/account-cache.js';
import { CurrentAccounts } from '../accounts/current-accounts.js';
import { GuessThrottle, type Attempt } from './guess-throttle.js';
import { maximumPasswordBytes, normalizePassword } from '../passwords/password.policy.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { SharedGuesses } from './shared-guesses.js';
import type { User } from '../accounts/user.js';
import { isUsername } from '../accounts/user.rules.js';
import { SourceSignIn } from './source-sign-in.js';
import { maximumAgeOf } from '../sources/user-source.js';

export type PasswordVerification =
  | { readonly ok: true; readonly user: User }
  | (Refused & {
      /** Of the account; null: there is none of this name. What was typed may be a password then: it is not kept. */
      readonly username: string | null;
      /** By which equal names that are nobody's can be recognised; null where there is an account. */
      readonly mark: string | null;
    });

interface Refused {
  readonly ok: false;
  /** For the log and the administrator; a caller must not learn which of the first three it was. */
  readonly reason: 'unknown-user' | 'wrong-password' | 'disabled' | 'throttled';
  /** Seconds, where throttled. */
  readonly retryAfter?: number;
}

type Outcome = { readonly ok: true; readonly user: User } | Refused;

export interface PasswordOrigin {
  /** Address of the client, as the trusted proxies report it. */
  readonly address: string;
}

/** Guesses that are counted or hashed at once; of more, each is told to come again. */
const atOnce = 64;
/** Milliseconds that the outcome of a check of this server's own passwords is known. */
const remembered = 5 * 60_000;
const wrongRemembered = 60_000;
/**
 * Milliseconds before which nobody is turned away where some passwords are checked elsewhere: else the time would tell
 * whose are.
 */
const quickestRefusal = 300;
/** Hexadecimal digits of a keyed hash: enough to recognise a name that is tried again, too few to prove a guess at it. */
const markDigits = 6;

/**
 * The one place where a password is checked. Every check costs an Argon2id hash, save the repetition of one that
 * was made within minutes: its outcome is kept under an HMAC of user, password and credential generation.
 */
@Injectable()
export class PasswordAuthentication {
  private readonly key = randomBytes(32);
  private readonly throttle = new GuessThrottle();
  /** Until when they hold, in milliseconds since the epoch. */
  private readonly right = new ExpiringCache<string, number>({ capacity: 10_000, lifetime: remembered });
  /** A client that repeats an old password costs one guess and one hash, not thousands. */
  private readonly wrong = new ExpiringCache<string, number>({ capacity: 10_000, lifetime: wrongRemembered });
  /** Requests with the same credentials from the same place at the same time are one guess. */
  private readonly guesses = new SharedWork<Outcome>();
  private underWay = 0;

  constructor(
    private readonly accounts: AccountCache,
    private readonly hasher: PasswordHasher,
    private readonly shared: SharedGuesses,
    private readonly sources: SourceSignIn,
    private readonly current: CurrentAccounts,
    private readonly secretBox: SecretBox,
  ) {}

  /**
   * Takes the same time for a user that doesn't exist, one that is disabled and a wrong password.
   *
   * @throws FirekeepError 503 `USERS_SOURCE_UNAVAILABLE` where a source has to be asked and can't: no guess is counted
   */
  async verify(username: string, password: string, origin: PasswordOrigin): Promise<PasswordVerification> {
    const subject = isUsername(username) ? username : '';
    const account = subject === '' ? undefined : await this.accounts.find(subject);
    const outcome = await this.outcome(subject, password, account, origin);
    if (outcome.ok) return outcome;
    const mark = this.secretBox.digest('typed-name', username).slice(0, markDigits);
    return account === undefined
      ? { ...outcome, username: null, mark }
      : { ...outcome, username: account.user.username, mark: null };
  }

  private async outcome(
    subject: string,
    password: string,
    account: Account | undefined,
    origin: PasswordOrigin,
  ): Promise<Outcome> {
    if (Buffer.byteLength(password) > maximumPasswordBytes) return turnedAway(account);
    const attempt: Attempt = {
      subject,
      address: origin.address,
      generation: account?.credentialGeneration ?? 0,
    };
    const wait = this.throttle.wait(attempt) === 0 ? 0 : await this.waitHere(attempt);
    if (wait > 0) return throttled(wait);
    const normalized = normalizePassword(password);
    const digest = this.digest(subject, normalized, account);
    if ((this.right.get(digest) ?? 0) > Date.now()) {
      this.throttle.trust(attempt);
      return this.letIn(account);
    }
    if ((this.wrong.get(digest) ?? 0) > Date.now()) return turnedAway(account);
    const started = Date.now();
    const verification = await this.guesses.once(`${digest} ${origin.address}`, () =>
      this.guess(attempt, normalized, account, digest),
    );
    if (!verification.ok && this.sources.isUsed) await pause(started + quickestRefusal - Date.now());
    return verification;
  }

  /** Bounded in number: each holds a place until the database has counted it and its hash is there. */
  private async guess(
    attempt: Attempt,
    password: string,
    account: Account | undefined,
    digest: string,
  ): Promise<Outcome> {
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
  ): Promise<Outcome> {
    const isTrusted = this.throttle.isTrusted(attempt);
    const guess = this.throttle.begin(attempt);
    const counted = await this.shared.take(attempt, isTrusted);
    if (typeof counted === 'number') {
      guess.abandoned();
      return throttled(Math.ceil(counted / 1000));
    }
    let verified: Account | undefined;
    try {
      verified = await this.check(attempt.subject, password, account);
    } catch (error) {
      guess.abandoned();
      await counted.abandoned();
      throw error;
    }
    if (verified === undefined) {
      guess.failed();
      this.wrong.set(digest, Date.now() + Math.min(wrongRemembered, this.lifetime(account)));
      await counted.failed();
      return turnedAway(account);
    }
    guess.succeeded();
    this.right.set(this.digest(attempt.subject, password, verified), Date.now() + this.lifetime(verified));
    // Nobody waits for it: what it gives back only makes later guesses easier.
    void counted.succeeded();
    return this.letIn(verified);
  }

  /** @returns the account that the password is of, which a source may have brought just now */
  private async check(
    subject: string,
    password: string,
    account: Account | undefined,
  ): Promise<Account | undefined> {
    const isOfHere = account?.user.source === null;
    if (isOfHere || subject === '' || (account === undefined && !this.sources.isUsed)) {
      return (await this.hasher.verify(account?.passwordHash ?? undefined, password)) ? account : undefined;
    }
    return this.sources.verify(subject, password, account);
  }

  /** What a source has said holds no longer than it allows, the password's being right as everything else. */
  private lifetime(account: Account | undefined): number {
    if (account === undefined) return this.sources.shortestAge;
    const { source } = account.user;
    return source === null ? remembered : maximumAgeOf(this.current.sourceOf(source));
  }

  private async letIn(account: Account | undefined): Promise<Outcome> {
    const user = account === undefined ? undefined : await this.current.of(account);
    if (user === undefined) return { ok: false, reason: 'unknown-user' };
    return user.enabled ? { ok: true, user } : { ok: false, reason: 'disabled' };
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

function throttled(retryAfter: number): Refused {
  return { ok: false, reason: 'throttled', retryAfter };
}

function turnedAway(account: Account | undefined): Refused {
  return { ok: false, reason: account === undefined ? 'unknown-user' : 'wrong-password' };
}

function pause(milliseconds: number): Promise<void> {
  return milliseconds <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, milliseconds));
}
