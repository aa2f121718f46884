import { tables } from './keys.js';

/** The tables of the search index, by what they hold. */
export type IndexTableName =
  | typeof tables.token
  | typeof tables.string
  | typeof tables.date
  | typeof tables.longDate
  | typeof tables.quantity
  | typeof tables.reference
  | typeof tables.uri
  | typeof tables.composite;

export interface IndexTable {
  readonly name: IndexTableName;
  /** In the order of the values of a row. `param` is the first. */
  readonly columns: readonly string[];
  /** Where `rid` stands in a row. */
  readonly rid: number;
  /** The columns of the primary key. */
  readonly key: readonly string[];
}

/** One row; its values stand in the order of the table's columns. Text, number or null only. */
export type IndexRow = readonly (string | number | null)[];

/** Rows by table. A table without rows has an empty list. */
export type IndexRows = Readonly<Record<IndexTableName, readonly IndexRow[]>>;

const component = (n: number): string[] => [`system${n}`, `low${n}`, `high${n}`, `unit${n}`];

/** Every table of the search index, in the order in which they are written. */
export const indexTables: readonly IndexTable[] = [
  table(tables.token, ['param', 'code', 'rid', 'system_id'], ['folded']),
  table(tables.string, ['param', 'value', 'rid', 'nth'], ['exact', 'rest']),
  table(tables.date, ['param', 'low', 'rid', 'high'], []),
  table(tables.longDate, ['param', 'high', 'rid', 'low'], []),
  table(tables.quantity, ['param', 'value', 'rid', 'nth'], ['low', 'high', 'system_id', 'code', 'unit']),
  table(tables.reference, ['param', 'target', 'rid', 'target_type', 'version'], []),
  table(tables.uri, ['param', 'value', 'rid'], []),
  table(
    tables.composite,
    ['param', 'text1', 'text2', 'value2', 'rid', 'nth'],
    ['folded', 'value1', ...component(1), ...component(2), 'text3', 'value3', ...component(3)],
  ),
];

function table(name: IndexTableName, key: readonly string[], rest: readonly string[]): IndexTable {
  const columns = [...key, ...rest];
  return { name, columns, rid: columns.indexOf('rid'), key };
}
