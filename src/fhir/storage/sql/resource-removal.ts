import type { Database } from '../../../platform/database/index.js';
import { indexTables } from './index-tables.js';
import { tables } from './keys.js';

/** Removes resources for good, with their history and index: only for what is kept for a time and nobody may change. */
export class ResourceRemoval {
  constructor(private readonly database: Database) {}

  /**
   * The oldest resources of a type, in all repositories, in one transaction.
   *
   * @param before milliseconds since the epoch: those last written earlier go
   * @returns how many went; as many as the limit: there may be more
   */
  remove(type: string, before: number, limit: number): Promise<number> {
    return this.database.transaction(async (session) => {
      const rows = await session.query<{ rid: number }>(
        `SELECT r.rid FROM ${tables.repository} p CROSS JOIN ${tables.type} t ` +
          `JOIN ${tables.resource} r ON r.repository = p.id AND r.type = t.id AND r.last_updated < ? ` +
          'WHERE t.name = ? LIMIT ?',
        [before, type, limit],
      );
      const rids = rows.map(({ rid }) => rid).sort((a, b) => a - b);
      if (rids.length === 0) return 0;
      const list = `rid IN (${rids.map(() => '?').join(', ')})`;
      for (const { name } of indexTables) await session.execute(`DELETE FROM ${name} WHERE ${list}`, rids);
      await session.execute(`DELETE FROM ${tables.history} WHERE ${list}`, rids);
      await session.execute(`DELETE FROM ${tables.resource} WHERE ${list}`, rids);
      return rids.length;
    });
  }
}
