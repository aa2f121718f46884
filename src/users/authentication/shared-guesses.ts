import { Injectable } from '@nestjs/common';
import { ExpiringCache } from '../../platform/cache/index.js';
import { SecretBox } from '../../platform/crypto/index.js';
import { Logger } from '../../platform/logging/index.js';
import { AttemptCounts, type AttemptLimit } from '../../platform/throttling/index.js';
import { guessLimits, guessMemory, network, pairKey, trustLasts, type Attempt } from './guess-throttle.js';

/** Names share this many counts of each kind, so that there are never more rows, whoever guesses at what. */
const hexDigits = 5;
const fullMark = 64;
const first = 1000;

/** A guess that all processes have counted. */
interface CountedGuess {
  /** The password was right. */
  succeeded(): Promise<void>;
  failed(): Promise<void>;
  /** It did not come to a verification. */
  abandoned(): Promise<void>;
}

/**
 * Wrong passwords of all processes together, in the database: what one process allows, all together do. Where the
 * database can't say, the counts of each process hold by themselves.
 */
@Injectable()
export class SharedGuesses {
  /** What was marked within the hour. */
  private readonly kept = new ExpiringCache<string, true>({ capacity: 10_000, lifetime: 60 * 60_000 });
  /** Milliseconds that a guess waits for the database, which may be busy with writes of others. */
  private readonly patience = 1000;

  constructor(
    private readonly counts: AttemptCounts,
    private readonly secretBox: SecretBox,
    private readonly logger: Logger,
  ) {}

  /** Whether the right password came from there, to whichever process. */
  isTrusted(attempt: Attempt): Promise<boolean> {
    return this.orElse(false, () => this.counts.isMarked(this.trustOf(attempt)));
  }

  /** @returns milliseconds to wait, or the guess */
  async take(attempt: Attempt, isTrusted: boolean): Promise<number | CountedGuess> {
    if (isTrusted || (await this.isTrusted(attempt))) return this.takeTrusted(attempt);
    const limits = [
      // In this order everywhere, so that two guesses never wait for each other.
      this.limit('address', 'address', network(attempt.address), hexDigits),
      this.limit('subject', 'subject', attempt.subject, hexDigits),
    ];
    const wait = await this.orElse(0, () => this.counts.take(limits));
    if (wait > 0) return wait;
    const giveBack = (): Promise<void> => this.orElse(undefined, () => this.counts.giveBack(limits));
    return {
      abandoned: giveBack,
      failed: () => Promise.resolve(),
      succeeded: async () => {
        await giveBack();
        await this.keepTrust(attempt);
      },
    };
  }

  /** Counted when it was wrong: the right password of who is known here costs no write. */
  private async takeTrusted(attempt: Attempt): Promise<number | CountedGuess> {
    const pair = this.limit('pair', 'trusted', pairKey(attempt), fullMark);
    const known = await this.orElse(undefined, () => this.counts.of(pair.name));
    if (known !== undefined && known.wait > 0) return known.wait;
    return {
      abandoned: () => Promise.resolve(),
      failed: async () => {
        await this.orElse(0, () => this.counts.take([pair]));
      },
      succeeded: async () => {
        if (known !== undefined) await this.orElse(undefined, () => this.counts.clear(pair.name));
        await this.keepTrust(attempt);
      },
    };
  }

  private async keepTrust(attempt: Attempt): Promise<void> {
    const name = this.trustOf(attempt);
    if (this.kept.get(name) === true) return;
    this.kept.set(name, true);
    await this.orElse(undefined, () => this.counts.mark(name, trustLasts));
  }

  /** Names and addresses are few, so their marks have a key. */
  private limit(kind: string, limit: keyof typeof guessLimits, text: string, digits: number): AttemptLimit {
    const { free, longest } = guessLimits[limit];
    const mark = this.secretBox.digest(`guess-${kind}`, text).slice(0, digits);
    return { name: `guess ${kind} ${mark}`, free, first, longest, memory: guessMemory, renewed: true };
  }

  private trustOf(attempt: Attempt): string {
    return `trust ${this.secretBox.digest('guess-trust', pairKey(attempt))}`;
  }

  private async orElse<T>(otherwise: T, work: () => Promise<T>): Promise<T> {
    try {
      return await within(this.patience, work());
    } catch (error) {
      this.logger.warn('guesses are counted by this process alone', {
        problem: error instanceof Error ? error.message : String(error),
      });
      return otherwise;
    }
  }
}

async function within<T>(patience: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('the database took too long')), patience).unref();
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // It may fail later, when nobody waits any more.
    work.catch(() => undefined);
  }
}
