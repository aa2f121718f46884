import type { SimpleTest } from '../../../search/query.js';
import { codeKey, foldedCodeKey, tables } from '../keys.js';
import { allOf, anyOf, sql } from './fragment.js';
import type { Fragment } from './fragment.js';
import type { RowCondition } from './row-condition.js';
import { withKnownSystem } from './search-names.js';
import type { SearchNames } from './search-names.js';
import { singleTable } from './single-table.js';

type TokenTest = SimpleTest & { readonly type: 'token' };

/** Codes matched ignoring case stand in the index in lower case, and say so in `folded`. */
export function codeSql(column: string, folded: string, code: string): Fragment {
  const exact = codeKey(code);
  const lower = foldedCodeKey(code);
  if (exact === lower) return sql(`${column} = ?`, exact);
  return anyOf([
    sql(`${column} = ? AND ${folded} = 0`, exact),
    sql(`${column} = ? AND ${folded} = 1`, lower),
  ]);
}

/** Source: FHIR R4 search.html#token. Undefined: no row uses the system, so nothing matches. */
export function tokenRows(
  parameters: readonly number[],
  tests: readonly TokenTest[],
  names: SearchNames,
): RowCondition | undefined {
  const known = withKnownSystem(tests, names);
  const [first] = known;
  if (first === undefined) return undefined;
  const inOrder = known.length === 1 && parameters.length === 1 && isOneKey(first.test.code);
  return singleTable(tables.token, parameters, {
    where: (alias) =>
      anyOf(
        known.map(({ test: { code }, system }) =>
          allOf([
            ...(code === undefined ? [] : [codeSql(`${alias}.code`, `${alias}.folded`, code)]),
            ...(system === undefined ? [] : [sql(`${alias}.system_id = ?`, system)]),
          ]),
        ),
      ),
    probe: inOrder ? 'primary' : 'by-resource',
    inOrder,
    unique: inOrder && first.system !== undefined,
    bounded: known.every(({ test }) => test.code !== undefined),
  });
}

/** Whether all rows of the code have the same key, whichever way they are matched. */
export function isOneKey(code: string | undefined): boolean {
  return code !== undefined && codeKey(code) === foldedCodeKey(code);
}
