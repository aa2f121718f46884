import type { SimpleTest } from '../../../search/query.js';
import { prefixRange, tables, uriKey } from '../keys.js';
import { anyOf, isOneOf, sql } from './fragment.js';
import type { Fragment } from './fragment.js';
import type { RowCondition } from './row-condition.js';
import { singleTable } from './single-table.js';

type UriTest = SimpleTest & { readonly type: 'uri' };

function belowSql(alias: string, { uri, below = '/' }: UriTest): Fragment {
  const { from, to } = prefixRange(uri + below);
  return sql(`(${alias}.value >= ? AND ${alias}.value < ?)`, from, to);
}

/** Source: FHIR R4 search.html#uri. */
export function uriRows(parameters: readonly number[], tests: readonly UriTest[]): RowCondition {
  const values = [...new Set(tests.map(({ uri }) => uriKey(uri)))];
  const prefixes = tests.filter(({ below }) => below !== undefined);
  const inOrder = values.length === 1 && prefixes.length === 0 && parameters.length === 1;
  return singleTable(tables.uri, parameters, {
    where: (alias) =>
      anyOf([isOneOf(`${alias}.value`, values), ...prefixes.map((test) => belowSql(alias, test))]),
    probe: inOrder ? 'primary' : 'by-resource',
    inOrder,
    unique: inOrder,
    bounded: true,
  });
}
