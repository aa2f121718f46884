import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from '../src/platform/database/index.js';

/** How often passwords were tried and clients registered, of all processes together. */
export class AttemptCounts1764300006000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const sqlite = dialectOf(runner) === 'sqlite';
    // MySQL commits each statement by itself, so that an attempt that broke off may have left the table behind.
    await runner.query(
      `CREATE TABLE IF NOT EXISTS attempt_count (
        name ${sqlite ? 'TEXT' : 'VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin'} NOT NULL PRIMARY KEY,
        attempts INT NOT NULL, blocked_until BIGINT NOT NULL, expires_at BIGINT NOT NULL${
          sqlite ? '' : ', INDEX ix_attempt_count_expires_at (expires_at)'
        })
        ${sqlite ? 'WITHOUT ROWID' : 'ENGINE=InnoDB'}`,
    );
    if (sqlite) {
      await runner.query(
        'CREATE INDEX IF NOT EXISTS ix_attempt_count_expires_at ON attempt_count (expires_at)',
      );
    }
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Schema changes go forward only: restore a backup instead.'));
  }
}
