import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Database as Sqlite } from 'better-sqlite3';
import { createPool } from 'mysql2';
import type { Pool } from 'mysql2';
import type { DataSourceOptions, EntitySchema, MigrationInterface } from 'typeorm';
import type { Settings } from '../config/index.js';
import { registerDeadline } from './statement-deadline.js';

type EntityClass = (new () => object) | EntitySchema;
type MigrationClass = new () => MigrationInterface;

export const migrationsTable = 'firekeep_migration';

/** TypeORM options for the database that the settings name. `access: 'read'` is SQLite's read-only connection. */
export function dataSourceOptions(
  settings: Settings,
  entities: readonly EntityClass[],
  migrations: readonly MigrationClass[],
  access: 'read' | 'write',
): DataSourceOptions {
  const url = settings.get('databaseUrl');
  const shared = {
    entities: [...entities],
    migrations: [...migrations],
    migrationsTableName: migrationsTable,
  };
  if (url.startsWith('sqlite:')) return sqliteOptions(url.slice('sqlite:'.length), shared, access);
  return mysqlOptions(new URL(url), shared, settings);
}

type Shared = Pick<DataSourceOptions, 'entities' | 'migrations'> & { migrationsTableName: string };

function sqliteOptions(file: string, shared: Shared, access: 'read' | 'write'): DataSourceOptions {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // SQLite gives the rights of the database file to the files beside it as well.
  if (access === 'write') closeSync(openSync(file, 'a', 0o600));
  return {
    ...shared,
    type: 'better-sqlite3',
    database: file,
    timeout: 10_000,
    statementCacheSize: 500,
    prepareDatabase: (database: Sqlite) => {
      registerDeadline(database);
      if (access === 'write') {
        database.pragma('page_size = 8192');
        database.pragma('journal_mode = WAL');
        database.pragma('synchronous = FULL');
        database.pragma('wal_autocheckpoint = 4000');
        database.pragma('foreign_keys = ON');
      } else {
        database.pragma('query_only = ON');
      }
      database.pragma('cache_size = -32768');
      database.pragma('temp_store = MEMORY');
    },
  };
}

function mysqlOptions(url: URL, shared: Shared, settings: Settings): DataSourceOptions {
  return {
    ...shared,
    // TypeORM asks the server for its version and adapts; `mariadb` and `mysql` differ in RETURNING only.
    type: url.protocol === 'mariadb:' ? 'mariadb' : 'mysql',
    ...mysqlConnection(url),
    username: decodeURIComponent(url.username),
    bigNumberStrings: false,
    poolSize: settings.get('databasePoolSize'),
    extra: { maxPreparedStatements: 500, idleTimeout: IDLE_MS },
  };
}

/** How a server of MySQL is reached, from the URL of the database; the user aside. */
function mysqlConnection(url: URL) {
  const ssl = url.searchParams.get('ssl');
  const socketPath = url.searchParams.get('socketPath');
  return {
    host: url.hostname,
    port: url.port === '' ? 3306 : Number(url.port),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    charset: 'utf8mb4_bin',
    timezone: 'Z',
    supportBigNumbers: true,
    connectTimeout: 5_000,
    ...(socketPath === null ? {} : { socketPath }),
    ...(ssl === null ? {} : { ssl: { rejectUnauthorized: ssl !== 'insecure' } }),
  };
}

/** Milliseconds until a connection without work is closed. */
const IDLE_MS = 60_000;
/** As many transactions as the store has under way, and a few short ones beside them. */
const TRANSACTION_CONNECTIONS = 8;

/**
 * Connections for `Database.transaction` alone: they take several statements in one packet, which no other
 * connection does.
 */
export function transactionPool(settings: Settings): Pool {
  const url = new URL(settings.get('databaseUrl'));
  return createPool({
    ...mysqlConnection(url),
    user: decodeURIComponent(url.username),
    multipleStatements: true,
    connectionLimit: TRANSACTION_CONNECTIONS,
    idleTimeout: IDLE_MS,
  });
}
