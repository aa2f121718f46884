import { createHash } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import {
  Database,
  isDuplicateKey,
  isRetryable,
  isUnreachable,
  unavailable,
  type SqlSession,
} from '../database/index.js';
import { Logger } from '../logging/index.js';

const every = 60_000;
const batch = 1000;
const attempts = 4;

/** Which proofs came before, in whichever process: the key of the table has no gap between looking and storing. */
@Injectable()
export class SeenProofs implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private underWay: Promise<unknown> = Promise.resolve();

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.underWay = this.purge().catch((error: unknown) => this.logger.warn('proofs not purged', error));
    }, every);
    this.timer.unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.underWay;
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
  async purge(now = Date.now()): Promise<number> {
    let removed = 0;
    for (;;) {
      const count = await this.database.transaction((session) => remove(session, now));
      removed += count;
      if (count < batch) return removed;
    }
  }
}

function remove(session: SqlSession, now: number): Promise<number> {
  return session.dialect === 'mysql'
    ? session.execute('DELETE FROM dpop_proof WHERE expires_at < ? LIMIT ?', [now, batch])
    : session.execute(
        'DELETE FROM dpop_proof WHERE id_hash IN (SELECT id_hash FROM dpop_proof WHERE expires_at < ? LIMIT ?)',
        [now, batch],
      );
}
