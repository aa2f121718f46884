import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database, isDuplicateKey, isRetryable, isUnreachable, unavailable } from '../database/index.js';

const attempts = 4;

/** Which proofs came before, in whichever process: the key of the table has no gap between looking and storing. */
@Injectable()
export class SeenProofs {
  constructor(private readonly database: Database) {}

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
}
