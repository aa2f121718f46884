import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { migrations } from '../../migrations/index.js';
import { Settings } from '../../src/platform/config/index.js';
import { closeDatabase, openDatabase } from '../../src/platform/database/index.js';

/** A kind of database; each test file has its own ones, which are gone when it ended. */
export interface TestDatabase {
  readonly name: 'sqlite' | 'mysql';
  /** A fresh database with the schema of `migrations` and nothing else in it; its URL for FIREKEEP_DATABASE_URL. */
  create(): Promise<string>;
  /** One without any table: the first start migrates. */
  createEmpty(): Promise<string>;
}

/** URLs of what the test file that runs has created. */
const created = new Set<string>();
/** Of this process: migrated once, copied as often as it is asked for. */
const templates: { sqlite?: Promise<string>; mysql?: Promise<MysqlTemplate> } = {};

interface MysqlTemplate {
  readonly name: string;
  readonly statements: readonly string[];
}

async function migrate(databaseUrl: string): Promise<void> {
  const settings = Settings.of({ databaseUrl, logLevel: 'silent' });
  await closeDatabase(await openDatabase(settings, [], migrations));
}

function sqliteFile(): string {
  return join(mkdtempSync(join(tmpdir(), 'firekeep-')), 'firekeep.sqlite');
}

function remembered(url: string): string {
  created.add(url);
  return url;
}

async function sqliteTemplate(): Promise<string> {
  const file = sqliteFile();
  await migrate(`sqlite:${file}`);
  return file;
}

/** For what is about SQLite alone, or where the database makes no difference. */
export const sqlite: TestDatabase = {
  name: 'sqlite',
  async create() {
    const file = sqliteFile();
    copyFileSync(await (templates.sqlite ??= sqliteTemplate()), file);
    return remembered(`sqlite:${file}`);
  },
  createEmpty: () => Promise.resolve(remembered(`sqlite:${sqliteFile()}`)),
};

function mysqlServer(): string {
  const server = process.env.FIREKEEP_TEST_MYSQL_URL;
  if (server === undefined) {
    throw new Error(
      'FIREKEEP_TEST_MYSQL_URL is not set. Run the tests by `npm test` or `npm run spec`, which start a server.',
    );
  }
  return server;
}

async function onServer<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await createConnection({ uri: mysqlServer(), multipleStatements: true });
  try {
    return await work(connection);
  } finally {
    await connection.end();
  }
}

/** The runner drops what begins with the name of its run. */
function mysqlName(): string {
  return `${process.env.FIREKEEP_TEST_RUN ?? `firekeep_test_${process.pid}`}_${randomBytes(6).toString('hex')}`;
}

function mysqlUrl(name: string): string {
  const url = new URL(mysqlServer());
  url.pathname = `/${name}`;
  return url.href;
}

const creation = (name: string): string =>
  `CREATE DATABASE \`${name}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin; USE \`${name}\``;

async function mysqlTemplate(): Promise<MysqlTemplate> {
  const name = mysqlName();
  await onServer((connection) => connection.query(creation(name)));
  await migrate(mysqlUrl(name));
  return onServer(async (connection) => {
    await connection.query(`USE \`${name}\``);
    const [tables] = await connection.query<RowDataPacket[]>('SHOW TABLES');
    const statements = ['SET foreign_key_checks = 0'];
    for (const table of tables.map((row) => String(Object.values(row)[0]))) {
      const [[row]] = await connection.query<RowDataPacket[]>(`SHOW CREATE TABLE \`${table}\``);
      const [rows] = await connection.query<RowDataPacket[]>(`SELECT 1 FROM \`${table}\` LIMIT 1`);
      statements.push(String(row?.['Create Table']));
      if (rows.length > 0) statements.push(`INSERT INTO \`${table}\` SELECT * FROM \`${name}\`.\`${table}\``);
    }
    return { name, statements };
  });
}

/** For what is about MySQL alone. */
export const mysql: TestDatabase = {
  name: 'mysql',
  async create() {
    const { statements } = await (templates.mysql ??= mysqlTemplate());
    const name = mysqlName();
    await onServer((connection) => connection.query([creation(name), ...statements].join(';')));
    return remembered(mysqlUrl(name));
  },
  async createEmpty() {
    const name = mysqlName();
    await onServer((connection) => connection.query(creation(name)));
    return remembered(mysqlUrl(name));
  },
};

/**
 * Ends the databases of the test file that ran.
 *
 * @public Called by test/jest/environment.cjs.
 */
export async function dropDatabases(): Promise<void> {
  const urls = [...created];
  created.clear();
  const names: string[] = [];
  for (const url of urls) {
    if (url.startsWith('sqlite:'))
      rmSync(dirname(url.slice('sqlite:'.length)), { recursive: true, force: true });
    else names.push(new URL(url).pathname.slice(1));
  }
  if (names.length === 0) return;
  await onServer(async (connection) => {
    // What a test left open must not hold the next one up: the runner drops it in the end.
    await connection.query('SET SESSION lock_wait_timeout = 2');
    for (const name of names) await connection.query(`DROP DATABASE IF EXISTS \`${name}\``);
  }).catch(() => undefined);
}

/**
 * What FIREKEEP_TEST_DATABASES asks for, so that one spec runs in seconds: `sqlite`, `mysql` or `both`. Where it is
 * decided whether a change is good (`CI=true`), half of the databases is not an answer.
 *
 * @throws Error for another value, and for less than both with `CI=true`
 */
export function chosenDatabases(environment: NodeJS.ProcessEnv): readonly TestDatabase[] {
  const chosen = environment.FIREKEEP_TEST_DATABASES?.trim() ?? '';
  const all = [sqlite, mysql];
  if (chosen === '' || chosen === 'both') return all;
  const found = all.filter(({ name }) => name === chosen);
  if (found.length === 0) {
    throw new Error(`FIREKEEP_TEST_DATABASES must be sqlite, mysql or both, and is ${chosen}.`);
  }
  if (environment.CI === 'true') {
    throw new Error(
      `With CI=true every test runs on both databases: unset FIREKEEP_TEST_DATABASES=${chosen}.`,
    );
  }
  return found;
}

/** Every database that Firekeep supports, or those that were chosen: wrap a suite in `describe.each(databases)`. */
export const databases = chosenDatabases(process.env);
