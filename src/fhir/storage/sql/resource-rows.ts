import {
  insertRows,
  listConditions,
  type SqlRow,
  type SqlSession,
  type SqlValue,
} from '../../../platform/database/index.js';
import type { HistoryVersion } from '../ports.js';
import { keys, keyText, tables } from './keys.js';

export type Method = HistoryVersion['method'];

const methods: readonly Method[] = ['POST', 'PUT', 'DELETE'];
const methodNumber = (method: Method): number => methods.indexOf(method) + 1;

/** How a version came to be, from its column. */
export function methodOf(number: unknown): Method {
  return methods[Number(number) - 1] ?? 'PUT';
}

/** Where a resource lies: its repository and type by number. */
export interface RowIdentity {
  readonly repository: number;
  readonly type: number;
  readonly id: string;
}

/** A version with all that its row holds. */
export interface VersionRow extends RowIdentity {
  readonly rid: number;
  readonly version: number;
  readonly lastUpdated: number;
  readonly method: Method;
  readonly content: Buffer;
}

/** Columns of a version that stand in both tables. */
export const versionColumns = 'rid, version, last_updated, deleted, method, content';

/** A version from a row that has `versionColumns`. */
export function versionFrom(row: SqlRow, type: string, id: string): HistoryVersion {
  return {
    type,
    id,
    rid: Number(row.rid),
    version: Number(row.version),
    lastUpdated: Number(row.last_updated),
    deleted: Number(row.deleted) === 1,
    method: methodOf(row.method),
    content: row.content as Buffer,
  };
}

/**
 * Reads current rows and, on MySQL, locks them, for writing unless asked otherwise: in the order of the unique key, whichever order they are asked
 * for, so that two transactions never wait for each other crosswise.
 */
export async function lockRows(
  session: SqlSession,
  identities: readonly RowIdentity[],
  purpose: 'update' | 'share' = 'update',
): Promise<{ identity: RowIdentity; row: SqlRow }[]> {
  const sorted = identities
    .map(({ repository, type, id }): [number, number, string] => [repository, type, id])
    .sort(([ra, ta, ia], [rb, tb, ib]) => ra - rb || ta - tb || (ia < ib ? -1 : 1));
  const hint = session.dialect === 'mysql' ? ` FORCE INDEX (${keys.resourceIdentity})` : '';
  const lock = session.dialect === 'mysql' ? lockClauses[purpose] : '';
  const columns = purpose === 'share' ? 'deleted' : versionColumns;
  const locked: { identity: RowIdentity; row: SqlRow }[] = [];
  for (const { sql, values } of listConditions(session.dialect, ['repository', 'type', 'id'], sorted)) {
    const rows = await session.query(
      `SELECT repository, type, id, ${columns} FROM ${tables.resource}${hint} WHERE ${sql}${lock}`,
      values,
    );
    for (const row of rows) {
      const identity = { repository: Number(row.repository), type: Number(row.type), id: keyText(row.id) };
      locked.push({ identity, row });
    }
  }
  return locked;
}

/** The older of two spellings of the second: MariaDB has no other. */
const lockClauses = { update: ' FOR UPDATE', share: ' LOCK IN SHARE MODE' };

const resourceColumns = [
  'rid',
  'repository',
  'type',
  'id',
  'version',
  'last_updated',
  'deleted',
  'method',
  'content',
];
const changed = ['version', 'last_updated', 'deleted', 'method', 'content'];

export async function insertResources(session: SqlSession, rows: readonly VersionRow[]): Promise<void> {
  await insertRows(session, { table: tables.resource, columns: resourceColumns }, rows.map(resourceValues));
}

/** Overwrites current rows, by `rid`, in one statement for all of them. They must exist and be locked. */
export async function updateResources(session: SqlSession, rows: readonly VersionRow[]): Promise<void> {
  const suffix =
    session.dialect === 'sqlite'
      ? `ON CONFLICT (rid) DO UPDATE SET ${changed.map((column) => `${column} = excluded.${column}`).join(', ')}`
      : `ON DUPLICATE KEY UPDATE ${changed.map((column) => `${column} = VALUES(${column})`).join(', ')}`;
  const target = { table: tables.resource, columns: resourceColumns, suffix };
  await insertRows(session, target, rows.map(resourceValues));
}

const historyColumns = [
  'rid',
  'repository',
  'type',
  'version',
  'last_updated',
  'deleted',
  'method',
  'content',
];

/** Copies current rows into the history, inside the database. */
export async function copyToHistory(session: SqlSession, rids: readonly number[]): Promise<void> {
  const list = historyColumns.join(', ');
  for (const { sql, values } of listConditions(
    session.dialect,
    ['rid'],
    rids.map((rid) => [rid]),
  )) {
    await session.append(
      `INSERT INTO ${tables.history} (${list}) SELECT ${list} FROM ${tables.resource} WHERE ${sql}`,
      values,
    );
  }
}

/** Writes versions that never were a current row: superseded in the transaction that made them. */
export async function insertHistory(session: SqlSession, rows: readonly VersionRow[]): Promise<void> {
  const values = rows.map((row) => [row.rid, row.repository, row.type, ...versionValues(row)]);
  await insertRows(session, { table: tables.history, columns: historyColumns }, values);
}

function resourceValues(row: VersionRow): SqlValue[] {
  return [row.rid, row.repository, row.type, row.id, ...versionValues(row)];
}

function versionValues(row: VersionRow): SqlValue[] {
  const { version, lastUpdated, method, content } = row;
  return [version, lastUpdated, method === 'DELETE' ? 1 : 0, methodNumber(method), content];
}
