import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from '../src/platform/database/index.js';

/** Proofs of possession (RFC 9449) that have been used. */
export class DpopProofs1764300001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const sqlite = dialectOf(runner) === 'sqlite';
    await runner.query(
      `CREATE TABLE dpop_proof (id_hash ${sqlite ? 'BLOB' : 'BINARY(32)'} NOT NULL PRIMARY KEY,
        expires_at BIGINT NOT NULL) ${sqlite ? 'WITHOUT ROWID' : 'ENGINE=InnoDB'}`,
    );
    await runner.query('CREATE INDEX ix_dpop_proof_expires_at ON dpop_proof (expires_at)');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Schema changes go forward only: restore a backup instead.'));
  }
}
