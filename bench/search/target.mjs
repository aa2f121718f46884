// Where a benchmark's data lie: databases that are filled once and then kept.
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { createConnection } from 'mysql2/promise';
import { cpuSeconds } from '../measure.mjs';
import { fill } from './fill.mjs';

export const sizeLabel = (size) =>
  size >= 1_000_000 ? `${size / 1_000_000}m` : size >= 1000 ? `${size / 1000}k` : String(size);

const patientsSql =
  "SELECT COUNT(*) AS n FROM resource WHERE repository = 1 AND type = (SELECT id FROM fhir_type WHERE name = 'Patient')";
const filledSql = 'SELECT COUNT(*) AS n FROM (SELECT 1 FROM resource LIMIT ';

/** A database of MySQL or MariaDB. */
export class MysqlTarget {
  label = 'MariaDB';

  /** @param {string} server URL without a database */
  constructor(server, size) {
    this.size = size;
    this.name = `firekeep_search_${sizeLabel(size)}`;
    const url = new URL(server);
    url.pathname = `/${this.name}`;
    this.server = server;
    this.url = url.href;
  }

  async prepare(seed) {
    const server = await createConnection({ uri: this.server });
    await server.query(`CREATE DATABASE IF NOT EXISTS ${this.name}`);
    await server.end();
    this.connection = await createConnection({ uri: this.url });
    const [[{ tables }]] = await this.connection.query(
      "SELECT COUNT(*) AS tables FROM information_schema.tables WHERE table_schema = ? AND table_name = 'resource'",
      [this.name],
    );
    if (tables === 0 || (await this.number(`${filledSql}${this.size}) r`)) < this.size)
      await fill(this.url, this.size, seed);
    this.patients = await this.number(patientsSql);
    const pidFile = (await this.variable('pid_file')) ?? '';
    const dataFolder = await this.variable('datadir');
    const file = pidFile.startsWith('/') ? pidFile : join(dataFolder, pidFile);
    this.pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined;
    this.memory = `${Math.round(Number(await this.variable('innodb_buffer_pool_size')) / 2 ** 20)} MiB buffer pool`;
  }

  async number(sql) {
    const [[{ n }]] = await this.connection.query(sql);
    return Number(n);
  }

  async variable(name) {
    const [[row]] = await this.connection.query('SHOW VARIABLES LIKE ?', [name]);
    return row?.Value;
  }

  /** Rows that the storage engine was asked for so far, by all. */
  async rowsRead() {
    const [rows] = await this.connection.query("SHOW GLOBAL STATUS LIKE 'Handler_read%'");
    return rows.reduce((sum, { Value }) => sum + Number(Value), 0);
  }

  cpu() {
    return this.pid === undefined ? undefined : cpuSeconds(this.pid);
  }

  /** Bytes of each table with its keys. */
  async tables() {
    const [rows] = await this.connection.query(
      `SELECT table_name AS name, data_length + index_length AS bytes FROM information_schema.tables
       WHERE table_schema = ? AND (table_name LIKE 'index\\_%' OR table_name LIKE 'resource%') ORDER BY 2 DESC`,
      [this.name],
    );
    return rows.map(({ name, bytes }) => ({ name, bytes: Number(bytes) }));
  }

  close() {
    return this.connection?.end();
  }
}

/** A file of SQLite. */
export class SqliteTarget {
  label = 'SQLite';
  memory = '32 MiB cache a connection';

  constructor(folder, size) {
    this.size = size;
    mkdirSync(folder, { recursive: true });
    this.file = join(folder, `search-${sizeLabel(size)}.sqlite`);
    this.url = `sqlite:${this.file}`;
  }

  async prepare(seed) {
    if (!existsSync(this.file) || statSync(this.file).size === 0) await fill(this.url, this.size, seed);
    this.connection = new Sqlite(this.file, { readonly: true });
    this.patients = this.connection.prepare(patientsSql).get().n;
  }

  rowsRead() {
    return Promise.resolve(undefined);
  }

  cpu() {
    return undefined;
  }

  tables() {
    const rows = this.connection
      .prepare(
        `SELECT table_name AS name, SUM(bytes) AS bytes FROM (
           SELECT COALESCE(m.tbl_name, s.name) AS table_name, s.pgsize AS bytes FROM dbstat s
           LEFT JOIN sqlite_master m ON m.name = s.name)
         WHERE table_name LIKE 'index_%' OR table_name LIKE 'resource%' GROUP BY 1 ORDER BY 2 DESC`,
      )
      .all();
    return Promise.resolve(rows);
  }

  close() {
    this.connection?.close();
  }
}
