import { retrying, type Database, type SqlRow, type SqlSession } from '../database/index.js';
import { FirekeepError } from '../errors/index.js';

/** The clock of the database, which all processes share; milliseconds. */
const clocks = {
  sqlite: "CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)",
  mysql: 'CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)',
} as const;

interface LeaseRow extends SqlRow {
  readonly now: number;
  readonly holder: string | null;
  readonly lease_until: number;
  readonly started_at: number;
}

/**
 * Who carries out a job, in the database. A lease ends by itself, so that a process that dies is followed by another; each
 * that is taken has a higher number than the one before, so that what comes late is known to be late.
 */
export class JobLeases {
  private readonly now: string;

  constructor(private readonly database: Database) {
    this.now = clocks[database.dialect];
  }

  /** Makes the row of a job. */
  async ensure(job: string): Promise<void> {
    const insert = this.database.dialect === 'mysql' ? 'INSERT IGNORE' : 'INSERT OR IGNORE';
    await this.change(
      `${insert} INTO recurring_job (name, holder, fence, lease_until, started_at) VALUES (?, NULL, 0, 0, 0)`,
      [job],
    );
  }

  /** @param every milliseconds between two beginnings. @returns milliseconds until the job may be taken; 0: now */
  async wait(job: string, every: number): Promise<number> {
    const [row] = await this.database.query<LeaseRow>(
      `SELECT ${this.now} AS now, holder, lease_until, started_at FROM recurring_job WHERE name = ?`,
      [job],
    );
    if (row === undefined) return 0;
    const until = row.holder === null ? row.started_at + every : row.lease_until;
    return Math.max(0, until - row.now);
  }

  /**
   * Takes the job where nobody has it and it is due, or whoever has it has let the lease run out.
   *
   * @param lease milliseconds
   * @returns the number of the lease; undefined: somebody else was first
   */
  async take(job: string, holder: string, every: number, lease: number): Promise<number | undefined> {
    const { now } = this;
    return retrying(() =>
      this.database.transaction(async (session) => {
        const taken = await session.execute(
          `UPDATE recurring_job SET holder = ?, fence = fence + 1, started_at = ${now}, lease_until = ${now} + ?
           WHERE name = ? AND ((holder IS NULL AND started_at + ? <= ${now})
             OR (holder IS NOT NULL AND lease_until <= ${now}))`,
          [holder, lease, job, every],
        );
        if (taken === 0) return undefined;
        const [row] = await session.query<{ fence: number }>(
          'SELECT fence FROM recurring_job WHERE name = ?',
          [job],
        );
        return Number(row?.fence);
      }),
    );
  }

  /** @returns whether it is still this process's */
  async renew(job: string, fence: number, lease: number): Promise<boolean> {
    const renewed = await this.change(
      `UPDATE recurring_job SET lease_until = ${this.now} + ?
       WHERE name = ? AND fence = ? AND holder IS NOT NULL`,
      [lease, job, fence],
    );
    return renewed > 0;
  }

  /** Gives it back. @param finished false: it was broken off, and is due at once */
  async giveBack(job: string, fence: number, finished: boolean): Promise<void> {
    await this.change(
      `UPDATE recurring_job SET holder = NULL, lease_until = 0${finished ? '' : ', started_at = 0'}
       WHERE name = ? AND fence = ?`,
      [job, fence],
    );
  }

  /**
   * Holds the lease until the transaction of `session` ends: nobody else takes the job meanwhile.
   *
   * @throws FirekeepError `JOB_LEASE_LOST` where another process has taken it
   */
  async hold(session: SqlSession, job: string, fence: number): Promise<void> {
    const lock = session.dialect === 'mysql' ? ' FOR UPDATE' : '';
    const rows = await session.query(
      `SELECT fence FROM recurring_job WHERE name = ? AND fence = ? AND holder IS NOT NULL${lock}`,
      [job, fence],
    );
    if (rows.length === 0) throw leaseLost(job);
  }

  private change(sql: string, values: readonly (string | number)[]): Promise<number> {
    return retrying(() => this.database.transaction((session) => session.execute(sql, values)));
  }
}

export function leaseLost(job: string): FirekeepError {
  return new FirekeepError(
    'unavailable',
    'JOB_LEASE_LOST',
    `The job "${job}" is carried out by another process by now.`,
  );
}
