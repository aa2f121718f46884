import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from '../src/platform/database/index.js';

/** Answers of requests with an Idempotency-Key, by a digest of caller, endpoint and key. */
export class Receipts1764100001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const sqlite = dialectOf(runner) === 'sqlite';
    const [digest, body, suffix] = sqlite
      ? ['BLOB', 'BLOB', 'WITHOUT ROWID']
      : ['BINARY(32)', 'MEDIUMBLOB', 'ENGINE=InnoDB'];
    await runner.query(
      `CREATE TABLE fhir_receipt (receipt_key ${digest} NOT NULL PRIMARY KEY, request ${digest} NOT NULL,
        expires BIGINT NOT NULL, answer ${body} NOT NULL) ${suffix}`,
    );
    await runner.query('CREATE INDEX fhir_receipt_expires ON fhir_receipt (expires)');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Schema changes go forward only: restore a backup instead.'));
  }
}
