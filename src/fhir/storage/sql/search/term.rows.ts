import type { SearchExpression, WordTest } from '../../../search/query.js';
import { prefixRange, tables } from '../keys.js';
import { allOf, sql } from './fragment.js';
import { all, any, never } from './predicate.js';
import type { Predicate } from './predicate.js';
import type { RowCondition } from './row-condition.js';
import { singleTable } from './single-table.js';

/** Source: FHIR R4 search.html#content. */
export function compileWords(
  { on, anyOf }: SearchExpression & { readonly kind: 'words' },
  parameters: readonly number[],
): Predicate {
  if (parameters.length === 0) return never;
  return any(
    anyOf.map((words) => all(words.map((word) => ({ kind: 'rows', rows: termRows(word, on, parameters) })))),
  );
}

/** All rows of a term of one type lie in the order of the resources. */
function termRows(
  { term, prefix }: WordTest,
  on: 'text' | 'content',
  parameters: readonly number[],
): RowCondition {
  const isOne = !prefix && parameters.length === 1;
  const { from, to } = prefixRange(term);
  return singleTable(tables.term, parameters, {
    where: (alias) =>
      allOf([
        prefix ? sql(`${alias}.term >= ? AND ${alias}.term < ?`, from, to) : sql(`${alias}.term = ?`, term),
        ...(on === 'text' ? [sql(`${alias}.narrative = 1`)] : []),
      ]),
    probe: isOne ? 'primary' : 'by-resource',
    inOrder: isOne,
    unique: isOne,
    bounded: true,
  });
}
