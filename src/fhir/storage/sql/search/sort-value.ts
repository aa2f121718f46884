import type { SortKey } from '../../../search/query.js';
import { tables } from '../keys.js';
import { compose, isOneOf, sql } from './fragment.js';
import type { Fragment } from './fragment.js';
import type { SearchNames } from './search-names.js';

interface SortColumn {
  readonly table: string;
  readonly ascending: string;
  readonly descending: string;
}

const columns: Readonly<Record<Exclude<SortKey['type'], 'id' | 'last-updated'>, SortColumn>> = {
  // A token without a code has a row with an empty one, which is no value.
  token: { table: tables.token, ascending: "NULLIF(i.code, '')", descending: "NULLIF(i.code, '')" },
  string: { table: tables.string, ascending: 'i.value', descending: 'i.value' },
  date: { table: tables.date, ascending: 'i.low', descending: 'i.high' },
  number: { table: tables.quantity, ascending: 'i.value', descending: 'i.value' },
  quantity: { table: tables.quantity, ascending: 'i.value', descending: 'i.value' },
  // A reference without a literal has a row with an empty target.
  reference: {
    table: tables.reference,
    ascending: "NULLIF(i.target, '')",
    descending: "NULLIF(i.target, '')",
  },
  uri: { table: tables.uri, ascending: 'i.value', descending: 'i.value' },
};

/**
 * What resource `d.rid` is sorted by: the smallest of its values ascending, the largest descending; null where
 * it has none. Source: FHIR R4 search.html#sort.
 */
export function sortValueSql({ code, type, descending }: SortKey, names: SearchNames): Fragment {
  if (type === 'id') return sql(`(SELECT i.id FROM ${tables.resource} i WHERE i.rid = d.rid)`);
  if (type === 'last-updated') {
    return sql(`(SELECT i.last_updated FROM ${tables.resource} i WHERE i.rid = d.rid)`);
  }
  const parameters = names.parameters(code);
  if (parameters.length === 0) return sql('NULL');
  const column = columns[type];
  const value = descending ? `MAX(${column.descending})` : `MIN(${column.ascending})`;
  return compose(
    `(SELECT ${value} FROM ${column.table} i WHERE i.rid = d.rid AND #)`,
    isOneOf('i.param', parameters),
  );
}
