import { setImmediate } from 'node:timers/promises';
import type { SqlSession } from '../../../../platform/database/index.js';
import type { ClaimedJob, ReindexRange } from '../../reindex-jobs.js';
import type { SqlInternedNames } from '../interned-names.js';
import { keys, keyText, tables } from '../keys.js';

/** The types of each repository that a job goes through. */
export async function rangesOf(session: SqlSession, job: ClaimedJob): Promise<readonly ReindexRange[]> {
  const repositories = job.repository === null ? await names(session, tables.repository) : [job.repository];
  const types = await typesOf(session, job);
  return repositories.flatMap((repository) => types.map((type) => ({ repository, type })));
}

async function typesOf(session: SqlSession, { scope }: ClaimedJob): Promise<readonly string[]> {
  if ('resources' in scope) {
    const types = scope.resources.map((resource) => resource.split('/', 1)[0] ?? '');
    return [...new Set(types)].sort();
  }
  if ('removal' in scope) return [];
  return scope.types ?? names(session, tables.type);
}

async function names(
  session: SqlSession,
  table: typeof tables.repository | typeof tables.type,
): Promise<readonly string[]> {
  const rows = await session.query(`SELECT name FROM ${table} ORDER BY name`);
  return rows.map(({ name }) => keyText(name));
}

/** Resources that are to be derived again. */
export async function countRanges(
  session: SqlSession,
  names: SqlInternedNames,
  { scope }: ClaimedJob,
  ranges: readonly ReindexRange[],
): Promise<number> {
  if ('resources' in scope) return scope.resources.length;
  let total = 0;
  for (const { repository, type } of ranges) {
    const values = [await names.repositoryId(session, repository), await names.typeId(session, type)];
    const known = values.filter((value) => value !== undefined);
    if (known.length < values.length) continue;
    total += await countType(session, known);
  }
  return total;
}

/** Resources that are counted in one go. */
const counted = 20_000;

/** Counts by the order of the resources, a part at a time, so that nobody waits for the count of many. */
async function countType(session: SqlSession, repositoryAndType: readonly number[]): Promise<number> {
  const hint = session.dialect === 'mysql' ? ` FORCE INDEX (${keys.resourceOrder})` : '';
  let total = 0;
  let behind = 0;
  for (;;) {
    const [row] = await session.query(
      `SELECT COUNT(*) AS found, MAX(rid) AS last FROM (SELECT rid FROM ${tables.resource}${hint}
       WHERE repository = ? AND type = ? AND rid > ? AND deleted = 0 ORDER BY rid LIMIT ${counted}) part`,
      [...repositoryAndType, behind],
    );
    const found = Number(row?.found ?? 0);
    total += found;
    if (found < counted) return total;
    behind = Number(row?.last);
    await setImmediate();
  }
}
