import { randomBytes } from 'node:crypto';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { isRetryable, isUnreachable } from '../../platform/database/index.js';
import { Signal } from '../../platform/events/index.js';
import { Logger } from '../../platform/logging/index.js';
import { RecurringWork } from '../../platform/schedule/index.js';
import { cleanText } from '../../platform/text/index.js';
import { RefusalStore } from './refusal-store.js';
import type { Refusal, RefusalFacts } from './refusal.js';

export type { Refusal, RefusalFacts } from './refusal.js';

/** Equal refusals within this time are one, counted. */
const window = 60_000;
const flushEvery = 1_000;
const pruneEvery = 30_000;
const pendingCapacity = 500;
const windowCapacity = 2_000;
/** Rows that one process adds in a second at the most, whatever arrives. */
const flushLimit = 200;
/** Different refusals of one address within a window that are kept apart; the rest is one a check and subject. */
const addressShare = 200;

/** Characters of each text, one less than there is room for: what is cut off ends with `…`. */
const longest = { explanation: 1_000, method: 15, path: 299, name: 127 };

const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';

/**
 * Remembers why requests were refused. Recording is a few microseconds in memory; equal refusals are counted,
 * the rest is written in batches, and the number of rows, in memory and on disk, is bounded: a flood of
 * refusals costs counts, not space.
 */
@Injectable()
export class RefusalsService implements OnApplicationBootstrap, OnApplicationShutdown {
  /** A refusal that is kept apart, when it comes for the first time. */
  readonly recorded = new Signal<Refusal>();
  private readonly recent = new Map<string, Refusal>();
  private readonly shares = new Map<string, AddressShare>();
  /** Not stored yet, by reference; what is being stored stays until it is. */
  private readonly pending = new Map<string, Refusal>();
  private readonly flushing = new RecurringWork(
    flushEvery,
    () => this.writeBatch(),
    // `writeBatch` says itself what went wrong, and goes on.
    () => undefined,
  );
  private readonly pruning = new RecurringWork(
    pruneEvery,
    () => this.prune(),
    (error) => this.logger.warn('old refusals could not be deleted', { error: (error as Error).message }),
  );
  private lost = 0;
  private isAway = false;

