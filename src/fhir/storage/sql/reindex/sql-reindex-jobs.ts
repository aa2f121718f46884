import type { Database } from '../../../../platform/database/index.js';
import type {
  ReindexJob,
  ReindexJobs,
  ReindexScope,
  ReindexStatus,
  SkippedResource,
} from '../../reindex-jobs.js';
import type { SqlInternedNames } from '../interned-names.js';
import { MissingNames } from '../interned-names.js';
import { keyText, tables } from '../keys.js';
import { insertJob, jobFrom, selectJobs, statusNumber } from './job-rows.js';

/** Jobs for whoever watches and steers them. */
export class SqlReindexJobs implements ReindexJobs {
  constructor(
    private readonly database: Database,
    private readonly names: SqlInternedNames,
  ) {}

  async add(repository: string | null, scope: ReindexScope, origin: string): Promise<number> {
    const number = repository === null ? null : await this.repositoryNumber(repository);
    return this.database.transaction(async (session) => {
      await insertJob(session, number, scope, origin);
      const [row] = await session.query(
        session.dialect === 'mysql' ? 'SELECT LAST_INSERT_ID() AS id' : 'SELECT last_insert_rowid() AS id',
      );
      return Number(row?.id);
    });
  }

  async find(id: number): Promise<ReindexJob | undefined> {
    const [row] = await this.database.query(`${selectJobs} WHERE j.id = ?`, [id]);
    return row === undefined ? undefined : jobFrom(row);
  }

  async list(repository: string | undefined, limit: number): Promise<readonly ReindexJob[]> {
    const rows =
      repository === undefined
        ? await this.database.query(`${selectJobs} ORDER BY j.id DESC LIMIT ?`, [limit])
        : await this.database.query(
            `${selectJobs} WHERE r.name = ? OR j.repository IS NULL ORDER BY j.id DESC LIMIT ?`,
            [repository, limit],
          );
    return rows.map(jobFrom);
  }

  async skipped(id: number, limit: number): Promise<readonly SkippedResource[]> {
    const rows = await this.database.query(
      `SELECT resource, reason FROM ${tables.reindexSkipped} WHERE job = ? ORDER BY rid LIMIT ?`,
      [id, limit],
    );
    return rows.map(({ resource, reason }) => ({ resource: keyText(resource), reason: keyText(reason) }));
  }

  pause(id: number): Promise<boolean> {
    return this.change(id, ['queued', 'running'], 'paused');
  }

  resume(id: number): Promise<boolean> {
    return this.change(id, ['paused', 'failed', 'cancelled'], 'queued');
  }

  cancel(id: number): Promise<boolean> {
    return this.change(id, ['queued', 'running', 'paused', 'failed'], 'cancelled');
  }

  private async change(id: number, from: readonly ReindexStatus[], to: ReindexStatus): Promise<boolean> {
    const finished = to === 'cancelled' ? Date.now() : null;
    const changed = await this.database.transaction((session) =>
      session.execute(
        `UPDATE ${tables.reindexJob} SET status = ?, finished = ?, reason = NULL, lease = 0
         WHERE id = ? AND status IN (${from.map(() => '?').join(', ')})`,
        [statusNumber(to), finished, id, ...from.map(statusNumber)],
      ),
    );
    return changed > 0;
  }

  private async repositoryNumber(name: string): Promise<number> {
    const missing = new MissingNames();
    missing.repositories.add(name);
    await this.names.intern(missing);
    return this.names.knownRepository(name) ?? 0;
  }
}
