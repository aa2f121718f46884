import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from '../src/platform/database/index.js';

/** Which migrations of extensions have run. */
export class ExtensionMigrations1764400001500 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const sqlite = dialectOf(runner) === 'sqlite';
    const name = (length: number): string =>
      sqlite ? 'TEXT' : `VARCHAR(${length}) CHARACTER SET ascii COLLATE ascii_bin`;
    await runner.query(
      `CREATE TABLE IF NOT EXISTS extension_migration (
        extension ${name(24)} NOT NULL, name ${name(80)} NOT NULL, run_at BIGINT NOT NULL,
        PRIMARY KEY (extension, name)) ${sqlite ? 'WITHOUT ROWID' : 'ENGINE=InnoDB'}`,
    );
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Schema changes go forward only: restore a backup instead.'));
  }
}
