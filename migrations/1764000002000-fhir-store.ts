import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from '../src/platform/database/index.js';

/**
 * The tables of the FHIR store. Plain statements, since the schema builder knows no WITHOUT ROWID, and the order
 * of the columns in the clustered keys is what makes searches fast (docs/adr/0004).
 */
export class FhirStore1764000002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const sqlite = dialectOf(runner) === 'sqlite';
    for (const statement of [...nameTables(), ...resourceTables(sqlite), ...indexTables()]) {
      await runner.query(sqlite ? forSqlite(statement) : forMysql(statement));
    }
    await runner.query('INSERT INTO fhir_rid_block (id, next_rid) VALUES (1, 1)');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Schema changes go forward only: restore a backup instead.'));
  }
}

/*
 * The statements are written in a small common form:
 * BYTES(n) text that is compared byte by byte · LONGBYTES the same, of any length · BODY a resource · NUMBER_KEY
 * a number that the database gives out · CLUSTERED after the parenthesis: rows live in the primary key.
 */
function nameTables(): string[] {
  return [
    `CREATE TABLE fhir_repository (id NUMBER_KEY, name BYTES(64) NOT NULL, UNIQUE (name))`,
    `CREATE TABLE fhir_type (id NUMBER_KEY, name BYTES(64) NOT NULL, UNIQUE (name))`,
    `CREATE TABLE fhir_parameter (id NUMBER_KEY, repository INT NOT NULL, type SMALLINT NOT NULL,
      code BYTES(255) NOT NULL, UNIQUE (repository, type, code))`,
    `CREATE TABLE fhir_system (id NUMBER_KEY, uri BYTES(512) NOT NULL, UNIQUE (uri))`,
    `CREATE TABLE fhir_rid_block (id INT NOT NULL PRIMARY KEY, next_rid BIGINT NOT NULL)`,
    `CREATE TABLE fhir_criterion_guard (slot INT NOT NULL PRIMARY KEY)`,
  ];
}

function resourceTables(sqlite: boolean): string[] {
  const version = `version INT NOT NULL, last_updated BIGINT NOT NULL, deleted TINYINT NOT NULL,
      method TINYINT NOT NULL, content BODY NOT NULL`;
  return [
    `CREATE TABLE resource (rid ${sqlite ? 'INTEGER' : 'BIGINT'} NOT NULL PRIMARY KEY, repository INT NOT NULL,
      type SMALLINT NOT NULL, id BYTES(64) NOT NULL, ${version})`,
    `CREATE UNIQUE INDEX resource_identity ON resource (repository, type, id)`,
    `CREATE INDEX resource_updated ON resource (repository, type, last_updated, rid, deleted)`,
    // The default order of a search, and its walk where no index value narrows it.
    `CREATE INDEX resource_order ON resource (repository, type, rid, deleted)`,
    // Not clustered on SQLite: rows with a body in them would make its trees deep.
    `CREATE TABLE resource_history (rid BIGINT NOT NULL, repository INT NOT NULL, type SMALLINT NOT NULL,
      ${version}, PRIMARY KEY (rid, version))`,
    `CREATE INDEX resource_history_updated
      ON resource_history (repository, type, last_updated, rid, version)`,
  ];
}

function indexTables(): string[] {
  const component = (n: number): string =>
    `system${n} INT UNSIGNED NOT NULL, low${n} DOUBLE NULL, high${n} DOUBLE NULL, unit${n} BYTES(255) NULL`;
  return [
    ...indexTable(
      'index_token',
      `code BYTES(255) NOT NULL, rid BIGINT NOT NULL, system_id INT UNSIGNED NOT NULL, folded TINYINT NOT NULL`,
      'param, code, rid, system_id',
    ),
    ...indexTable(
      'index_string',
      `value BYTES(255) NOT NULL, rid BIGINT NOT NULL, nth INT NOT NULL, exact LONGBYTES NOT NULL, rest LONGBYTES NULL`,
      'param, value, rid, nth',
    ),
    ...indexTable(
      'index_date',
      `low BIGINT NOT NULL, rid BIGINT NOT NULL, high BIGINT NOT NULL`,
      'param, low, rid, high',
      'rid, param, low, high',
    ),
    ...indexTable(
      'index_date_long',
      `high BIGINT NOT NULL, rid BIGINT NOT NULL, low BIGINT NOT NULL`,
      'param, high, rid, low',
    ),
    ...indexTable(
      'index_quantity',
      `value DOUBLE NOT NULL, rid BIGINT NOT NULL, nth INT NOT NULL, low DOUBLE NOT NULL, high DOUBLE NOT NULL,
      system_id INT UNSIGNED NOT NULL, code BYTES(255) NOT NULL, unit BYTES(255) NOT NULL`,
      'param, value, rid, nth',
    ),
    ...indexTable(
      'index_reference',
      `target BYTES(512) NOT NULL, rid BIGINT NOT NULL, target_type SMALLINT NOT NULL, version BYTES(255) NOT NULL`,
      'param, target, rid, target_type, version',
    ),
    ...indexTable('index_uri', `value BYTES(512) NOT NULL, rid BIGINT NOT NULL`, 'param, value, rid'),
    ...indexTable(
      'index_composite',
      `text1 BYTES(512) NOT NULL, text2 BYTES(512) NOT NULL, value2 DOUBLE NOT NULL, rid BIGINT NOT NULL,
      nth INT NOT NULL, folded TINYINT NOT NULL, ${component(1)}, value1 DOUBLE NULL, ${component(2)},
      text3 BYTES(512) NULL, value3 DOUBLE NULL, ${component(3)}`,
      'param, text1, text2, value2, rid, nth',
    ),
  ];
}

function indexTable(name: string, columns: string, primary: string, byResource = 'rid'): string[] {
  return [
    `CREATE TABLE ${name} (param INT NOT NULL, ${columns}, PRIMARY KEY (${primary})) CLUSTERED`,
    `CREATE INDEX ${name}_rid ON ${name} (${byResource})`,
  ];
}

function forSqlite(statement: string): string {
  return statement
    .replace(/\bBYTES\(\d+\)|\bLONGBYTES\b/g, 'TEXT')
    .replace(/\bBODY\b/g, 'BLOB')
    .replace(/\bNUMBER_KEY\b/g, 'INTEGER PRIMARY KEY')
    .replace(/\bINT UNSIGNED\b|\bSMALLINT\b|\bTINYINT\b/g, 'INTEGER')
    .replace(/\bCLUSTERED$/, 'WITHOUT ROWID');
}

function forMysql(statement: string): string {
  return statement
    .replace(/^(CREATE TABLE [^]*\))( CLUSTERED)?$/, '$1 ENGINE=InnoDB')
    .replace(/\bBYTES\((\d+)\)/g, 'VARBINARY($1)')
    .replace(/\bLONGBYTES\b|\bBODY\b/g, 'MEDIUMBLOB')
    .replace(/\bNUMBER_KEY\b/g, 'INT NOT NULL AUTO_INCREMENT PRIMARY KEY');
}
