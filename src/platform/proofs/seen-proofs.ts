import { createHash } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import {
  Database,
  deleteExpired,
  isDuplicateKey,
  isRetryable,
  isUnreachable,
  unavailable,
} from '../database/index.js';
import { Logger } from '../logging/index.js';
import { RecurringWork, removeInBatches } from '../schedule/index.js';

const every = 60_000;
const batch = 1000;
const attempts = 4;
const proofs = { name: 'dpop_proof', key: 'id_hash', expiry: 'expires_at' };

/** Which proofs came before, in whichever process: the key of the table has no gap between looking and storing. */
@Injectable()
export class SeenProofs implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly work = new RecurringWork(
    every,
    () => this.purge(),
    (error) => this.logger.warn('proofs not purged', error),
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

  /** @param expiresAt milliseconds @returns false where it was taken before. @throws FirekeepError 503 */
  async take(thumbprint: string, jti: string, expiresAt: number): Promise<boolean> {
    const id = createHash('sha256').update(`${thumbprint} ${jti}`).digest();
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.database.transaction((session) =>
          session.execute('INSERT INTO dpop_proof (id_hash, expires_at) VALUES (?, ?)', [id, expiresAt]),
        );
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        if (isUnreachable(error)) throw unavailable(error);
        if (!isRetryable(error) || attempt === attempts) throw error;
      }
    }
  }

  /** @returns how many rows went. */
  purge(now = Date.now()): Promise<number> {
    return removeInBatches(
      batch,
      (limit) => this.database.transaction((session) => deleteExpired(session, proofs, now, limit)),
      () => this.work.isStopped,
    );
  }
}
