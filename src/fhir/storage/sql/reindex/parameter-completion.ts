import type { SqlSession } from '../../../../platform/database/index.js';
import type { ClaimedJob } from '../../reindex-jobs.js';
import { tables } from '../keys.js';
import { raiseVersion, stateNumber } from '../sql-parameter-registry.js';

/**
 * Lets searches use the parameters of a job's types: those that were defined when it began, and not since, so that
 * each resource was derived by it or written with them. Where resources were skipped, a parameter stays incomplete:
 * searches by it are answered with a warning, unless there may be values of another definition.
 *
 * The definitions must be locked for changing them.
 */
export async function completeParameters(session: SqlSession, job: ClaimedJob): Promise<void> {
  if (!('types' in job.scope)) return;
  let changed = 0;
  for (const { repository, type } of job.ranges) {
    const skipped = await hasSkipped(session, job, type);
    const condition = `type = ? AND since <= ? AND state = ?
      AND repository = (SELECT r.id FROM ${tables.repository} r WHERE r.name = ?)`;
    const values = (from: 'partial' | 'stale') => [type, job.definitions, stateNumber(from), repository];
    if (skipped) {
      changed += await session.execute(
        `UPDATE ${tables.searchParameter} SET skipped = 1 WHERE ${condition}`,
        values('partial'),
      );
      continue;
    }
    for (const from of ['partial', 'stale'] as const) {
      changed += await session.execute(
        `UPDATE ${tables.searchParameter} SET state = ${stateNumber('complete')}, skipped = 0 WHERE ${condition}`,
        values(from),
      );
    }
  }
  if (changed > 0) await raiseVersion(session);
}

async function hasSkipped(session: SqlSession, job: ClaimedJob, type: string): Promise<boolean> {
  const rows = await session.query(
    `SELECT 1 AS found FROM ${tables.reindexSkipped} WHERE job = ? AND resource >= ? AND resource < ? LIMIT 1`,
    // 0 is the character behind the slash.
    [job.id, `${type}/`, `${type}0`],
  );
  if (rows.length > 0) return true;
  const [row] = await session.query(
    `SELECT j.skipped, (SELECT COUNT(*) FROM ${tables.reindexSkipped} s WHERE s.job = j.id) AS named
     FROM ${tables.reindexJob} j WHERE j.id = ?`,
    [job.id],
  );
  // Those that are only counted may be of any type.
  return Number(row?.skipped) > Number(row?.named);
}
