import type { Database, SqlSession } from '../../../../platform/database/index.js';
import type {
  BatchResource,
  ClaimedJob,
  ReindexProgress,
  ReindexRange,
  ReindexWork,
  SkippedResource,
} from '../../reindex-jobs.js';
import type { SqlInternedNames } from '../interned-names.js';
import { keys, keyText, tables } from '../keys.js';
import { ReadSession } from '../read-session.js';
import { lockDefinitions } from '../sql-parameter-registry.js';
import { jobFrom, selectJobs, statusNumber } from './job-rows.js';
import { completeParameters } from './parameter-completion.js';
import { countRanges, rangesOf } from './ranges.js';
import { removeSomeRows } from './row-removal.js';

/** Bytes of one batch: few, since its resources are locked while their values are derived, in one go. */
const BATCH_BYTES = 256 * 1024;
/** Milliseconds after which a job whose owner is silent may be taken by another. */
const LEASE = 30_000;
/** Skipped resources that a job names; further ones are counted. */
export const NAMED_SKIPPED = 10_000;

/** What a job does in the database. */
export class SqlReindexWork implements ReindexWork {
  private readonly session: SqlSession;

  constructor(
    private readonly database: Database,
    private readonly names: SqlInternedNames,
  ) {
    this.session = new ReadSession(database);
  }

  async claim(owner: string): Promise<ClaimedJob | undefined> {
    const active = [statusNumber('queued'), statusNumber('running')];
    const select = `${selectJobs} WHERE j.status IN (?, ?) ORDER BY j.id`;
    if ((await this.database.query(`${select} LIMIT 1`, active)).length === 0) return undefined;
    return this.database.transaction(async (session) => {
      const now = Date.now();
      const rows = await session.query(select, active);
      if (rows.some((row) => Number(row.lease) >= now && keyText(row.owner) !== owner)) return undefined;
      const [row] = rows;
      if (row === undefined) return undefined;
      const taken = await session.execute(
        `UPDATE ${tables.reindexJob} SET status = ?, owner = ?, lease = ?, started = COALESCE(started, ?)
         WHERE id = ? AND status IN (?, ?) AND (lease < ? OR owner = ?)`,
        [statusNumber('running'), owner, now + LEASE, now, Number(row.id), ...active, now, owner],
      );
      return taken === 0 ? undefined : jobFrom(row);
    });
  }

  async begin(job: ClaimedJob, definitions: number): Promise<ClaimedJob> {
    // Types may have joined the job until now.
    const [row] = await this.database.query(`${selectJobs} WHERE j.id = ?`, [job.id]);
    const fresh = row === undefined ? job : jobFrom(row);
    const ranges = await rangesOf(this.session, fresh);
    const total =
      'removal' in fresh.scope ? null : await countRanges(this.session, this.names, fresh, ranges);
    await this.database.transaction((session) =>
      session.execute(
        `UPDATE ${tables.reindexJob} SET definitions = ?, ranges = ?, total = ?, range_number = 0, behind = 0,
         done = 0, skipped = 0 WHERE id = ?`,
        [definitions, JSON.stringify(ranges), total, job.id],
      ),
    );
    return { ...fresh, definitions, ranges, total, range: 0, behind: 0, done: 0, skipped: 0 };
  }

  async batch(
    { repository, type }: ReindexRange,
    behind: number,
    limit: number,
  ): Promise<readonly BatchResource[]> {
    const repositoryId = await this.names.repositoryId(this.session, repository);
    const typeId = await this.names.typeId(this.session, type);
    if (repositoryId === undefined || typeId === undefined) return [];
    const hint = this.database.dialect === 'mysql' ? ` FORCE INDEX (${keys.resourceOrder})` : '';
    const rows = await this.session.query(
      `SELECT rid, id, LENGTH(content) AS bytes FROM ${tables.resource}${hint}
       WHERE repository = ? AND type = ? AND rid > ? AND deleted = 0 ORDER BY rid LIMIT ?`,
      [repositoryId, typeId, behind, limit],
    );
    let bytes = 0;
    const found = rows.map((row) => ({
      rid: Number(row.rid),
      id: keyText(row.id),
      bytes: Number(row.bytes),
    }));
    return found.filter((one, index) => (bytes += one.bytes) <= BATCH_BYTES || index === 0);
  }

  async skip(job: ClaimedJob, rid: number, { resource, reason }: SkippedResource): Promise<void> {
    await this.database.transaction(async (session) => {
      const values = [job.id, rid];
      const [known] = await session.query(
        `SELECT 1 AS found FROM ${tables.reindexSkipped} WHERE job = ? AND rid = ?`,
        values,
      );
      if (known !== undefined) return;
      await session.execute(`UPDATE ${tables.reindexJob} SET skipped = skipped + 1 WHERE id = ?`, [job.id]);
      const [row] = await session.query(
        `SELECT COUNT(*) AS named FROM ${tables.reindexSkipped} WHERE job = ?`,
        [job.id],
      );
      if (Number(row?.named) >= NAMED_SKIPPED) return;
      await session.execute(
        `INSERT INTO ${tables.reindexSkipped} (job, rid, resource, reason) VALUES (?, ?, ?, ?)`,
        [...values, resource, reason.slice(0, 1000)],
      );
    });
  }

  async progress(job: ClaimedJob, owner: string, progress: ReindexProgress): Promise<boolean> {
    const { range, behind, done, worked } = progress;
    const changed = await this.database.transaction((session) =>
      session.execute(
        `UPDATE ${tables.reindexJob} SET range_number = ?, behind = ?, done = ?, worked = ?, lease = ?
         WHERE id = ? AND owner = ? AND status = ?`,
        [range, behind, done, worked, Date.now() + LEASE, job.id, owner, statusNumber('running')],
      ),
    );
    return changed > 0;
  }

  async finish(
    job: ClaimedJob,
    owner: string,
    { range, behind, done, worked }: ReindexProgress,
  ): Promise<void> {
    await this.database.transaction(async (session) => {
      // In the order of whoever defines parameters: the definitions first, then the jobs.
      await lockDefinitions(session, 'update');
      const ended = await session.execute(
        `UPDATE ${tables.reindexJob} SET status = ?, finished = ?, range_number = ?, behind = ?, done = ?,
         worked = ?, lease = 0 WHERE id = ? AND owner = ? AND status = ?`,
        [
          statusNumber('done'),
          Date.now(),
          range,
          behind,
          done,
          worked,
          job.id,
          owner,
          statusNumber('running'),
        ],
      );
      if (ended > 0) await completeParameters(session, job);
    });
  }

  async fail(job: ClaimedJob, owner: string, reason: string): Promise<void> {
    await this.database.transaction((session) =>
      session.execute(
        `UPDATE ${tables.reindexJob} SET status = ?, reason = ?, finished = ?, lease = 0
         WHERE id = ? AND owner = ? AND status = ?`,
        [statusNumber('failed'), reason.slice(0, 1000), Date.now(), job.id, owner, statusNumber('running')],
      ),
    );
  }

  async release(job: ClaimedJob, owner: string): Promise<void> {
    await this.database.transaction((session) =>
      session.execute(`UPDATE ${tables.reindexJob} SET lease = 0 WHERE id = ? AND owner = ?`, [
        job.id,
        owner,
      ]),
    );
  }

  removeRows(repository: string, limit: number): Promise<number> {
    return removeSomeRows(this.database, repository, limit);
  }
}
