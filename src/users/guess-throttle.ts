import { isIPv6 } from 'node:net';
import { ExpiringCache } from '../platform/cache/index.js';

interface Failures {
  /** Guesses that failed or haven't been decided yet. */
  count: number;
  /** Milliseconds since the epoch until which no further guess is taken. */
  blockedUntil: number;
}

interface Limit {
  /** Failures that cost nothing. */
  readonly free: number;
  /** Longest wait between two guesses, in milliseconds. */
  readonly longest: number;
}

/** One address tries many names; one name is tried from many addresses; someone who was let in mistypes. */
const limits = {
  address: { free: 20, longest: 15 * 60_000 },
  subject: { free: 10, longest: 5 * 60_000 },
  trusted: { free: 10, longest: 60_000 },
} satisfies Record<string, Limit>;

const memory = 60 * 60_000;
const trustLasts = 24 * 60 * 60_000;
const capacity = 20_000;

/** A guess that was let through; one of its ends must be called. */
export interface Guess {
  succeeded(): void;
  failed(): void;
  /** It was neither: it did not come to a verification. */
  abandoned(): void;
}

/**
 * Slows down guessing of passwords per address and per account, doubling the wait with every failure. An
 * address that gave the right password within a day has an account of its own failures with that name only, so
 * that guessing from elsewhere doesn't lock the owner out. In memory of this process, bounded.
 */
export class GuessThrottle {
  private readonly addresses: ExpiringCache<string, Failures>;
  private readonly subjects: ExpiringCache<string, Failures>;
  private readonly pairs: ExpiringCache<string, Failures>;
  private readonly trusted: ExpiringCache<string, true>;

  constructor(private readonly now: () => number = Date.now) {
    const failures = { capacity, lifetime: memory, now };
    this.addresses = new ExpiringCache(failures);
    this.subjects = new ExpiringCache(failures);
    this.pairs = new ExpiringCache(failures);
    this.trusted = new ExpiringCache({ capacity, lifetime: trustLasts, now });
  }

  /** Seconds until a guess is taken again; 0: now. */
  wait(subject: string, address: string): number {
    const now = this.now();
    const until = Math.max(
      ...this.accounts(subject, address).map(({ cache, key }) => cache.get(key)?.blockedUntil ?? 0),
    );
    return until <= now ? 0 : Math.ceil((until - now) / 1000);
  }

  /** Counts the guess as failed until it is known, so that many at once don't slip through together. */
  begin(subject: string, address: string): Guess {
    const counted = this.accounts(subject, address).map(({ cache, key, limit }) => {
      const entry: Failures = cache.get(key) ?? { count: 0, blockedUntil: 0 };
      entry.count++;
      const beyond = entry.count - limit.free;
      if (beyond >= 0)
        entry.blockedUntil = this.now() + Math.min(limit.longest, 1000 * 2 ** Math.min(beyond, 20));
      cache.set(key, entry);
      return { entry, limit };
    });
    const undo = (): void => {
      for (const { entry, limit } of counted) {
        entry.count = Math.max(0, entry.count - 1);
        if (entry.count < limit.free) entry.blockedUntil = 0;
      }
    };
    return {
      failed: () => undefined,
      abandoned: undo,
      succeeded: () => {
        undo();
        this.trust(subject, address);
      },
    };
  }

  /** The right password came from this address. */
  trust(subject: string, address: string): void {
    const key = pairKey(subject, address);
    this.trusted.set(key, true);
    this.pairs.delete(key);
  }

  /** Nothing is trusted any more, for example after a new password. */
  distrust(subject: string): void {
    this.trusted.deleteWhere((key) => key.endsWith(`\n${subject}`));
  }

  private accounts(subject: string, address: string) {
    const key = pairKey(subject, address);
    if (this.trusted.get(key) === true) return [{ cache: this.pairs, key, limit: limits.trusted }];
    return [
      { cache: this.addresses, key: network(address), limit: limits.address },
      { cache: this.subjects, key: subject, limit: limits.subject },
    ];
  }
}

function pairKey(subject: string, address: string): string {
  return `${network(address)}\n${subject}`;
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
