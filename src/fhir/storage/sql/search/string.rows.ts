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
    case 'whole':
      return isWholeString(text)
        ? sql(`(${alias}.value = ? AND ${alias}.rest IS NULL)`, text)
        : sql(`(${alias}.value = ? AND COALESCE(${alias}.rest, '') = ?)`, stringKey(text), text);
    case 'ends':
      return endsSql(`COALESCE(${alias}.rest, ${alias}.value)`, text);
    case 'gt':
    case 'ge':
      return orderSql(alias, '>=', match === 'gt' ? '>' : '>=', text);
    case 'lt':
    case 'le':
      return orderSql(alias, '<=', match === 'lt' ? '<' : '<=', text);
  }
}

/** Lengths are bytes on MySQL and characters on SQLite, in which the text is cut too. */
function endsSql(column: string, text: string): Fragment {
  return sql(`SUBSTR(${column}, LENGTH(${column}) - LENGTH(?) + 1) = ?`, text, text);
}

/** The key, a beginning of the text, says which range of it to read. */
function orderSql(alias: string, range: '>=' | '<=', operator: string, text: string): Fragment {
  return sql(
    `(${alias}.value ${range} ? AND COALESCE(${alias}.rest, ${alias}.value) ${operator} ?)`,
    stringKey(text),
    text,
  );
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
    bounded: tests.every(({ match }) => match !== 'contains' && match !== 'ends'),
  });
}
