import { Injectable } from '@nestjs/common';
import { Database } from '../database/index.js';
import { Logger } from '../logging/index.js';
import { ExpiryPurge } from '../schedule/index.js';

/** Removes counts of attempts that are over. */
@Injectable()
export class AttemptPurgeJob extends ExpiryPurge {
  constructor(database: Database, logger: Logger) {
    super(database, logger, {
      tables: [{ name: 'attempt_count', key: 'name', expiry: 'expires_at' }],
      every: 60_000,
      failure: 'purge of attempts failed',
    });
  }
}
