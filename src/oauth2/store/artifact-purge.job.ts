import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/index.js';
import { Logger } from '../../platform/logging/index.js';
import { ExpiryPurge } from '../../platform/schedule/index.js';
import { NamedLock } from './named-lock.js';

/** Behind the expiry, so that what just expired is rejected as expired and not as unknown. */
const grace = 10 * 60_000;
const expiry = 'expires_at';
const tables = [
  { name: 'oauth2_artifact', key: 'id_hash', expiry },
  { name: 'oauth2_device_poll', key: 'id_hash', expiry },
  { name: 'oauth2_launch_context', key: 'grant_hash', expiry },
  { name: 'oauth2_launch', key: 'id', expiry },
];

/** Removes what has expired, in one process at a time. */
@Injectable()
export class ArtifactPurgeJob extends ExpiryPurge {
  constructor(
    database: Database,
    private readonly lock: NamedLock,
    logger: Logger,
  ) {
    super(database, logger, { tables, every: 60_000, failure: 'oauth2 purge failed' });
  }

  override async run(now = Date.now()): Promise<number> {
    let removed = 0;
    await this.lock.tryRun('firekeep_oauth2_purge', async () => {
      removed = await super.run(now - grace);
    });
    return removed;
  }
}
