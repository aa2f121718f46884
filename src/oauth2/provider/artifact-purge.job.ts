import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '../../platform/database/index.js';
import { Logger } from '../../platform/logging/index.js';
import { deleteExpired, expiringTables } from './expired-rows.js';
import { DevicePolls } from './device-polls.js';
import { NamedLock } from './named-lock.js';

const every = 60_000;
const batch = 500;
const mostBatches = 200;
/** Behind the expiry, so that what just expired is refused as expired and not as unknown. */
const grace = 10 * 60_000;

/** Removes what has expired, in batches, in one process at a time. */
@Injectable()
export class ArtifactPurgeJob implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private underWay: Promise<unknown> = Promise.resolve();
  private stopped = false;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(DevicePolls) private readonly polls: DevicePolls,
    @Inject(NamedLock) private readonly lock: NamedLock,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.underWay = this.run().catch((error: unknown) => this.logger.warn('oauth2 purge failed', error));
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
    await this.lock.tryRun('firekeep_oauth2_purge', async () => {
      await this.polls.purge(now - grace);
      for (const table of expiringTables) removed += await this.purge(table, now - grace);
    });
    return removed;
  }

  private async purge(table: (typeof expiringTables)[number], before: number): Promise<number> {
    let removed = 0;
    for (let round = 0; round < mostBatches && !this.stopped; round += 1) {
      const count = await this.database.transaction((session) =>
        deleteExpired(session, table, before, batch),
      );
      removed += count;
      if (count < batch) break;
    }
    return removed;
  }
}
