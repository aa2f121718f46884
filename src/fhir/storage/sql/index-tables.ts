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
  | typeof tables.composite
  | typeof tables.position
  | typeof tables.term;

export type ColumnKind = 'text' | 'integer' | 'double';
type ColumnSpec = readonly [column: string, kind: ColumnKind];

export interface IndexTable {
  readonly name: IndexTableName;
  /** In the order of the values of a row. `param` is the first. */
  readonly columns: readonly string[];
  /** Kind of each column. */
  readonly kinds: readonly ColumnKind[];
  /** The columns of the primary key. */
  readonly key: readonly string[];
}

/** One row; its values stand in the order of the table's columns. Text, number or null only. */
export type IndexRow = readonly (string | number | null)[];

/** Rows by table. A table without rows has an empty list. */
export type IndexRows = Readonly<Record<IndexTableName, readonly IndexRow[]>>;

const component = (n: number): ColumnSpec[] => [
  [`system${n}`, 'integer'],
  [`low${n}`, 'double'],
  [`high${n}`, 'double'],
  [`unit${n}`, 'text'],
];

/** Every table of the search index, in the order in which they are written. */
export const indexTables: readonly IndexTable[] = [
  table(
    tables.token,
    [
      ['code', 'text'],
      ['rid', 'integer'],
      ['system_id', 'integer'],
    ],
    [['folded', 'integer']],
  ),
  table(
    tables.string,
    [
      ['value', 'text'],
      ['rid', 'integer'],
      ['nth', 'integer'],
    ],
    [
      ['exact', 'text'],
      ['rest', 'text'],
    ],
  ),
  table(tables.date, [
    ['low', 'integer'],
    ['rid', 'integer'],
    ['high', 'integer'],
  ]),
  table(tables.longDate, [
    ['high', 'integer'],
    ['rid', 'integer'],
    ['low', 'integer'],
  ]),
  table(
    tables.quantity,
    [
      ['value', 'double'],
      ['rid', 'integer'],
      ['nth', 'integer'],
    ],
    [
      ['low', 'double'],
      ['high', 'double'],
      ['system_id', 'integer'],
      ['code', 'text'],
      ['unit', 'text'],
    ],
  ),
  table(tables.reference, [
    ['target', 'text'],
    ['rid', 'integer'],
    ['target_type', 'integer'],
    ['version', 'text'],
  ]),
  table(tables.uri, [
    ['value', 'text'],
    ['rid', 'integer'],
  ]),
  table(
    tables.composite,
    [
      ['text1', 'text'],
      ['text2', 'text'],
      ['value2', 'double'],
      ['rid', 'integer'],
      ['nth', 'integer'],
    ],
    [
      ['folded', 'integer'],
      ['value1', 'double'],
      ...component(1),
      ...component(2),
      ['text3', 'text'],
      ['value3', 'double'],
      ...component(3),
      ['printed1', 'text'],
      ['printed2', 'text'],
      ['printed3', 'text'],
    ],
  ),
  table(
    tables.position,
    [
      ['latitude', 'double'],
      ['rid', 'integer'],
      ['longitude', 'double'],
    ],
    [
      ['x', 'double'],
      ['y', 'double'],
      ['z', 'double'],
    ],
  ),
  table(
    tables.term,
    [
      ['term', 'text'],
      ['rid', 'integer'],
    ],
    [['narrative', 'integer']],
  ),
];

/** @param key columns of the primary key behind `param` */
function table(
  name: IndexTableName,
  key: readonly ColumnSpec[],
  rest: readonly ColumnSpec[] = [],
): IndexTable {
  const specs: readonly ColumnSpec[] = [['param', 'integer'], ...key, ...rest];
  return {
    name,
    columns: specs.map(([column]) => column),
    kinds: specs.map(([, kind]) => kind),
    key: ['param', ...key.map(([column]) => column)],
  };
}
