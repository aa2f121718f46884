import { isIPv6 } from 'node:net';
import { ExpiringCache } from '../../platform/cache/index.js';

interface Failures {
  failed: number;
  /** Guesses that aren't decided yet. */
  pending: number;
  /** Milliseconds since the epoch until which no further guess is taken. */
  blockedUntil: number;
}

interface Limit {
  /** Failures that cost nothing. */
  readonly free: number;
  /** Undecided guesses at once, as long as there are free ones; one at a time afterwards. */
  readonly atOnce: number;
  /** Longest wait between two guesses, in milliseconds. */
  readonly longest: number;
}

/** One address tries many names; one name is tried from many addresses; someone who was let in mistypes. */
export const guessLimits = {
  address: { free: 20, atOnce: 40, longest: 15 * 60_000 },
  subject: { free: 10, atOnce: 10, longest: 5 * 60_000 },
  trusted: { free: 10, atOnce: 10, longest: 60_000 },
} satisfies Record<string, Limit>;

export const guessMemory = 60 * 60_000;
export const trustLasts = 24 * 60 * 60_000;
const capacity = 20_000;

/** Who is said to be asking, from where. */
export interface Attempt {
  /** Username or client id. */
  readonly subject: string;
  readonly address: string;
  /** Changes with every new password; trust in an address ends with it. */
  readonly generation: string | number;
}

/** A guess that was let through; exactly one of its ends must be called. */
export interface Guess {
  succeeded(): void;
  failed(): void;
  /** It did not come to a verification. */
  abandoned(): void;
}

/**
 * Slows down guessing of passwords per address and per account, doubling the wait with every failure. An
 * address that gave the right password within a day has its failures with that name counted apart, so that
 * guessing from elsewhere doesn't lock the owner out. In memory of this process, bounded: SharedGuesses counts those of
 * all processes.
 */
export class GuessThrottle {
  private readonly addresses: ExpiringCache<string, Failures>;
  private readonly subjects: ExpiringCache<string, Failures>;
  private readonly pairs: ExpiringCache<string, Failures>;
  private readonly trusted: ExpiringCache<string, true>;

  constructor(private readonly now: () => number = Date.now) {
    const failures = { capacity, lifetime: guessMemory, now };
    this.addresses = new ExpiringCache(failures);
    this.subjects = new ExpiringCache(failures);
    this.pairs = new ExpiringCache(failures);
    this.trusted = new ExpiringCache({ capacity, lifetime: trustLasts, now });
  }

  /** Seconds until a guess is taken again; 0: now. Nothing may happen between this and `begin`. */
  wait(attempt: Attempt): number {
    return Math.max(
      ...this.counters(attempt).map(({ cache, key, limit }) => this.waitFor(cache.get(key), limit)),
    );
  }

  begin(attempt: Attempt): Guess {
    const counted = this.counters(attempt).map(({ cache, key, limit }) => {
      const entry = cache.get(key) ?? { failed: 0, pending: 0, blockedUntil: 0 };
      entry.pending++;
      cache.set(key, entry);
      return { cache, key, limit, entry };
    });
    const decided = (): void => {
      for (const { entry } of counted) entry.pending--;
    };
    return {
      abandoned: decided,
      succeeded: () => {
        decided();
        this.trust(attempt);
      },
      failed: () => {
        decided();
        for (const { cache, key, limit, entry } of counted) {
          entry.failed++;
          const beyond = entry.failed - limit.free;
          if (beyond >= 0) {
            entry.blockedUntil = this.now() + Math.min(limit.longest, 1000 * 2 ** Math.min(beyond, 20));
          }
          cache.set(key, entry);
        }
      },
    };
  }

  /** The right password came from this address. */
  trust(attempt: Attempt): void {
    const key = pairKey(attempt);
    this.trusted.set(key, true);
    this.pairs.delete(key);
  }

  isTrusted(attempt: Attempt): boolean {
    return this.trusted.get(pairKey(attempt)) === true;
  }

  private waitFor(entry: Failures | undefined, limit: Limit): number {
    if (entry === undefined) return 0;
    const left = entry.blockedUntil - this.now();
    if (left > 0) return Math.ceil(left / 1000);
    return entry.pending >= (entry.failed >= limit.free ? 1 : limit.atOnce) ? 1 : 0;
  }

  private counters(attempt: Attempt) {
    const key = pairKey(attempt);
    if (this.isTrusted(attempt)) return [{ cache: this.pairs, key, limit: guessLimits.trusted }];
    return [
      { cache: this.addresses, key: network(attempt.address), limit: guessLimits.address },
      { cache: this.subjects, key: attempt.subject, limit: guessLimits.subject },
    ];
  }
}

export function pairKey({ subject, address, generation }: Attempt): string {
  return `${network(address)}\n${subject}\n${generation}`;
}

/** A household has a /64 of IPv6 to itself: its addresses are one. */
export function network(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = (plain.split('%')[0] ?? '').toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const behind = tail === '' ? 0 : tail.split(':').length;
    while (groups.length < 8 - behind) groups.push('0');
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .concat(['0', '0', '0', '0'])
    .slice(0, 4)
    .join(':')}::/64`;
}
