import type { SimpleTest } from '../../../search/query.js';
import { codeKey, foldedCodeKey, tables } from '../keys.js';
import { allOf, anyOf, compose, isOneOf, sql } from './fragment.js';
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

/** As `codeSql`, of any of many codes: those that are the same in lower case, and the others once each way. */
function codesSql(alias: string, codes: readonly string[]): Fragment {
  const keys = codes.map((code) => ({ exact: codeKey(code), folded: foldedCodeKey(code) }));
  const lists = {
    same: keys.filter(({ exact, folded }) => exact === folded).map(({ exact }) => exact),
    other: keys.filter(({ exact, folded }) => exact !== folded),
  };
  const oneOf = (values: readonly string[]): Fragment =>
    isOneOf(`${alias}.code`, [...new Set(values)].sort());
  return anyOf([
    ...(lists.same.length === 0 ? [] : [oneOf(lists.same)]),
    ...(lists.other.length === 0
      ? []
      : [
          compose(`# AND ${alias}.folded = 0`, oneOf(lists.other.map(({ exact }) => exact))),
          compose(`# AND ${alias}.folded = 1`, oneOf(lists.other.map(({ folded }) => folded))),
        ]),
  ]);
}

/** Source: FHIR R4 search.html#token. Undefined: no row uses the system, so nothing matches. */
export function tokenRows(
  parameters: readonly number[],
  tests: readonly TokenTest[],
  names: SearchNames,
): RowCondition | undefined {
  const known = withKnownSystem(
    tests.filter(({ codes }) => codes?.length !== 0),
    names,
  );
  const [first] = known;
  if (first === undefined) return undefined;
  const inOrder = known.length === 1 && parameters.length === 1 && isOneKey(first.test.code);
  return singleTable(tables.token, parameters, {
    where: (alias) =>
      anyOf(
        known.map(({ test: { code, codes, coded }, system }) =>
          allOf([
            ...(code === undefined ? [] : [codeSql(`${alias}.code`, `${alias}.folded`, code)]),
            ...(coded === true ? [sql(`${alias}.code <> ''`)] : []),
            ...(codes === undefined ? [] : [codesSql(alias, codes)]),
            ...(system === undefined ? [] : [sql(`${alias}.system_id = ?`, system)]),
          ]),
        ),
      ),
    probe: inOrder ? 'primary' : 'by-resource',
    inOrder,
    unique: inOrder && first.system !== undefined,
    bounded: known.every(({ test }) => (test.code ?? test.codes) !== undefined),
  });
}

/** Whether all rows of the code have the same key, whichever way they are matched. */
export function isOneKey(code: string | undefined): boolean {
  return code !== undefined && codeKey(code) === foldedCodeKey(code);
}
