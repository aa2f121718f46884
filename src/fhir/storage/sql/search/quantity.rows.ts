import type { SimpleTest } from '../../../search/query.js';
import { codeKey, tables } from '../keys.js';
import { allOf, anyOf, sql } from './fragment.js';
import type { Fragment } from './fragment.js';
import type { RowCondition } from './row-condition.js';
import { withKnownSystem } from './search-names.js';
import type { SearchNames } from './search-names.js';
import { singleTable } from './single-table.js';

type QuantityTest = SimpleTest & { readonly type: 'quantity' };
type NumberTest = SimpleTest & { readonly type: 'number' };

/** Beyond this an end of a range is open: the value had a comparator (`<5`), or its Range has one end. */
const OPEN = 1e308;

/** What a number is stored in: SQL of its value and of its bounds. */
export interface NumberColumns {
  readonly value: string;
  readonly low: string;
  readonly high: string;
}

function columnsOf(alias: string): NumberColumns {
  return { value: `${alias}.value`, low: `${alias}.low`, high: `${alias}.high` };
}

/**
 * A value counts by itself, not by the range of its digits, so that 100 is found by 100.0; `<5` and `>5` reach
 * without end to their side. Source: FHIR R4 search.html#prefix.
 */
export function numberSql(
  a: NumberColumns,
  { prefix, value, low, high }: NumberTest | QuantityTest,
): Fragment {
  const equal = `${a.value} >= ? AND ${a.value} < ? AND ${a.low} > ? AND ${a.high} < ?`;
  switch (prefix) {
    case 'eq':
      return sql(`(${equal})`, low, high, -OPEN, OPEN);
    case 'ne':
      return sql(`NOT (${equal})`, low, high, -OPEN, OPEN);
    case 'gt':
      return sql(`(${a.value} > ? OR ${a.high} >= ?)`, value, OPEN);
    case 'ge':
      return sql(`(${a.value} >= ? OR ${a.high} >= ?)`, value, OPEN);
    case 'lt':
      return sql(`(${a.value} < ? OR ${a.low} <= ?)`, value, -OPEN);
    case 'le':
      return sql(`(${a.value} <= ? OR ${a.low} <= ?)`, value, -OPEN);
    case 'sa':
      return sql(`(${a.value} > ? AND ${a.low} > ?)`, value, -OPEN);
    case 'eb':
      return sql(`(${a.value} < ? AND ${a.high} < ?)`, value, OPEN);
    case 'ap':
      return sql(
        `((${a.value} >= ? AND ${a.value} <= ?) OR (${a.low} <= ? AND ${a.high} >= ?) OR (${a.high} >= ? AND ${a.low} <= ?))`,
        low,
        high,
        -OPEN,
        low,
        OPEN,
        high,
      );
  }
}

export const boundedPrefixes: ReadonlySet<string> = new Set(['eq', 'sa', 'eb']);

/** Source: FHIR R4 search.html#number. */
export function numberRows(parameters: readonly number[], tests: readonly NumberTest[]): RowCondition {
  return singleTable(tables.quantity, parameters, {
    where: (alias) => anyOf(tests.map((test) => numberSql(columnsOf(alias), test))),
    probe: 'by-resource',
    inOrder: false,
    unique: false,
    bounded: tests.every(({ prefix }) => boundedPrefixes.has(prefix)),
  });
}

/** Without a system the code may be the code of the unit or its printed form. Source: FHIR R4 search.html#quantity. */
export function unitSql(a: UnitColumns, code: string, system: number | undefined): Fragment {
  if (system !== undefined) return sql(`${a.code} = ?`, codeKey(code));
  return sql(`(${a.code} = ? OR ${a.printed} = ?)`, codeKey(code), codeKey(code));
}

/** What a unit is stored in: SQL of its code and of its printed form. */
export interface UnitColumns {
  readonly code: string;
  readonly printed: string;
}

/** Source: FHIR R4 search.html#quantity. Undefined: no row uses the system, so nothing matches. */
export function quantityRows(
  parameters: readonly number[],
  tests: readonly QuantityTest[],
  names: SearchNames,
): RowCondition | undefined {
  const known = withKnownSystem(tests, names);
  if (known.length === 0) return undefined;
  return singleTable(tables.quantity, parameters, {
    where: (alias) =>
      anyOf(
        known.map(({ test, system }) =>
          allOf([
            numberSql(columnsOf(alias), test),
            ...(system === undefined ? [] : [sql(`${alias}.system_id = ?`, system)]),
            ...(test.code === undefined
              ? []
              : [unitSql({ code: `${alias}.code`, printed: `${alias}.unit` }, test.code, system)]),
          ]),
        ),
      ),
    probe: 'by-resource',
    inOrder: false,
    unique: false,
    bounded: known.every(({ test }) => boundedPrefixes.has(test.prefix)),
  });
}
