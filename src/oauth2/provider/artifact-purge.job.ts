import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database, deleteExpired } from '../../platform/database/index.js';
import { Logger } from '../../platform/logging/index.js';
import { RecurringWork, removeInBatches } from '../../platform/schedule/index.js';
import { NamedLock } from './named-lock.js';

const every = 60_000;
const batch = 500;
/** Behind the expiry, so that what just expired is refused as expired and not as unknown. */
const grace = 10 * 60_000;
const expiry = 'expires_at';
const expiringTables = [
  { name: 'oauth2_artifact', key: 'id_hash', expiry },
  { name: 'oauth2_device_poll', key: 'id_hash', expiry },
  { name: 'oauth2_launch_context', key: 'grant_hash', expiry },
  { name: 'oauth2_launch', key: 'id', expiry },
];

/** Removes what has expired, in batches, in one process at a time. */
@Injectable()
export class ArtifactPurgeJob implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly work = new RecurringWork(
    every,
    () => this.run(),
    (error) => this.logger.warn('oauth2 purge failed', error),
  );

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(NamedLock) private readonly lock: NamedLock,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.work.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.work.stop();
  }

  /** @returns how many rows went. */
  async run(now = Date.now()): Promise<number> {
    let removed = 0;
    await this.lock.tryRun('firekeep_oauth2_purge', async () => {
      for (const table of expiringTables) {
        removed += await removeInBatches(
          batch,
          (limit) =>
            this.database.transaction((session) => deleteExpired(session, table, now - grace, limit)),
          () => this.work.isStopped,
        );
      }
    });
    return removed;
  }
}
