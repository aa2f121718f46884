import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  insertRows,
  listConditions,
  type Dialect,
  type SqlRow,
  type SqlSession,
} from '../../../platform/database/index.js';
import {
  indexTables,
  type ColumnKind,
  type IndexRow,
  type IndexRows,
  type IndexTable,
  type IndexTableName,
} from './index-tables.js';
import { exactDouble, keyText } from './keys.js';

type RowsByTable = Map<IndexTableName, IndexRow[]>;

/**
 * Rows from which on each table is read by itself, with a turn for others between: a statement a table costs less then
 * than the places that the united one has for every table.
 */
const MANY = 1_000;

/** Writes the rows of resources that have none in the index yet. */
export async function insertIndexRows(session: SqlSession, resources: readonly IndexRows[]): Promise<void> {
  for (const table of indexTables) {
    const rows = resources.flatMap((resource) => resource[table.name]);
    await insertRows(session, { table: table.name, columns: table.columns }, rows);
  }
}

/**
 * Makes the index hold exactly these rows of resources that have some already. Only what differs is written:
 * most updates change a row or two, and a row left alone costs one read.
 *
 * @param resources rows to be, by rid; an empty list of tables for a deleted resource
 */
export async function replaceIndexRows(
  session: SqlSession,
  resources: ReadonlyMap<number, IndexRows | undefined>,
): Promise<void> {
  if (resources.size === 0) return;
  const rids = [...resources.keys()];
  const lists = [...resources.values()];
  const united = countOf(lists) < MANY ? await readIndexRows(session, rids) : undefined;
  for (const table of indexTables) {
    if (united === undefined) await nextTurn();
    const existing =
      united?.get(table.name) ?? (united === undefined ? await readTable(session, table, rids) : []);
    const wanted = lists.flatMap((rows) => rows?.[table.name] ?? []);
    const { removed, added } = difference(existing, wanted);
    const keyPlaces = table.key.map((column) => table.columns.indexOf(column));
    const removedKeys = removed.map((row) => keyPlaces.map((place) => row[place] ?? null));
    for (const { sql, values } of listConditions(session.dialect, table.key, removedKeys)) {
      await session.append(`DELETE FROM ${table.name} WHERE ${sql}`, values);
    }
    await insertRows(session, { table: table.name, columns: table.columns }, added);
  }
}

function countOf(lists: readonly (IndexRows | undefined)[]): number {
  let count = 0;
  for (const rows of lists) {
    if (rows !== undefined) for (const table of indexTables) count += rows[table.name].length;
  }
  return count;
}

/** Rows that are in one list and not in the other. */
function difference(
  existing: readonly IndexRow[],
  wanted: readonly IndexRow[],
): { removed: IndexRow[]; added: IndexRow[] } {
  const unmatched = new Map(existing.map((row) => [JSON.stringify(row), row] as const));
  const added = wanted.filter((row) => !unmatched.delete(JSON.stringify(row)));
  return { removed: [...unmatched.values()], added };
}

async function readTable(
  session: SqlSession,
  table: IndexTable,
  rids: readonly number[],
): Promise<IndexRow[]> {
  const found: IndexRow[] = [];
  const columns = table.columns.map((column, place) =>
    table.kinds[place] === 'double' ? `${exactDouble(session.dialect, column)} AS ${column}` : column,
  );
  const conditions = listConditions(
    session.dialect,
    ['rid'],
    rids.map((rid) => [rid]),
  );
  for (const { sql, values } of conditions) {
    const rows = await session.query(`SELECT ${columns.join(', ')} FROM ${table.name} WHERE ${sql}`, values);
    for (const row of rows) {
      found.push(table.columns.map((column, place) => valueFrom(row[column], table.kinds[place])));
    }
  }
  return found;
}

/** The index rows of some resources, from all tables in one statement. */
export async function readIndexRows(session: SqlSession, rids: readonly number[]): Promise<RowsByTable> {
  const found: RowsByTable = new Map();
  const lists = listConditions(
    session.dialect,
    ['rid'],
    rids.map((rid) => [rid]),
  );
  for (const { sql, values } of lists) {
    const selects = indexTables.map(
      (table, number) => `${selectOf(session.dialect, table, number)} WHERE ${sql}`,
    );
    const rows = await session.query(
      selects.join(' UNION ALL '),
      indexTables.flatMap(() => values),
    );
    for (const row of rows) {
      const table = indexTables[Number(row.tbl)];
      if (table === undefined) continue;
      const list = found.get(table.name) ?? [];
      list.push(rowFrom(row, table));
      found.set(table.name, list);
    }
  }
  return found;
}

/** Most columns of a kind in one table: so many columns the united statement has for the kind. */
const width = (kind: 'text' | 'integer' | 'double'): number =>
  Math.max(...indexTables.map((table) => table.kinds.filter((other) => other === kind).length));
const slots = (['text', 'integer', 'double'] as const).map((kind) => ({ kind, count: width(kind) }));

/** A table's columns, put into places of their kind, since the tables of a UNION must agree on types. */
function selectOf(dialect: Dialect, table: IndexTable, number: number): string {
  const places = slots.flatMap(({ kind, count }) => {
    const own = table.columns.filter((_, index) => table.kinds[index] === kind);
    return Array.from({ length: count }, (_, index) => {
      const column = own[index];
      if (column === undefined) return `NULL AS ${kind}${index}`;
      return `${kind === 'double' ? exactDouble(dialect, column) : column} AS ${kind}${index}`;
    });
  });
  return `SELECT ${number} AS tbl, ${places.join(', ')} FROM ${table.name}`;
}

function rowFrom(row: SqlRow, table: IndexTable): IndexRow {
  const used = { text: 0, integer: 0, double: 0 };
  return table.kinds.map((kind) => {
    return valueFrom(row[`${kind}${used[kind]++}`], kind);
  });
}

function valueFrom(value: unknown, kind: ColumnKind | undefined): string | number | null {
  if (value === null || value === undefined) return null;
  return kind === 'text' ? keyText(value) : Number(value);
}
