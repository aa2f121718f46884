import type { Pool } from 'mysql2';
import { DataSource } from 'typeorm';
import { FirekeepError } from '../errors/index.js';
import type { Settings } from '../config/index.js';
import { dataSourceOptions, migrationsTable, transactionPool } from './data-source-options.js';
import { Database } from './database.js';
import { mysqlPool } from './drivers.js';
import { serverVersion } from './server-version.js';

type Entities = Parameters<typeof dataSourceOptions>[1];
type Migrations = Parameters<typeof dataSourceOptions>[2];

/** Sorted out of the session, so that placeholders, dates and comparisons mean the same on every server. */
const sessionSetup =
  "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', " +
  "SESSION transaction_isolation = 'READ-COMMITTED', SESSION time_zone = '+00:00', SESSION innodb_lock_wait_timeout = 10";
const sessionSetupMariadb = sessionSetup.replace('transaction_isolation', 'tx_isolation');

/**
 * Connects, checks the server's version, migrates under a lock and refuses a schema that is newer than the
 * program.
 *
 * @param afterwards what is migrated behind the program's own tables, under the same lock
 * @throws FirekeepError `DATABASE_…` with what to do.
 */
export async function openDatabase(
  settings: Settings,
  entities: Entities,
  migrations: Migrations,
  afterwards?: (source: DataSource) => Promise<void>,
): Promise<Database> {
  const writer = new DataSource(dataSourceOptions(settings, entities, migrations, 'write'));
  await connect(writer);
  try {
    const setup = settings.isSqlite ? undefined : await prepareMysql(writer);
    await migrate(writer, migrations, afterwards);
    const limits = { poolSize: settings.get('databasePoolSize'), longReads: settings.get('longSearches') };
    if (setup === undefined) {
      const reader = await connect(new DataSource(dataSourceOptions(settings, entities, [], 'read')));
      return new Database(reader, writer, limits);
    }
    const transactions = transactionPool(settings);
    setUpConnections(transactions, setup);
    return new Database(writer, writer, limits, transactions);
  } catch (error) {
    await writer.destroy();
    throw error;
  }
}

/** Closes both sides. */
export async function closeDatabase(database: Database): Promise<void> {
  await database.close();
  if (database.reader !== database.writer && database.reader.isInitialized) await database.reader.destroy();
  if (database.writer.isInitialized) await database.writer.destroy();
}

async function connect(source: DataSource): Promise<DataSource> {
  try {
    return await source.initialize();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const what = code === 'ER_ACCESS_DENIED_ERROR' ? 'refuses the user or password' : "can't be opened";
    throw new FirekeepError(
      'unavailable',
      'DATABASE_UNREACHABLE',
      `The database of FIREKEEP_DATABASE_URL ${what}: ${message || (code ?? 'unknown error')}. ` +
        'Check host, port, user, password and that the database exists.',
      { cause: error },
    );
  }
}

/** @returns the statement that sets a session up */
async function prepareMysql(source: DataSource): Promise<string> {
  const [row] = await source.query<{ version: string }[]>('SELECT VERSION() AS version');
  const version = row?.version ?? '';
  const { isMariadb, isSupported } = serverVersion(version);
  if (!isSupported) {
    throw new FirekeepError(
      'unavailable',
      'DATABASE_TOO_OLD',
      `The database server is ${version}. Firekeep needs MySQL 8.0 or newer, or MariaDB 10.11 or newer.`,
    );
  }
  const setup = isMariadb ? sessionSetupMariadb : sessionSetup;
  setUpConnections(mysqlPool(source), setup);
  // Connections made before the listener stood are set up here.
  await source.query(setup);
  return setup;
}

/** Statements of a connection run in order, so the first of a user comes behind this one. */
function setUpConnections(pool: Pool, setup: string): void {
  pool.on('connection', (connection) => {
    connection.query(setup, (error: unknown) => {
      if (error !== null) connection.destroy();
    });
  });
}

async function migrate(
  source: DataSource,
  migrations: Migrations,
  afterwards?: (source: DataSource) => Promise<void>,
): Promise<void> {
  const release = await takeMigrationLock(source);
  try {
    await refuseNewerSchema(source, migrations);
    await source.runMigrations({ transaction: 'each' });
    await afterwards?.(source);
  } finally {
    await release();
  }
}

/** Locks have names in the whole server, so the database is in it. */
const lockName = "CONCAT('firekeep_migration:', LEFT(SHA1(DATABASE()), 16))";

async function takeMigrationLock(source: DataSource): Promise<() => Promise<void>> {
  // SQLite: a second process waits on the file's own write lock, statement by statement.
  if (source.options.type === 'better-sqlite3') return () => Promise.resolve();
  const runner = source.createQueryRunner();
  const [row] = (await runner.query(`SELECT GET_LOCK(${lockName}, 120) AS taken`)) as { taken: number }[];
  if (Number(row?.taken) !== 1) {
    await runner.release();
    throw new FirekeepError(
      'unavailable',
      'DATABASE_MIGRATION_LOCKED',
      'Another process has been migrating the database for two minutes. Start again when it is done.',
    );
  }
  return async () => {
    await runner.query(`SELECT RELEASE_LOCK(${lockName})`);
    await runner.release();
  };
}

async function refuseNewerSchema(source: DataSource, migrations: Migrations): Promise<void> {
  const runner = source.createQueryRunner();
  try {
    if (!(await runner.hasTable(migrationsTable))) return;
    const rows = (await runner.query(`SELECT name FROM ${migrationsTable}`)) as { name: string }[];
    const known = new Set(migrations.map((migration) => migration.name));
    const unknown = rows.map(({ name }) => name).filter((name) => !known.has(name));
    if (unknown.length === 0) return;
    throw new FirekeepError(
      'unavailable',
      'DATABASE_SCHEMA_NEWER',
      `The database was migrated by a newer Firekeep (${unknown.join(', ')}). Start that version or a newer one.`,
    );
  } finally {
    await runner.release();
  }
}
