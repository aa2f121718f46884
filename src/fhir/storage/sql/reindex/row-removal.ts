import type { Database, SqlSession } from '../../../../platform/database/index.js';
import { indexTables, type IndexTable } from '../index-tables.js';
import { keyText, tables } from '../keys.js';
import { lockDefinitions, raiseVersion, stateNumber } from '../sql-parameter-registry.js';

interface Removed {
  readonly repository: number;
  readonly type: string;
  readonly code: string;
}

/**
 * Removes some index rows of parameters that the repository no longer defines, and forgets each one once it has none.
 *
 * @param limit rows at the most
 * @returns how many rows; 0: there is nothing left to remove
 */
export async function removeSomeRows(database: Database, repository: string, limit: number): Promise<number> {
  for (;;) {
    const [row] = await database.query(
      `SELECT p.repository, p.type, p.code FROM ${tables.searchParameter} p
       WHERE p.state = ? AND p.repository = (SELECT r.id FROM ${tables.repository} r WHERE r.name = ?)
       ORDER BY p.type, p.code LIMIT 1`,
      [stateNumber('removing'), repository],
    );
    if (row === undefined) return 0;
    const removed: Removed = {
      repository: Number(row.repository),
      type: keyText(row.type),
      code: keyText(row.code),
    };
    const count = await database.transaction((session) => removeRows(session, removed, limit));
    if (count > 0) return count;
    await database.transaction((session) => forget(session, removed));
  }
}

const isRemoving = 'repository = ? AND type = ? AND code = ? AND state = ?';
const valuesOf = ({ repository, type, code }: Removed) => [repository, type, code, stateNumber('removing')];

/** While the definitions are locked nobody can define the parameter again. */
async function removeRows(session: SqlSession, removed: Removed, limit: number): Promise<number> {
  await lockDefinitions(session, 'share');
  const rows = await session.query(
    `SELECT 1 AS found FROM ${tables.searchParameter} WHERE ${isRemoving}`,
    valuesOf(removed),
  );
  if (rows.length === 0) return 0;
  for (const number of await numbersOf(session, removed)) {
    for (const table of indexTables) {
      const count = await removeFrom(session, table, number, limit);
      if (count > 0) return count;
    }
  }
  return 0;
}

async function removeFrom(
  session: SqlSession,
  { name, key }: IndexTable,
  parameter: number,
  limit: number,
): Promise<number> {
  const columns = key.join(', ');
  return session.dialect === 'mysql'
    ? session.execute(`DELETE FROM ${name} WHERE param = ? ORDER BY ${columns} LIMIT ?`, [parameter, limit])
    : session.execute(
        `DELETE FROM ${name} WHERE (${columns}) IN
         (SELECT ${columns} FROM ${name} WHERE param = ? LIMIT ?)`,
        [parameter, limit],
      );
}

/** Numbers of the parameter, and of what its modifiers search (`code:text`). */
async function numbersOf(
  session: SqlSession,
  { repository, type, code }: Removed,
): Promise<readonly number[]> {
  const rows = await session.query(
    `SELECT p.id FROM ${tables.parameter} p WHERE p.repository = ?
     AND p.type = (SELECT t.id FROM ${tables.type} t WHERE t.name = ?)
     AND (p.code = ? OR (p.code > ? AND p.code < ?))`,
    // The semicolon is the character behind the colon.
    [repository, type, code, `${code}:`, `${code};`],
  );
  return rows.map(({ id }) => Number(id));
}

async function forget(session: SqlSession, removed: Removed): Promise<void> {
  await lockDefinitions(session, 'update');
  const forgotten = await session.execute(
    `DELETE FROM ${tables.searchParameter} WHERE ${isRemoving}`,
    valuesOf(removed),
  );
  if (forgotten > 0) await raiseVersion(session);
}
