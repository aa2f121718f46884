import type { SqlSession } from './sql-session.js';

/** A table whose rows end at a time, in milliseconds. The names are the program's own, never a request's. */
export interface ExpiringTable {
  readonly name: string;
  readonly key: string;
  readonly expiry: string;
}

/** Deletes at most `limit` rows that expired before `before` (milliseconds), the oldest first. @returns how many. */
export function deleteExpired(
  session: SqlSession,
  { name, key, expiry }: ExpiringTable,
  before: number,
  limit: number,
): Promise<number> {
  const expired = `FROM ${name} WHERE ${expiry} < ? ORDER BY ${expiry} LIMIT ?`;
  return session.execute(
    session.dialect === 'mysql'
      ? `DELETE ${expired}`
      : `DELETE FROM ${name} WHERE ${key} IN (SELECT ${key} ${expired})`,
    [before, limit],
  );
}
