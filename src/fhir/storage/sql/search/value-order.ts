import type { SearchQuery, SortKey } from '../../../search/query.js';
import { tables } from '../keys.js';
import type { SearchNames } from './search-names.js';

/** What one row of an index is sorted by. */
export type Value = string | number;

/**
 * The order of one index table that begins the order of a page, so that the page is found near where it starts. The
 * table's key ends in the values that it is read by; what has no value stands in no such table.
 */
export interface ValueOrder {
  readonly table: string;
  readonly parameter: number;
  /** What the first sort key compares. `high` of dates lies at most a day from `low`, which is in the key, or in a table of its own. */
  readonly column: 'low' | 'high' | 'value' | 'code' | 'target';
  readonly direction: 'ASC' | 'DESC';
  /** The value at which the page starts; undefined: at the first. */
  readonly start: Value | undefined;
}

const columns: Readonly<
  Partial<Record<SortKey['type'], Pick<ValueOrder, 'table'> & { column: ValueOrder['column'] }>>
> = {
  token: { table: tables.token, column: 'code' },
  string: { table: tables.string, column: 'value' },
  date: { table: tables.date, column: 'low' },
  reference: { table: tables.reference, column: 'target' },
  uri: { table: tables.uri, column: 'value' },
};

/**
 * Undefined: no index table begins so. Doubles are not read in their order, since MySQL's driver cuts them; positions
 * among resources without a value have none to start from.
 */
export function valueOrder({ sort, after, before }: SearchQuery, names: SearchNames): ValueOrder | undefined {
  const [first] = sort;
  const position = before ?? after;
  if (first === undefined || names.types.length !== 1) return undefined;
  const known = columns[first.type];
  const [parameter] = names.parameters(first.code);
  if (known === undefined || parameter === undefined) return undefined;
  if (position?.[1] === '-') return undefined;
  const isDescending = first.descending;
  return {
    table: known.table,
    parameter,
    column: first.type === 'date' && isDescending ? 'high' : known.column,
    direction: isDescending === (before === undefined) ? 'DESC' : 'ASC',
    start: position?.[2],
  };
}
