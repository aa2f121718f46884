import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from '../src/platform/database/index.js';

/** Search parameters that repositories define for themselves, and the jobs that derive the index again. */
export class SearchParameters1764200002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const sqlite = dialectOf(runner) === 'sqlite';
    const text = (length: number): string => (sqlite ? 'TEXT' : `VARBINARY(${length})`);
    const long = sqlite ? 'TEXT' : 'MEDIUMBLOB';
    const key = sqlite ? 'INTEGER PRIMARY KEY AUTOINCREMENT' : 'INT NOT NULL AUTO_INCREMENT PRIMARY KEY';
    const plain = sqlite ? '' : 'ENGINE=InnoDB';
    const clustered = sqlite ? 'WITHOUT ROWID' : 'ENGINE=InnoDB';
    const statements = [
      // Writers hold the row for reading, and whoever changes what they index by, for writing.
      `CREATE TABLE fhir_definitions (id INT NOT NULL PRIMARY KEY, version BIGINT NOT NULL) ${plain}`,
      `INSERT INTO fhir_definitions (id, version) VALUES (1, 1)`,
      `CREATE TABLE fhir_search_parameter (repository INT NOT NULL, type ${text(64)} NOT NULL,
        code ${text(64)} NOT NULL, resource ${text(64)} NOT NULL, digest ${text(64)} NOT NULL,
        definition ${long} NOT NULL, state TINYINT NOT NULL, skipped TINYINT NOT NULL, since BIGINT NOT NULL,
        PRIMARY KEY (repository, type, code)) ${clustered}`,
      // repository NULL: all; scope: what to derive again, JSON; ranges: the same as numbers, once it has begun.
      `CREATE TABLE fhir_reindex_job (id ${key}, repository INT NULL, scope ${long} NOT NULL,
        origin ${text(64)} NOT NULL, status TINYINT NOT NULL DEFAULT 0, definitions BIGINT NOT NULL DEFAULT 0,
        created BIGINT NOT NULL, started BIGINT NULL, finished BIGINT NULL, worked BIGINT NOT NULL DEFAULT 0,
        total BIGINT NULL, done BIGINT NOT NULL DEFAULT 0, skipped BIGINT NOT NULL DEFAULT 0,
        ranges ${long} NULL, range_number INT NOT NULL DEFAULT 0, behind BIGINT NOT NULL DEFAULT 0,
        owner ${text(64)} NULL, lease BIGINT NOT NULL DEFAULT 0, reason ${long} NULL) ${plain}`,
      `CREATE INDEX fhir_reindex_job_status ON fhir_reindex_job (status, id)`,
      `CREATE TABLE fhir_reindex_skipped (job INT NOT NULL, rid BIGINT NOT NULL, resource ${text(255)} NOT NULL,
        reason ${long} NOT NULL, PRIMARY KEY (job, rid)) ${plain}`,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Schema changes go forward only: restore a backup instead.'));
  }
}
