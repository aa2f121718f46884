import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '../../platform/database/index.js';
import { Logger } from '../../platform/logging/index.js';
import { purgeReceipts } from './sql/receipts.js';

const every = 10 * 60_000;
const batch = 500;
const mostBatches = 200;

/** Removes receipts of idempotent requests that have expired, a batch a transaction. */
@Injectable()
export class ReceiptPurgeJob implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private underWay: Promise<unknown> = Promise.resolve();
  private stopped = false;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.underWay = this.run().catch((error: unknown) =>
        this.logger.warn('purge of receipts failed', error),
      );
    }, every);
    this.timer.unref();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.underWay;
  }

  /** @returns how many rows went. */
  async run(now = Date.now()): Promise<number> {
    let removed = 0;
    for (let round = 0; round < mostBatches && !this.stopped; round += 1) {
      const count = await this.database.transaction((session) => purgeReceipts(session, now, batch));
      removed += count;
      if (count < batch) break;
    }
    return removed;
  }
}
