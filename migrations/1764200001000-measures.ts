import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from '../src/platform/database/index.js';

/** Positions, the words of texts, and the printed units in composites. */
export class Measures1764200001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const sqlite = dialectOf(runner) === 'sqlite';
    for (const statement of statements(sqlite)) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Schema changes go forward only: restore a backup instead.'));
  }
}

function statements(sqlite: boolean): string[] {
  const text = (length: number): string => (sqlite ? 'TEXT' : `VARBINARY(${length})`);
  const clustered = sqlite ? 'WITHOUT ROWID' : 'ENGINE=InnoDB';
  return [
    ...[1, 2, 3].map((n) => `ALTER TABLE index_composite ADD COLUMN printed${n} ${text(255)} NULL`),
    `CREATE TABLE index_position (param INT NOT NULL, latitude DOUBLE NOT NULL, rid BIGINT NOT NULL,
      longitude DOUBLE NOT NULL, x DOUBLE NOT NULL, y DOUBLE NOT NULL, z DOUBLE NOT NULL,
      PRIMARY KEY (param, latitude, rid, longitude)) ${clustered}`,
    `CREATE INDEX index_position_rid ON index_position (rid)`,
    `CREATE TABLE index_term (param INT NOT NULL, term ${text(160)} NOT NULL, rid BIGINT NOT NULL,
      narrative TINYINT NOT NULL, PRIMARY KEY (param, term, rid)) ${clustered}`,
    `CREATE INDEX index_term_rid ON index_term (rid)`,
  ];
}
