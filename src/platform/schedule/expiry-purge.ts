import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { ExpiredRows, type Database, type ExpiringTable } from '../database/index.js';
import type { Logger } from '../logging/index.js';
import { RecurringWork } from './recurring-work.js';
import { inSlices } from './slices.js';

export interface PurgeTerms {
  readonly tables: readonly ExpiringTable[];
  /** Milliseconds between two rounds. */
  readonly every: number;
  /** What the log says where a round fails. */
  readonly failure: string;
}

/** Removes rows that have expired, a slice at a time, for as long as the application runs. */
export abstract class ExpiryPurge implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly work: RecurringWork;

  constructor(
    private readonly database: Database,
    logger: Logger,
    private readonly terms: PurgeTerms,
  ) {
    const { every, failure } = terms;
    this.work = new RecurringWork(
      every,
      () => this.run(),
      (error) => logger.warn(failure, error),
    );
  }

  onApplicationBootstrap(): void {
    this.work.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.work.stop();
  }

  /** @returns how many rows went. */
  async run(now = Date.now()): Promise<number> {
    let removed = 0;
    for (const table of this.terms.tables) {
      const rows = new ExpiredRows(this.database, table, now);
      removed += await inSlices(
        (limit) => rows.delete(limit),
        () => this.work.isStopped,
      );
    }
    return removed;
  }
}
