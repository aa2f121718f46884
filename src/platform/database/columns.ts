import type { TableColumnOptions } from 'typeorm';
import type { QueryRunner } from 'typeorm';
import type { Dialect } from './sql-session.js';

/** The dialect of the database that a migration runs on. */
export function dialectOf(runner: QueryRunner): Dialect {
  return runner.dataSource.options.type === 'better-sqlite3' ? 'sqlite' : 'mysql';
}

/** Column types that mean the same on both databases; text is binary-collated, since FHIR ids and codes are case-sensitive. */
export function columns(dialect: Dialect) {
  const sqlite = dialect === 'sqlite';
  const text = (name: string, length: number): TableColumnOptions =>
    sqlite
      ? { name, type: 'varchar', length: String(length) }
      : { name, type: 'varchar', length: String(length), charset: 'utf8mb4', collation: 'utf8mb4_bin' };
  return {
    /** Autoincrement primary key. */
    key: (name = 'id'): TableColumnOptions => ({
      name,
      type: sqlite ? 'integer' : 'bigint',
      isPrimary: true,
      isGenerated: true,
      generationStrategy: 'increment',
    }),
    /** Text of at most `length` characters. */
    text,
    /** Text of any length up to 4 GiB. */
    longText: (name: string): TableColumnOptions =>
      sqlite
        ? { name, type: 'text' }
        : { name, type: 'longtext', charset: 'utf8mb4', collation: 'utf8mb4_bin' },
    /** Bytes of at most `length`; compared byte by byte, without padding. */
    bytes: (name: string, length: number): TableColumnOptions =>
      sqlite ? { name, type: 'blob' } : { name, type: 'varbinary', length: String(length) },
    /** Up to 16 MiB of bytes. */
    blob: (name: string): TableColumnOptions => ({ name, type: sqlite ? 'blob' : 'mediumblob' }),
    integer: (name: string): TableColumnOptions => ({ name, type: sqlite ? 'integer' : 'int' }),
    /** 64-bit integer; times are milliseconds since the epoch. */
    bigint: (name: string): TableColumnOptions => ({ name, type: 'bigint' }),
    boolean: (name: string): TableColumnOptions => ({ name, type: sqlite ? 'integer' : 'tinyint' }),
    double: (name: string): TableColumnOptions => ({ name, type: 'double' }),
  };
}
