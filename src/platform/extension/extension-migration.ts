import type { Dialect, SqlRow, SqlValue } from '../database/index.js';

/**
 * A column, the same on both databases. Text is compared letter by letter; `bytes` are a Buffer. A key is numbered by
 * the database and is the primary key. A column holds a value unless it is `optional`.
 */
export type ColumnDeclaration = { readonly optional?: true; readonly default?: string | number } & (
  | { readonly type: 'text' | 'bytes'; readonly length: number }
  | { readonly type: 'long-text' | 'integer' | 'bigint' | 'boolean' | 'double' | 'key' }
);

export interface TableDeclaration {
  /** By name: small letters, digits and `_`. */
  readonly columns: Readonly<Record<string, ColumnDeclaration>>;
  /** Names of columns; absent where there is a column of the type `key`. */
  readonly primaryKey?: readonly string[];
}

/**
 * Changes the tables of one extension; the name of each begins with its prefix (`x_clinic_visit`). What is there already is
 * left as it is, so that a migration that broke off can run again: MySQL commits each change by itself.
 *
 * Every method throws `EXTENSION_TABLE_FOREIGN` for a table of somebody else and `EXTENSION_TABLE_INVALID` for a name or
 * a statement that is none.
 */
export interface TableChanges {
  readonly dialect: Dialect;
  createTable(table: string, declaration: TableDeclaration): Promise<void>;
  /** The new column is optional or has a default. */
  addColumn(table: string, column: string, declaration: ColumnDeclaration): Promise<void>;
  /** @param name at most 16 letters, digits and `_`, its own in the table */
  createIndex(
    table: string,
    name: string,
    columns: readonly string[],
    options?: { readonly unique?: boolean },
  ): Promise<void>;
  dropIndex(table: string, name: string): Promise<void>;
  dropTable(table: string): Promise<void>;
  /** A SELECT. */
  query<T extends SqlRow = SqlRow>(sql: string, values?: readonly SqlValue[]): Promise<T[]>;
  /** One INSERT, REPLACE, UPDATE or DELETE of an own table. */
  execute(sql: string, values?: readonly SqlValue[]): Promise<void>;
}

/** One step in the history of an extension's tables. Steps go forward only. */
export interface ExtensionMigration {
  /** Small letters, digits and `-`, at most 80, unique in the extension: `2026-03-visits`. It never changes. */
  readonly name: string;
  /** Runs once, before the application is made, while no other process migrates; again where it broke off. */
  up(tables: TableChanges): Promise<void>;
}
