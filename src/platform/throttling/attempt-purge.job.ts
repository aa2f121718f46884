import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database, deleteExpired } from '../database/index.js';
import { Logger } from '../logging/index.js';
import { RecurringWork, removeInBatches } from '../schedule/index.js';

const every = 60_000;
const batch = 500;
const table = { name: 'attempt_count', key: 'name', expiry: 'expires_at' };

/** Removes counts of attempts that are over. */
@Injectable()
export class AttemptPurgeJob implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly work = new RecurringWork(
    every,
    async () => {
      await this.run();
    },
    (error) => this.logger.warn('purge of attempts failed', error),
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
      (limit) => this.database.transaction((session) => deleteExpired(session, table, now, limit)),
      () => this.work.isStopped,
    );
  }
}
