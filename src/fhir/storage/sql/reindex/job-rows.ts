import type { SqlRow, SqlSession } from '../../../../platform/database/index.js';
import {
  reindexStatuses,
  type ClaimedJob,
  type ReindexRange,
  type ReindexScope,
  type ReindexStatus,
} from '../../reindex-jobs.js';
import { keyText, tables } from '../keys.js';

export const statusNumber = (status: ReindexStatus): number => reindexStatuses.indexOf(status);

/** SELECT of jobs; conditions follow. */
export const selectJobs = `SELECT j.id, r.name, j.scope, j.origin, j.status, j.definitions, j.created, j.started,
  j.finished, j.worked, j.total, j.done, j.skipped, j.ranges, j.range_number, j.behind, j.reason, j.owner, j.lease
  FROM ${tables.reindexJob} j LEFT JOIN ${tables.repository} r ON r.id = j.repository`;

/** A job from a row of `selectJobs`. */
export function jobFrom(row: SqlRow): ClaimedJob {
  return {
    id: Number(row.id),
    repository: row.name === null ? null : keyText(row.name),
    scope: JSON.parse(keyText(row.scope)) as ReindexScope,
    origin: keyText(row.origin),
    status: reindexStatuses[Number(row.status)] ?? 'failed',
    created: Number(row.created),
    started: numberOrNull(row.started),
    finished: numberOrNull(row.finished),
    worked: Number(row.worked),
    total: numberOrNull(row.total),
    done: Number(row.done),
    skipped: Number(row.skipped),
    reason: row.reason === null ? null : keyText(row.reason),
    definitions: Number(row.definitions),
    ranges: row.ranges === null ? [] : (JSON.parse(keyText(row.ranges)) as ReindexRange[]),
    range: Number(row.range_number),
    behind: Number(row.behind),
  };
}

/** Queues a job for types that need one now; they join one that waits for the same reason. */
export async function queueTypes(
  session: SqlSession,
  repository: number,
  types: readonly string[],
  origin: string,
): Promise<void> {
  const [waiting] = await session.query(
    `SELECT id, scope FROM ${tables.reindexJob} WHERE status = ? AND repository = ? AND origin = ?
     AND definitions = 0 ORDER BY id LIMIT 1${session.dialect === 'mysql' ? ' FOR UPDATE' : ''}`,
    [statusNumber('queued'), repository, origin],
  );
  if (waiting === undefined) {
    await insertJob(session, repository, { types }, origin);
    return;
  }
  const scope = JSON.parse(keyText(waiting.scope)) as { readonly types?: readonly string[] };
  const all = [...new Set([...(scope.types ?? []), ...types])].sort();
  await session.execute(`UPDATE ${tables.reindexJob} SET scope = ? WHERE id = ?`, [
    JSON.stringify({ types: all }),
    Number(waiting.id),
  ]);
}

/** Queues the removal of index rows, unless one waits. */
export async function queueRemoval(session: SqlSession, repository: number): Promise<void> {
  const scope: ReindexScope = { removal: true };
  const [waiting] = await session.query(
    `SELECT id FROM ${tables.reindexJob} WHERE status = ? AND repository = ? AND scope = ? LIMIT 1`,
    [statusNumber('queued'), repository, JSON.stringify(scope)],
  );
  if (waiting === undefined) await insertJob(session, repository, scope, 'search-parameter');
}

export async function insertJob(
  session: SqlSession,
  repository: number | null,
  scope: ReindexScope,
  origin: string,
): Promise<void> {
  await session.execute(
    `INSERT INTO ${tables.reindexJob} (repository, scope, origin, status, created) VALUES (?, ?, ?, ?, ?)`,
    [repository, JSON.stringify(scope), origin.slice(0, 64), statusNumber('queued'), Date.now()],
  );
}

function numberOrNull(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}
