import type { Database as Sqlite } from 'better-sqlite3';
import type { Pool } from 'mysql2';
import type { DataSource } from 'typeorm';
import type { MysqlDriver } from 'typeorm/driver/mysql/MysqlDriver.js';
import type { AbstractSqliteDriver } from 'typeorm/driver/sqlite-abstract/AbstractSqliteDriver.js';

/** The connection of a source on SQLite; TypeORM has one, and types it loosely. */
export function sqliteHandle(source: DataSource): Sqlite {
  return (source.driver as AbstractSqliteDriver).databaseConnection as Sqlite;
}

/** The pool of a source on MySQL; TypeORM types it loosely. */
export function mysqlPool(source: DataSource): Pool {
  return (source.driver as MysqlDriver).pool as Pool;
}
