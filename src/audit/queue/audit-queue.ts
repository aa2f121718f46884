import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { ServerResources, type OwnResource } from '../../fhir/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { Logger } from '../../platform/logging/index.js';
import { RecurringWork } from '../../platform/schedule/index.js';
import { DrainRate } from './drain-rate.js';

/** Milliseconds after which what waits is stored. */
const flushEvery = 500;
/** Events of one commit. */
const batchSize = 200;
/** Events that wait at the most. */
const capacity = 10_000;
/** Milliseconds that a request waits for room. */
const patience = 5_000;

interface Waiting {
  readonly repository: string;
  readonly event: OwnResource;
  readonly stored?: () => void;
  readonly failed?: (error: unknown) => void;
}

/**
 * Events that no write carries along: stored together, at most half a second after they happened. What the process
 * is killed with is lost; what a database that is away has not taken stays, as far as there is room.
 */
@Injectable()
export class AuditQueue implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  private waiting: Waiting[] = [];
  private readonly whenRoom = new Set<() => void>();
  private readonly rate = new DrainRate(capacity);
  private readonly work = new RecurringWork(
    flushEvery,
    () => this.flush(),
    (error) => this.logger.error('audit events could not be stored', error),
  );
  private flushing: Promise<void> | undefined;
  private lost = 0;
  private isFailing = false;

  constructor(
    private readonly resources: ServerResources,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.work.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.flush();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.work.stop();
    await this.flush();
    if (this.waiting.length > 0)
      this.logger.error('audit events were not stored', { count: this.waiting.length });
  }

  /** Events of what nobody waits for; where there is no room they are counted as lost. */
  add(repository: string, events: readonly OwnResource[]): void {
    for (const event of events) {
      if (this.waiting.length >= capacity) this.lose(1);
      else this.waiting.push({ repository, event });
    }
    if (this.waiting.length >= batchSize) void this.flush();
  }

  /**
   * Events of a request that is answered afterwards.
   *
   * @throws FirekeepError 503 `AUDIT_UNAVAILABLE` where there is no room for them within some seconds
   */
  async take(repository: string, events: readonly OwnResource[]): Promise<void> {
    if (this.waiting.length + events.length > this.limit) await this.room(events.length);
    this.add(repository, events);
  }

  /** Resolves once the events are stored. @throws FirekeepError 503 `AUDIT_UNAVAILABLE` */
  async store(repository: string, events: readonly OwnResource[]): Promise<void> {
    if (this.waiting.length + events.length > this.limit) await this.room(events.length);
    const stored = events.map(
      (event) =>
        new Promise<void>((resolve, reject) =>
          this.waiting.push({ repository, event, stored: resolve, failed: reject }),
        ),
    );
    void this.flush();
    await Promise.all(stored);
  }

  /** Stores what waits now; further calls meanwhile join. Never rejects. */
  flush(): Promise<void> {
    this.flushing ??= this.writeAll().finally(() => (this.flushing = undefined));
    return this.flushing;
  }

  private async writeAll(): Promise<void> {
    // Lets what arrives in the same round of the event loop go along.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      const repository = this.waiting[0]?.repository ?? '';
      const batch: Waiting[] = [];
      for (const one of this.waiting) {
        if (one.repository !== repository || batch.length >= batchSize) break;
        batch.push(one);
      }
      if (!(await this.write(repository, batch))) return;
      for (const resolve of this.whenRoom) resolve();
    }
    this.tellLost();
  }

  private async write(repository: string, batch: readonly Waiting[]): Promise<boolean> {
    const started = performance.now();
    try {
      await this.resources.append(
        repository,
        batch.map(({ event }) => event),
      );
    } catch (error) {
      return this.giveUp(batch, error);
    }
    this.rate.stored(batch.length, performance.now() - started);
    this.isFailing = false;
    this.waiting.splice(0, batch.length);
    for (const { stored } of batch) stored?.();
    return true;
  }

  /** What the database can't take now waits; those who wait for it are told; what it will never take is left out. */
  private giveUp(batch: readonly Waiting[], error: unknown): boolean | Promise<boolean> {
    const isAway = error instanceof FirekeepError && error.category === 'unavailable';
    if (!isAway || !this.isFailing) {
      this.logger.error(isAway ? 'audit events wait for the database' : 'audit events could not be stored', {
        count: batch.length,
        error: { message: (error as Error).message },
      });
    }
    this.isFailing = isAway;
    if (!isAway && batch.length > 1) return this.oneByOne(batch);
    const watched = batch.filter(({ failed }) => failed !== undefined);
    for (const { failed } of watched) failed?.(unavailable(error));
    const kept = isAway ? batch.filter(({ failed }) => failed === undefined) : [];
    this.waiting.splice(0, batch.length, ...kept);
    return !isAway;
  }

  private async oneByOne(batch: readonly Waiting[]): Promise<boolean> {
    for (const one of batch) if (!(await this.write(one.repository, [one]))) return false;
    return true;
  }

  private async room(count: number): Promise<void> {
    const until = Date.now() + patience;
    void this.flush();
    while (this.waiting.length + count > Math.max(this.limit, count)) {
      const left = until - Date.now();
      if (left <= 0) throw unavailable();
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          this.whenRoom.delete(done);
          resolve();
        };
        const timer = setTimeout(done, left);
        this.whenRoom.add(done);
      });
    }
  }

  /** What a database that is away hasn't taken waits beyond it; a kill loses that too. */
  private get limit(): number {
    return this.isFailing ? capacity : this.rate.limit;
  }

  private lose(count: number): void {
    this.lost += count;
  }

  private tellLost(): void {
    if (this.lost === 0) return;
    this.logger.error('audit events were lost, since too many were waiting', { count: this.lost });
    this.lost = 0;
  }
}

function unavailable(cause?: unknown): FirekeepError {
  return new FirekeepError(
    'unavailable',
    'AUDIT_UNAVAILABLE',
    'What happens can not be recorded at the moment, so that nothing is shown. Try again soon.',
    { retryAfter: 5, ...(cause === undefined ? {} : { cause }) },
  );
}
