import { retrying, type Database } from '../../../platform/database/index.js';
import { indexTables } from './index-tables.js';
import { tables } from './keys.js';

/** Removes resources for good, with their history and index: only for what is kept for a time and nobody may change. */
export class ResourceRemoval {
  constructor(private readonly database: Database) {}

  /**
   * Old resources of a type, in all repositories, in one transaction. They are looked for without a lock, and locked by
   * their keys before anything of them goes, as every write does it.
   *
   * @param before milliseconds since the epoch: those last written earlier go
   * @returns how many went; 0: none is left, or another process is at it
   */
  async remove(type: string, before: number, limit: number): Promise<number> {
    const found = await this.database.query<{ rid: number }>(
      `SELECT r.rid FROM ${tables.repository} p CROSS JOIN ${tables.type} t ` +
        `JOIN ${tables.resource} r ON r.repository = p.id AND r.type = t.id AND r.last_updated < ? ` +
        'WHERE t.name = ? LIMIT ?',
      [before, type, limit],
    );
    if (found.length === 0) return 0;
    const candidates = found.map(({ rid }) => rid).sort((a, b) => a - b);
    return retrying(() =>
      this.database.transaction(async (session) => {
        const lock = session.dialect === 'mysql' ? ' FOR UPDATE' : '';
        const rows = await session.query<{ rid: number }>(
          `SELECT rid FROM ${tables.resource} WHERE ${listOf(candidates)} AND last_updated < ? ORDER BY rid${lock}`,
          [...candidates, before],
        );
        const rids = rows.map(({ rid }) => rid);
        if (rids.length === 0) return 0;
        const list = listOf(rids);
        for (const { name } of indexTables) await session.append(`DELETE FROM ${name} WHERE ${list}`, rids);
        await session.append(`DELETE FROM ${tables.history} WHERE ${list}`, rids);
        await session.append(`DELETE FROM ${tables.resource} WHERE ${list}`, rids);
        return rids.length;
      }),
    );
  }
}

function listOf(rids: readonly number[]): string {
  return `rid IN (${rids.map(() => '?').join(', ')})`;
}