  constructor(
    private readonly store: RefusalStore,
    private readonly settings: Settings,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.flushing.start();
    this.pruning.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.flushing.stop(), this.pruning.stop()]);
    while (this.pending.size > 0 && (await this.writeBatch()));
  }

  /** Remembers the refusal and returns the reference id under which an administrator finds it. */
  record(given: RefusalFacts): string {
    const facts = cleaned(given);
    const now = Date.now();
    const key = keyOf(facts);
    const known = this.known(key, now);
    if (known !== undefined) return this.count(key, known, now);
    if (this.takesShare(facts.address, now)) return this.add(key, facts, now);
    const manyKey = keyOf({ ...facts, method: '*', path: '*', actual: '' });
    const counted = this.known(manyKey, now);
    return counted === undefined
      ? this.add(manyKey, severalAsOne(facts), now)
      : this.count(manyKey, counted, now);
  }

  /** Undefined: unknown, too old, or one of more refusals than are kept. */
  async find(reference: string): Promise<Refusal | undefined> {
    return this.pending.get(reference) ?? (await this.store.find(reference));
  }

  /** Newest first, at most `limit` (1 to 500). */
  async list(options: { readonly limit?: number; readonly before?: number } = {}): Promise<Refusal[]> {
    await this.flushing.now();
    const limit = Math.min(Math.max(options.limit ?? 50, 1), 500);
    return this.store.list(limit, options.before ?? Number.MAX_SAFE_INTEGER);
  }

  private known(key: string, now: number): Refusal | undefined {
    const known = this.recent.get(key);
    return known !== undefined && now - known.firstAt < window ? known : undefined;
  }

  private count(key: string, known: Refusal, now: number): string {
    const counted = { ...known, times: known.times + 1, lastAt: now };
    this.recent.set(key, counted);
    if (this.pending.has(counted.reference) || this.pending.size < pendingCapacity) {
      this.pending.set(counted.reference, counted);
    }
    return counted.reference;
  }

  private add(key: string, facts: RefusalFacts, now: number): string {
    const refusal: Refusal = { ...facts, reference: newReference(), times: 1, firstAt: now, lastAt: now };
    const { reference } = refusal;
    if (this.pending.size >= pendingCapacity) {
      this.lost += 1;
      return reference;
    }
    if (this.recent.size >= windowCapacity) this.recent.clear();
    this.recent.set(key, refusal);
    this.pending.set(reference, refusal);
    const { check, endpoint, subject, address } = facts;
    this.recorded.emit(refusal);
    this.logger.info('refused', { reference, check, endpoint, subject, address });
    return reference;
  }

  /** Whether the address has not used up its share of the window. */
  private takesShare(address: string, now: number): boolean {
    const share = this.shares.get(address);
    if (share === undefined || now - share.since >= window) {
      if (this.shares.size >= windowCapacity) this.shares.clear();
      this.shares.set(address, { since: now, taken: 1 });
      return true;
    }
    share.taken += 1;
    return share.taken <= addressShare;
  }

  /** Writes the next batch; false where that failed. */
  private async writeBatch(): Promise<boolean> {
    const batch = [...this.pending.values()].slice(0, flushLimit);
    if (this.lost > 0 && !this.isAway) {
      this.logger.warn('refusals were too many to be kept', { lost: this.lost });
      this.lost = 0;
    }
    try {
      await this.store.save(batch);
      this.isAway = false;
      this.settle(batch);
      return true;
    } catch (error) {
      // What fails for another reason would fail again and hold up the rest.
      const isAway = isUnreachable(error) || isRetryable(error);
      if (!isAway) this.settle(batch);
      if (!isAway || !this.isAway) {
        this.logger.warn(isAway ? 'refusals wait for the database' : 'refusals could not be stored', {
          count: batch.length,
          error: (error as Error).message,
        });
      }
      this.isAway = isAway;
      return false;
    }
  }

  /** What was counted on meanwhile stays for the next batch. */
  private settle(batch: readonly Refusal[]): void {
    for (const refusal of batch) {
      if (this.pending.get(refusal.reference) === refusal) this.pending.delete(refusal.reference);
    }
  }

  private async prune(): Promise<void> {
    const oldest = Date.now() - this.settings.get('refusalRetentionDays') * 86_400_000;
    await this.store.prune(oldest, this.settings.get('refusalCapacity'), () => this.pruning.isStopped);
  }
}

interface AddressShare {
  readonly since: number;
  taken: number;
}

/** Clients, and servers that are trusted, have brought the texts: none may hurt whoever reads them later. */
function cleaned(facts: RefusalFacts): RefusalFacts {
  const { subject, clientId, token } = facts;
  return {
    ...facts,
    expected: cleanText(facts.expected, longest.explanation),
    actual: cleanText(facts.actual, longest.explanation),
    remedy: cleanText(facts.remedy, longest.explanation),
    method: cleanText(facts.method, longest.method),
    path: cleanText(facts.path, longest.path),
    subject: subject === null ? null : cleanText(subject, longest.name),
    clientId: clientId === null ? null : cleanText(clientId, longest.name),
    token:
      token === null
        ? null
        : {
            ...token,
            scopes: token.scopes.map((scope) => cleanText(scope)),
            audience: token.audience.map((audience) => cleanText(audience)),
            patient: token.patient === null ? null : cleanText(token.patient),
          },
  };
}

function keyOf(facts: RefusalFacts): string {
  const { check, endpoint, method, path, subject, clientId, address, actual } = facts;
  return [check, endpoint, method, path, subject ?? '', clientId ?? '', address, actual].join('\n');
}

/** What a sender can choose freely doesn't tell them apart any more; a subject is one that was verified. */
function severalAsOne(facts: RefusalFacts): RefusalFacts {
  return {
    ...facts,
    method: '*',
    path: '*',
    actual: `${facts.actual} (and whatever else came from this address within a minute, beyond ${addressShare} different refusals)`,
  };
}

/** 80 random bits in letters that can be read aloud. */
function newReference(): string {
  return Array.from(randomBytes(16), (byte) => alphabet[byte & 31]).join('');
}
