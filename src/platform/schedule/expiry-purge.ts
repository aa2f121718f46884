import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { deleteExpired, type Database, type ExpiringTable } from '../database/index.js';
import type { Logger } from '../logging/index.js';
import { removeInBatches } from './batches.js';
import { RecurringWork } from './recurring-work.js';

export interface PurgeTerms {
  readonly tables: readonly ExpiringTable[];
  /** Milliseconds between two rounds. */
  readonly every: number;
  /** Rows of one transaction. */
  readonly batch: number;
  /** What the log says where a round fails. */
  readonly failure: string;
}

/** Removes rows that have expired, a batch a transaction, for as long as the application runs. */
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
    const { tables, batch } = this.terms;
    let removed = 0;
    for (const table of tables) {
      removed += await removeInBatches(
        batch,
        (limit) => this.database.transaction((session) => deleteExpired(session, table, now, limit)),
        () => this.work.isStopped,
      );
    }
    return removed;
  }
}
