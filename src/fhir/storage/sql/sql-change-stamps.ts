import type { Database } from '../../../platform/database/index.js';
import type { ChangeStamps } from '../change-stamps.js';
import { keys, tables } from './keys.js';

/**
 * Resources a type that are looked at, the last written first: a write that is committed after others with a later
 * time is still among them.
 */
const NEWEST = 1_000;
/** A prime below which times are taken, so that their sum stays an exact integer on both databases. */
const MODULUS = 16_777_213;

/** Stamps from a key that holds times alone: no body is read. */
export class SqlChangeStamps implements ChangeStamps {
  private readonly newest: string;

  constructor(private readonly database: Database) {
    const hint =
      database.dialect === 'mysql'
        ? ` FORCE INDEX (${keys.resourceUpdated})`
        : ` INDEXED BY ${keys.resourceUpdated}`;
    this.newest =
      `SELECT COUNT(*) AS n, MAX(t) AS newest, SUM(t % ${MODULUS}) AS times FROM (` +
      `SELECT r.last_updated AS t FROM ${tables.resource} r${hint} ` +
      `WHERE r.repository = (SELECT id FROM ${tables.repository} WHERE name = ?) ` +
      `AND r.type = (SELECT id FROM ${tables.type} WHERE name = ?) ` +
      `ORDER BY r.last_updated DESC, r.rid DESC LIMIT ${NEWEST}) newest`;
  }

  async of(repository: string, types: readonly string[]): Promise<string> {
    const statement = types.map(() => this.newest).join(' UNION ALL ');
    const rows = await this.database.query(
      statement,
      types.flatMap((type) => [repository, type]),
    );
    return rows.map(({ n, newest, times }) => [n, newest, times].map(String).join('.')).join('/');
  }
}
