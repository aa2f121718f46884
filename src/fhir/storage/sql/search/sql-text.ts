import type { Dialect } from '../../../../platform/database/index.js';

/** Where the databases write the same thing differently. */
export interface SqlText {
  readonly dialect: Dialect;
  /** A join that is made in the order in which it is written. */
  readonly join: string;
  /** Behind a table: use this key. */
  useKey(key: string): string;
  /** Behind a table: use its primary key. */
  readonly usePrimary: string;
}

const mysql: SqlText = {
  dialect: 'mysql',
  join: 'STRAIGHT_JOIN',
  useKey: (key) => ` FORCE INDEX (${key})`,
  usePrimary: ' FORCE INDEX (PRIMARY)',
};

const sqlite: SqlText = {
  dialect: 'sqlite',
  join: 'CROSS JOIN',
  useKey: (key) => ` INDEXED BY ${key}`,
  // A table without row ids is its primary key, and SQLite takes it where its columns are given.
  usePrimary: '',
};

export function sqlText(dialect: Dialect): SqlText {
  return dialect === 'sqlite' ? sqlite : mysql;
}
