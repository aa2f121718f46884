import { Injectable } from '@nestjs/common';
import { Database, ExpiredRows, type SqlRow, type SqlValue } from '../../platform/database/index.js';
import { inSlices } from '../../platform/schedule/index.js';
import type { Refusal, RefusalFacts } from './refusal.js';

interface RefusalRow extends SqlRow {
  reference: string;
  check_name: string;
  status: string;
  endpoint: string;
  mode: string;
  method: string;
  path: string;
  subject: string | null;
  client_id: string | null;
  address: string;
  explanation: string;
  times: number;
  first_at: number;
  last_at: number;
}

const table = { name: 'refusal', key: 'reference', expiry: 'last_at' };
const columnNames =
  'reference, check_name, status, endpoint, mode, method, path, subject, client_id, address, explanation, times, first_at, last_at';
const rowPlaceholders = `(${Array(14).fill('?').join(', ')})`;

/** Statements on the table `refusal`. */
@Injectable()
export class RefusalStore {
  constructor(private readonly database: Database) {}

  /** Inserts new refusals and updates the counts of known ones, in one transaction. */
  async save(refusals: readonly Refusal[]): Promise<void> {
    if (refusals.length === 0) return;
    const values = refusals.flatMap(rowOf);
    const placeholders = refusals.map(() => rowPlaceholders).join(', ');
    const update =
      this.database.dialect === 'sqlite'
        ? 'ON CONFLICT (reference) DO UPDATE SET times = excluded.times, last_at = excluded.last_at'
        : 'ON DUPLICATE KEY UPDATE times = VALUES(times), last_at = VALUES(last_at)';
    await this.database.transaction(async (session) => {
      await session.execute(`INSERT INTO refusal (${columnNames}) VALUES ${placeholders} ${update}`, values);
    });
  }

  /** Deletes what is older than `oldest` and, of the rest, all but the newest `capacity`, a slice at a time. */
  async prune(oldest: number, capacity: number, isStopped?: () => boolean): Promise<void> {
    const [edge] = await this.database.query<{ last_at: number }>(
      'SELECT last_at FROM refusal ORDER BY last_at DESC LIMIT 1 OFFSET ?',
      [capacity],
    );
    const before = Math.max(oldest, edge === undefined ? 0 : edge.last_at + 1);
    const rows = new ExpiredRows(this.database, table, before);
    await inSlices((limit) => rows.delete(limit), isStopped);
  }

  async find(reference: string): Promise<Refusal | undefined> {
    const [row] = await this.database.query<RefusalRow>(
      `SELECT ${columnNames} FROM refusal WHERE reference = ?`,
      [reference],
    );
    return row === undefined ? undefined : refusalOf(row);
  }

  /** Newest first. `before` continues a list: the `lastAt` of its last refusal. */
  async list(limit: number, before: number): Promise<Refusal[]> {
    const rows = await this.database.query<RefusalRow>(
      `SELECT ${columnNames} FROM refusal WHERE last_at < ? ORDER BY last_at DESC LIMIT ?`,
      [before, limit],
    );
    return rows.map(refusalOf);
  }
}

type Explanation = Pick<RefusalFacts, 'trail' | 'expected' | 'actual' | 'remedy' | 'setting' | 'token'>;

function rowOf(refusal: Refusal): SqlValue[] {
  const { trail, expected, actual, remedy, setting, token } = refusal;
  const explanation: Explanation = { trail, expected, actual, remedy, setting, token };
  return [
    refusal.reference,
    refusal.check,
    refusal.status,
    refusal.endpoint.slice(0, 300),
    refusal.mode,
    refusal.method.slice(0, 16),
    refusal.path.slice(0, 300),
    refusal.subject?.slice(0, 128) ?? null,
    refusal.clientId?.slice(0, 128) ?? null,
    refusal.address.slice(0, 64),
    JSON.stringify(explanation),
    refusal.times,
    refusal.firstAt,
    refusal.lastAt,
  ];
}

function refusalOf(row: RefusalRow): Refusal {
  const explanation = JSON.parse(row.explanation) as Partial<Pick<Explanation, 'token'>> &
    Omit<Explanation, 'token'>;
  return {
    ...explanation,
    // Refusals of earlier versions have none.
    token: explanation.token ?? null,
    reference: row.reference,
    check: row.check_name,
    status: row.status,
    endpoint: row.endpoint,
    mode: row.mode,
    method: row.method,
    path: row.path,
    subject: row.subject,
    clientId: row.client_id,
    address: row.address,
    times: row.times,
    firstAt: row.first_at,
    lastAt: row.last_at,
  };
}
