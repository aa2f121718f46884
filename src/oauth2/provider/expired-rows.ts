import type { SqlSession } from '../../platform/database/index.js';

/** Tables whose rows end with `expires_at` (milliseconds), with their keys. */
const keys = {
  oauth2_artifact: 'id_hash',
  oauth2_launch_context: 'grant_hash',
  oauth2_launch: 'id',
} as const;

export const expiringTables = Object.keys(keys) as (keyof typeof keys)[];

/** Deletes at most `limit` rows that expired before `before` (milliseconds). @returns how many. */
export function deleteExpired(
  session: SqlSession,
  table: keyof typeof keys,
  before: number,
  limit: number,
): Promise<number> {
  const key = keys[table];
  return session.dialect === 'mysql'
    ? session.execute(`DELETE FROM ${table} WHERE expires_at < ? LIMIT ?`, [before, limit])
    : session.execute(
        `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE expires_at < ? LIMIT ?)`,
        [before, limit],
      );
}
