import {
  insertRows,
  listConditions,
  type Dialect,
  type SqlRow,
  type SqlSession,
} from '../../../platform/database/index.js';
import {
  indexTables,
  type IndexRow,
  type IndexRows,
  type IndexTable,
  type IndexTableName,
} from './index-tables.js';
import { exactDouble, keyText } from './keys.js';

type RowsByTable = Map<IndexTableName, IndexRow[]>;

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
  const existing = await readIndexRows(session, [...resources.keys()]);
  for (const table of indexTables) {
    const wanted = [...resources.values()].flatMap((rows) => rows?.[table.name] ?? []);
    const { removed, added } = difference(existing.get(table.name) ?? [], wanted);
    const keyPlaces = table.key.map((column) => table.columns.indexOf(column));
    const removedKeys = removed.map((row) => keyPlaces.map((place) => row[place] ?? null));
    for (const { sql, values } of listConditions(session.dialect, table.key, removedKeys)) {
      await session.append(`DELETE FROM ${table.name} WHERE ${sql}`, values);
    }
    await insertRows(session, { table: table.name, columns: table.columns }, added);
  }
}

/** Rows that are in one list and not in the other. */
function difference(
  existing: readonly IndexRow[],
  wanted: readonly IndexRow[],
): { removed: IndexRow[]; added: IndexRow[] } {
  const identity = (row: IndexRow): string => JSON.stringify(row);
  const before = new Set(existing.map(identity));
  const after = new Set(wanted.map(identity));
  return {
    removed: existing.filter((row) => !after.has(identity(row))),
    added: wanted.filter((row) => !before.has(identity(row))),
  };
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
    const value = row[`${kind}${used[kind]++}`];
    if (value === null || value === undefined) return null;
    return kind === 'text' ? keyText(value) : Number(value);
  });
}
