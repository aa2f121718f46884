import type { SqlSession } from '../database/index.js';
import { FirekeepError } from '../errors/index.js';
import type { Logger } from '../logging/index.js';
import { leaseLost, type JobLeases } from './job-leases.js';

/** One round of a job: what its `run` is given. */
export interface JobRound {
  /**
   * Aborted when the server stops and when the lease is lost; its reason is a FirekeepError `JOB_STOPPED` or
   * `JOB_LEASE_LOST`. Work that takes long looks at it.
   */
  readonly signal: AbortSignal;
  /** Higher in each round, whichever process it runs in: what another system may tell late calls by. */
  readonly fence: number;
  /**
   * Holds the job until a transaction ends. `ExtensionTables.write` does this with the option `round`.
   *
   * @throws FirekeepError `JOB_LEASE_LOST`
   */
  hold(session: SqlSession): Promise<void>;
}

/** Work that is done again and again, by one process of all that share the database. */
export interface RecurringJob {
  /** Name of the extension, a dot, and letters, digits and `-`: `clinic.reminders`. At most 100 characters. */
  readonly name: string;
  /** Seconds from the beginning of one round to that of the next, at least 1. The first one is due at once. */
  readonly every: number;
  /**
   * Seconds after which another process takes over from one that died, 3 to 3600; 30 where it is absent. A process that
   * lives renews it.
   */
  readonly lease?: number;
  /** Does one round. What it throws is logged; the next round comes in its time. */
  run(round: JobRound): Promise<void>;
}

/** Milliseconds: others may have been stopped in the middle, so that a job is due before its time. */
const longestPause = 15_000;
const pauseWhereTaken = 250;
const pauseInOutage = 5_000;

/** The rounds of one job in this process, one at a time. */
export class LeasedJob {
  private timer: NodeJS.Timeout | undefined;
  private readonly stopping = new AbortController();
  private current: Promise<void> = Promise.resolve();
  private isAway = false;
  private isKnown = false;

  /** @param holder names this process */
  constructor(
    private readonly job: RecurringJob,
    private readonly holder: string,
    private readonly leases: JobLeases,
    private readonly logger: Logger,
  ) {}

  /** @param pause milliseconds until it is looked at */
  start(pause: number): void {
    if (this.stopping.signal.aborted) return;
    this.timer = setTimeout(() => {
      this.current = this.step().then((next) => this.start(next));
    }, pause);
    this.timer.unref();
  }

  /** Breaks the round off that is under way, and waits for it. */
  async stop(): Promise<void> {
    this.stopping.abort(
      new FirekeepError('unavailable', 'JOB_STOPPED', `The server stops, and with it "${this.job.name}".`),
    );
    clearTimeout(this.timer);
    await this.current;
  }

  /** @returns milliseconds until the next look; never rejects */
  private async step(): Promise<number> {
    const { name } = this.job;
    const every = this.job.every * 1_000;
    try {
      if (!this.isKnown) await this.leases.ensure(name);
      this.isKnown = true;
      const wait = await this.leases.wait(name, every);
      this.isAway = false;
      if (wait > 0) return Math.min(wait, longestPause);
      const lease = (this.job.lease ?? 30) * 1_000;
      const taken = performance.now();
      const fence = await this.leases.take(name, this.holder, every, lease);
      if (fence === undefined) return pauseWhereTaken;
      if (this.stopping.signal.aborted) await this.leases.giveBack(name, fence, false);
      else await this.round(fence, lease, taken);
      return pauseWhereTaken;
    } catch (error) {
      if (!this.isAway) this.logger.warn('a recurring job waits for the database', failure(name, error));
      this.isAway = true;
      return pauseInOutage;
    }
  }

  private async round(fence: number, lease: number, taken: number): Promise<void> {
    const { name } = this.job;
    const lost = new AbortController();
    const signal = AbortSignal.any([this.stopping.signal, lost.signal]);
    const endRenewal = this.keepRenewing(fence, lease, taken, lost);
    let isDone = true;
    try {
      await this.job.run({ signal, fence, hold: (session) => this.leases.hold(session, name, fence) });
    } catch (error) {
      isDone = !this.stopping.signal.aborted;
      if (isDone) this.logger.error('a recurring job failed', failure(name, error));
    } finally {
      await endRenewal();
    }
    if (!lost.signal.aborted) await this.leases.giveBack(name, fence, isDone);
  }

  /** By the clock of this process, which runs as fast as the database's: the lease counts from before it was asked for. */
  private keepRenewing(
    fence: number,
    lease: number,
    taken: number,
    lost: AbortController,
  ): () => Promise<void> {
    const { name } = this.job;
    let heldUntil = taken + lease;
    let renewing: Promise<void> = Promise.resolve();
    let isRenewing = false;
    const renew = async (): Promise<void> => {
      const asked = performance.now();
      try {
        if (await this.leases.renew(name, fence, lease)) heldUntil = asked + lease;
        else lost.abort(leaseLost(name));
      } catch (error) {
        this.logger.warn('the lease of a recurring job was not renewed', failure(name, error));
      } finally {
        isRenewing = false;
      }
    };
    const timer = setInterval(
      () => {
        if (performance.now() >= heldUntil) lost.abort(leaseLost(name));
        if (lost.signal.aborted || isRenewing) return;
        isRenewing = true;
        renewing = renew();
      },
      Math.min(lease / 3, 10_000),
    );
    timer.unref();
    return async () => {
      clearInterval(timer);
      await renewing;
    };
  }
}

function failure(job: string, error: unknown): object {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return { job, error: { name, message, stack } };
}
