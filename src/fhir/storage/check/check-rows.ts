import { listConditions, type SqlSession } from '../../../platform/database/index.js';
import { indexTables, type IndexTableName } from '../sql/index-tables.js';
import { keys, keyText, tables } from '../sql/keys.js';

/** A current row without its body. */
export interface CheckedRow {
  readonly rid: number;
  readonly repository: number;
  readonly type: number;
  readonly id: string;
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly lastUpdated: number;
  readonly deleted: boolean;
  readonly bytes: number;
}

/** A superseded version without its body. */
export type CheckedVersion = Omit<CheckedRow, 'id'>;

/** Bodies of one statement: as many as fit, or one. */
const BATCH_BYTES = 8 * 2 ** 20;
/** Rows without a resource that one range of numbers reports, at most. */
const ORPHANS = 100;

const rowColumns = 'rid, repository, type, id, version, last_updated, deleted, LENGTH(content) AS bytes';
const versionColumns = 'rid, repository, type, version, last_updated, deleted, LENGTH(content) AS bytes';

/** Current rows above a number, in the order of their numbers. */
export async function rowsAbove(session: SqlSession, rid: number, limit: number): Promise<CheckedRow[]> {
  const rows = await session.query(
    `SELECT ${rowColumns} FROM ${tables.resource} WHERE rid > ? ORDER BY rid LIMIT ?`,
    [rid, limit],
  );
  return rows.map(rowFrom);
}

export async function rowOf(session: SqlSession, rid: number): Promise<CheckedRow | undefined> {
  const [row] = await session.query(`SELECT ${rowColumns} FROM ${tables.resource} WHERE rid = ?`, [rid]);
  return row === undefined ? undefined : rowFrom(row);
}

/** Superseded versions within a range of numbers, behind a place in it, in the order of the key. */
export async function versionsBetween(
  session: SqlSession,
  behind: { readonly rid: number; readonly version: number },
  last: number,
  limit: number,
): Promise<CheckedVersion[]> {
  const rows = await session.query(
    `SELECT ${versionColumns} FROM ${tables.history} WHERE rid >= ? AND rid <= ? AND (rid > ? OR version > ?) ` +
      'ORDER BY rid, version LIMIT ?',
    [behind.rid, last, behind.rid, behind.version, limit],
  );
  return rows.map((row) => {
    const { rid, repository, type, version, lastUpdated, deleted, bytes } = rowFrom(row);
    return { rid, repository, type, version, lastUpdated, deleted, bytes };
  });
}

/** Bodies of current rows, a bounded number of bytes at a time. */
export function currentBodies<T extends CheckedRow>(
  session: SqlSession,
  rows: readonly T[],
): AsyncGenerator<{ readonly row: T; readonly content: Buffer }> {
  return bodies(rows, async (batch) => {
    const found = new Map<string, Buffer>();
    const list = batch.map(({ rid }) => [rid]);
    for (const { sql, values } of listConditions(session.dialect, ['rid'], list)) {
      const stored = await session.query(
        `SELECT rid, version, content FROM ${tables.resource} WHERE ${sql}`,
        values,
      );
      for (const row of stored) found.set(versionKey(Number(row.rid), Number(row.version)), bytesOf(row));
    }
    return found;
  });
}

/** Bodies of superseded versions, likewise. */
export function supersededBodies(
  session: SqlSession,
  rows: readonly CheckedVersion[],
): AsyncGenerator<{ readonly row: CheckedVersion; readonly content: Buffer }> {
  return bodies(rows, async (batch) => {
    const found = new Map<string, Buffer>();
    const list = batch.map(({ rid, version }) => [rid, version]);
    for (const { sql, values } of listConditions(session.dialect, ['rid', 'version'], list)) {
      const stored = await session.query(
        `SELECT rid, version, content FROM ${tables.history} WHERE ${sql}`,
        values,
      );
      for (const row of stored) found.set(versionKey(Number(row.rid), Number(row.version)), bytesOf(row));
    }
    return found;
  });
}

/** Rows whose body has changed meanwhile come with an empty one: the second look decides on them. */
async function* bodies<T extends CheckedVersion>(
  rows: readonly T[],
  load: (batch: readonly T[]) => Promise<ReadonlyMap<string, Buffer>>,
): AsyncGenerator<{ readonly row: T; readonly content: Buffer }> {
  let start = 0;
  while (start < rows.length) {
    let bytes = 0;
    let end = start;
    while (end < rows.length && (end === start || bytes + (rows[end]?.bytes ?? 0) <= BATCH_BYTES)) {
      bytes += rows[end++]?.bytes ?? 0;
    }
    const batch = rows.slice(start, end);
    const found = await load(batch);
    for (const row of batch)
      yield { row, content: found.get(versionKey(row.rid, row.version)) ?? Buffer.alloc(0) };
    start = end;
  }
}

/** Rows of a table in a range of numbers, `above` exclusive, that belong to no resource: number and how many. */
export async function orphansOf(
  session: SqlSession,
  table: typeof tables.history | IndexTableName,
  above: number,
  last: number,
): Promise<{ readonly rid: number; readonly rows: number }[]> {
  const hint =
    table !== tables.history && session.dialect === 'mysql' ? ` FORCE INDEX (${keys.byResource(table)})` : '';
  const rows = await session.query(
    `SELECT t.rid, COUNT(*) AS found FROM ${table} t${hint} LEFT JOIN ${tables.resource} r ON r.rid = t.rid ` +
      'WHERE t.rid > ? AND t.rid <= ? AND r.rid IS NULL GROUP BY t.rid ORDER BY t.rid LIMIT ?',
    [above, last, ORPHANS],
  );
  return rows.map((row) => ({ rid: Number(row.rid), rows: Number(row.found) }));
}

/** The number that the next block starts with. */
export async function nextRid(session: SqlSession): Promise<number> {
  const [row] = await session.query(`SELECT next_rid FROM ${tables.ridBlock} WHERE id = 1`);
  return Number(row?.next_rid ?? 0);
}

export async function countResources(session: SqlSession): Promise<number> {
  const [row] = await session.query(`SELECT COUNT(*) AS found FROM ${tables.resource}`);
  return Number(row?.found ?? 0);
}

/** Everything that an orphan can stand in. */
export const dependentTables = [tables.history, ...indexTables.map(({ name }) => name)] as const;

function rowFrom(row: Record<string, unknown>): CheckedRow {
  return {
    rid: Number(row.rid),
    repository: Number(row.repository),
    type: Number(row.type),
    id: keyText(row.id),
    version: Number(row.version),
    lastUpdated: Number(row.last_updated),
    deleted: Number(row.deleted) === 1,
    bytes: Number(row.bytes),
  };
}

function bytesOf(row: Record<string, unknown>): Buffer {
  return Buffer.isBuffer(row.content) ? row.content : Buffer.alloc(0);
}

function versionKey(rid: number, version: number): string {
  return `${rid}/${version}`;
}
