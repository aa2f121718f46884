import type { Database } from './database.js';
import { retrying } from './retry.js';
import type { SqlRow, SqlValue } from './sql-session.js';

/** A table whose rows end at a time, in milliseconds. The names are the program's own, never a request's. */
export interface ExpiringTable {
  readonly name: string;
  /** The primary key, one column. */
  readonly key: string;
  /** Has an index. */
  readonly expiry: string;
}

interface ExpiredRow extends SqlRow {
  readonly key: SqlValue;
  readonly expiry: number;
}

/**
 * Deletes rows that have expired, some at a time, the oldest first. They are looked for without a lock and deleted by
 * their primary keys, so that on MySQL no other row, and no gap between rows, is locked; what was prolonged meanwhile
 * stays. Each call goes on where the one before ended, past what the database keeps of deleted rows.
 */
export class ExpiredRows {
  private from = 0;

  constructor(
    private readonly database: Database,
    private readonly table: ExpiringTable,
    /** Milliseconds: what expired earlier goes. */
    private readonly before: number,
  ) {}

  /** @returns how many went, at most `limit`; 0: none is left, or another process is at it */
  async delete(limit: number): Promise<number> {
    const { name, key, expiry } = this.table;
    const rows = await this.database.query<ExpiredRow>(
      `SELECT ${key} AS \`key\`, ${expiry} AS expiry FROM ${name} WHERE ${expiry} >= ? AND ${expiry} < ?
       ORDER BY ${expiry} LIMIT ?`,
      [this.from, this.before, limit],
    );
    const last = rows.at(-1);
    if (last === undefined) return 0;
    const target =
      this.database.dialect === 'mysql' ? `${name} FROM ${name} FORCE INDEX (PRIMARY)` : `FROM ${name}`;
    const sql = `DELETE ${target} WHERE ${key} IN (${rows.map(() => '?').join(', ')}) AND ${expiry} < ?`;
    const values = [...rows.map((row) => row.key), this.before];
    const deleted = await retrying(() =>
      this.database.transaction((session) => session.execute(sql, values)),
    );
    this.from = last.expiry;
    return deleted;
  }
}
