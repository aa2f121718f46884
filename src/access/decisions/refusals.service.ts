import { randomBytes } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { Logger } from '../../platform/logging/index.js';
import { RefusalStore } from './refusal-store.js';
import type { Refusal, RefusalFacts } from './refusal.js';

export type { Refusal, RefusalFacts, TrailEntry } from './refusal.js';

/** Equal refusals within this time are one, counted. */
const window = 60_000;
const flushEvery = 1_000;
const pruneEvery = 30_000;
const pendingCapacity = 500;
const windowCapacity = 2_000;
/** Rows that one process adds in a second at the most, whatever arrives. */
const flushLimit = 200;

const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';

/**
 * Remembers why requests were refused. Recording is a few microseconds in memory; equal refusals are counted,
 * the rest is written in batches, and the number of rows, in memory and on disk, is bounded: a flood of
 * refusals costs counts, not space.
 */
@Injectable()
export class RefusalsService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly recent = new Map<string, Refusal>();
  private readonly pending = new Map<string, Refusal>();
  private timers: NodeJS.Timeout[] = [];
  private flushing: Promise<void> = Promise.resolve();
  private lost = 0;

  constructor(
    @Inject(RefusalStore) private readonly store: RefusalStore,
    @Inject(Settings) private readonly settings: Settings,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timers = [
      setInterval(() => void this.flush(), flushEvery).unref(),
      setInterval(() => void this.prune(), pruneEvery).unref(),
    ];
  }

  async onApplicationShutdown(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    while (this.pending.size > 0 && (await this.flush()));
  }

  /** Remembers the refusal and returns the reference id under which an administrator finds it. */
  record(facts: RefusalFacts): string {
    const now = Date.now();
    const key = `${facts.check}\n${facts.endpoint}\n${facts.method}\n${facts.path}\n${facts.subject ?? ''}\n${facts.clientId ?? ''}\n${facts.address}\n${facts.actual}`;
    const known = this.recent.get(key);
    if (known !== undefined && now - known.firstAt < window) {
      const counted = { ...known, times: known.times + 1, lastAt: now };
      this.recent.set(key, counted);
      if (this.pending.has(counted.reference) || this.pending.size < pendingCapacity) {
        this.pending.set(counted.reference, counted);
      }
      return counted.reference;
    }
    const refusal: Refusal = { ...facts, reference: newReference(), times: 1, firstAt: now, lastAt: now };
    this.logger.info('refused', {
      reference: refusal.reference,
      check: facts.check,
      endpoint: facts.endpoint,
      subject: facts.subject,
      address: facts.address,
    });
    if (this.pending.size >= pendingCapacity) {
      this.lost += 1;
      return refusal.reference;
    }
    if (this.recent.size >= windowCapacity) this.recent.clear();
    this.recent.set(key, refusal);
    this.pending.set(refusal.reference, refusal);
    return refusal.reference;
  }

  /** Undefined: unknown, too old, or one of more refusals than are kept. */
  async find(reference: string): Promise<Refusal | undefined> {
    return this.pending.get(reference) ?? (await this.store.find(reference));
  }

  /** Newest first, at most `limit` (1 to 500). */
  async list(options: { readonly limit?: number; readonly before?: number } = {}): Promise<Refusal[]> {
    await this.flush();
    const limit = Math.min(Math.max(options.limit ?? 50, 1), 500);
    return this.store.list(limit, options.before ?? Number.MAX_SAFE_INTEGER);
  }

  /** Writes the next batch; false where that failed. */
  private flush(): Promise<boolean> {
    const run = this.flushing.then(() => this.writeBatch());
    this.flushing = run.then(() => undefined);
    return run;
  }

  private async writeBatch(): Promise<boolean> {
    const batch = [...this.pending.values()].slice(0, flushLimit);
    for (const { reference } of batch) this.pending.delete(reference);
    if (this.lost > 0) {
      this.logger.warn('refusals were too many to be kept', { lost: this.lost });
      this.lost = 0;
    }
    try {
      await this.store.save(batch);
      return true;
    } catch (error) {
      this.lost += batch.length;
      this.logger.warn('refusals could not be stored', {
        count: batch.length,
        error: (error as Error).message,
      });
      return false;
    }
  }

  private async prune(): Promise<void> {
    const oldest = Date.now() - this.settings.get('refusalRetentionDays') * 86_400_000;
    try {
      await this.store.prune(oldest, this.settings.get('refusalCapacity'));
    } catch (error) {
      this.logger.warn('old refusals could not be deleted', { error: (error as Error).message });
    }
  }
}

/** 80 random bits in letters that can be read aloud. */
function newReference(): string {
  return Array.from(randomBytes(16), (byte) => alphabet[byte & 31]).join('');
}
