import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from '../src/platform/database/index.js';

/** Which process carries out a recurring job, and until when it may; times are milliseconds by the database's clock. */
export class RecurringJobs1764400001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const sqlite = dialectOf(runner) === 'sqlite';
    const name = (length: number): string =>
      sqlite ? 'TEXT' : `VARCHAR(${length}) CHARACTER SET ascii COLLATE ascii_bin`;
    await runner.query(
      `CREATE TABLE IF NOT EXISTS recurring_job (
        name ${name(100)} NOT NULL PRIMARY KEY, holder ${name(40)} NULL, fence BIGINT NOT NULL,
        lease_until BIGINT NOT NULL, started_at BIGINT NOT NULL)
        ${sqlite ? 'WITHOUT ROWID' : 'ENGINE=InnoDB'}`,
    );
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Schema changes go forward only: restore a backup instead.'));
  }
}
