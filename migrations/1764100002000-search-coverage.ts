import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from '../src/platform/database/index.js';

/** Search parameters of extensions that the database is written with, and what the index holds of them. */
export class SearchCoverage1764100002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const sqlite = dialectOf(runner) === 'sqlite';
    const text = (length: number): string => (sqlite ? 'TEXT' : `VARBINARY(${length})`);
    await runner.query(
      `CREATE TABLE fhir_search_coverage (type ${text(64)} NOT NULL, code ${text(64)} NOT NULL,
        digest ${text(64)} NOT NULL, state TINYINT NOT NULL, active TINYINT NOT NULL, PRIMARY KEY (type, code))
        ${sqlite ? 'WITHOUT ROWID' : 'ENGINE=InnoDB'}`,
    );
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Schema changes go forward only: restore a backup instead.'));
  }
}
