import { normalizeString } from '../../../search/extraction/index.js';
import type { SimpleTest } from '../../../search/query.js';
import { isWholeString, prefixRange, stringKey, tables } from '../keys.js';
import { anyOf, sql } from './fragment.js';
import type { Fragment } from './fragment.js';
import type { RowCondition } from './row-condition.js';
import { singleTable } from './single-table.js';

type StringTest = SimpleTest & { readonly type: 'string' };

function testSql(alias: string, { match, text }: StringTest): Fragment {
  switch (match) {
    case 'exact':
      return sql(`(${alias}.value = ? AND ${alias}.exact = ?)`, stringKey(normalizeString(text)), text);
    case 'contains':
      return sql(`INSTR(COALESCE(${alias}.rest, ${alias}.value), ?) > 0`, text);
    case 'starts':
      return startsSql(alias, text);
  }
}

function startsSql(alias: string, text: string): Fragment {
  const { from, to } = prefixRange(text);
  if (isWholeString(text)) return sql(`(${alias}.value >= ? AND ${alias}.value < ?)`, from, to);
  // Longer than the key: equal as far as the key goes, and the rest of it by the whole text.
  return sql(`(${alias}.value = ? AND ${alias}.rest >= ? AND ${alias}.rest < ?)`, stringKey(text), from, to);
}

/** Source: FHIR R4 search.html#string. */
export function stringRows(parameters: readonly number[], tests: readonly StringTest[]): RowCondition {
  return singleTable(tables.string, parameters, {
    where: (alias) => anyOf(tests.map((test) => testSql(alias, test))),
    probe: 'by-resource',
    inOrder: false,
    unique: false,
    bounded: tests.every(({ match }) => match !== 'contains'),
  });
}
