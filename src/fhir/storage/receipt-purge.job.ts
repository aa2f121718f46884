import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database, deleteExpired } from '../../platform/database/index.js';
import { Logger } from '../../platform/logging/index.js';
import { RecurringWork, removeInBatches } from '../../platform/schedule/index.js';
import { tables } from './sql/keys.js';

const every = 10 * 60_000;
const batch = 500;
const receipts = { name: tables.receipt, key: 'receipt_key', expiry: 'expires' };

/** Removes receipts of idempotent requests that have expired, a batch a transaction. */
@Injectable()
export class ReceiptPurgeJob implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly work = new RecurringWork(
    every,
    () => this.run(),
    (error) => this.logger.warn('purge of receipts failed', error),
  );

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.work.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.work.stop();
  }

  /** @returns how many rows went. */
  run(now = Date.now()): Promise<number> {
    return removeInBatches(
      batch,
      (limit) => this.database.transaction((session) => deleteExpired(session, receipts, now, limit)),
      () => this.work.isStopped,
    );
  }
}
