import { setTimeout as sleep } from 'node:timers/promises';
import {
  isRetryable,
  isUnreachable,
  type Database,
  type SqlSession,
} from '../../../platform/database/index.js';
import { tables } from './keys.js';
import type { ResourceChange } from './group-plan.js';

/** How long the database is waited for after it went away during a commit. */
const PATIENCE_MS = 15_000;
const DELAY_MS = 500;

/** The connection broke during COMMIT, and the database did not come back in time to tell what it did. */
export class OutcomeUnknown extends Error {}

/**
 * Whether a transaction was committed whose COMMIT got no answer: everything or nothing of it is there, so one of
 * its versions tells.
 *
 * @throws OutcomeUnknown when the database doesn't come back in time
 */
export async function isCommitted(database: Database, witness: ResourceChange): Promise<boolean> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await database.transaction((session) => isStored(session, witness));
    } catch (error) {
      if (!isUnreachable(error) && !isRetryable(error)) throw error;
      if (Date.now() > end) throw new OutcomeUnknown('no answer to COMMIT', { cause: error });
      await sleep(DELAY_MS);
    }
  }
}

async function isStored(session: SqlSession, { after }: ResourceChange): Promise<boolean> {
  // The lock waits for the lost transaction, should the server still be at it.
  const lock = session.dialect === 'mysql' ? ' FOR UPDATE' : '';
  const columns = 'version, last_updated, content';
  const [current] = await session.query(`SELECT ${columns} FROM ${tables.resource} WHERE rid = ?${lock}`, [
    after.rid,
  ]);
  if (current === undefined || Number(current.version) < after.version) return false;
  if (Number(current.version) === after.version) return isSame(current, after);
  const [superseded] = await session.query(
    `SELECT ${columns} FROM ${tables.history} WHERE rid = ? AND version = ?`,
    [after.rid, after.version],
  );
  return superseded !== undefined && isSame(superseded, after);
}

function isSame(row: Record<string, unknown>, after: ResourceChange['after']): boolean {
  return Number(row.last_updated) === after.lastUpdated && after.content.equals(row.content as Buffer);
}
