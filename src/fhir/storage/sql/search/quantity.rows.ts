import type { SimpleTest } from '../../../search/query.js';
import { codeKey, tables } from '../keys.js';
import { allOf, anyOf, sql } from './fragment.js';
import type { Fragment } from './fragment.js';
import type { Condition, RowCondition, TableSource } from './row-condition.js';
import { withKnownSystem } from './search-names.js';
import type { SearchNames } from './search-names.js';
import { ofParameters } from './single-table.js';

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
    case 'co':
      return sql(`(${a.low} <= ? AND ${a.high} > ?)`, value, value);
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

/** Prefixes that a range of values alone answers. */
export const boundedPrefixes: ReadonlySet<string> = new Set(['eq', 'sa', 'eb']);

/** Values that reach without end to a side may lie anywhere: these prefixes find them where they stand once more. */
const reaching: ReadonlySet<string> = new Set(['gt', 'ge', 'lt', 'le', 'ap']);

/** The range of values in which the rows of a test lie that do not reach without end to a side. */
function boundSql(a: string, { prefix, value, low, high }: NumberTest | QuantityTest): Fragment | undefined {
  switch (prefix) {
    case 'gt':
      return sql(`${a}.value > ?`, value);
    case 'ge':
      return sql(`${a}.value >= ?`, value);
    case 'lt':
      return sql(`${a}.value < ?`, value);
    case 'le':
      return sql(`${a}.value <= ?`, value);
    case 'ap':
      return sql(`${a}.value >= ? AND ${a}.value <= ?`, low, high);
    default:
      return undefined;
  }
}

/** Parameters of numbers, and those under which the open ones of them stand once more. */
export interface NumberParameters {
  readonly parameters: readonly number[];
  readonly open: readonly number[];
}

interface NumberCondition<T> {
  readonly test: T;
  sql(alias: string): Fragment;
}

function rowsOf<T extends NumberTest | QuantityTest>(
  { parameters, open }: NumberParameters,
  conditions: readonly NumberCondition<T>[],
): RowCondition {
  const table = tables.quantity;
  const source = (of: readonly number[], where: Condition): TableSource => ({
    table,
    where: ofParameters(of, where),
    inOrder: false,
    unique: false,
    bounded: conditions.every(({ test: { prefix } }) => prefix !== 'ne' && prefix !== 'co'),
  });
  const openEnded = conditions.filter(({ test }) => reaching.has(test.prefix));
  return {
    table,
    where: ofParameters(parameters, (alias) => anyOf(conditions.map((condition) => condition.sql(alias)))),
    probe: 'by-resource',
    sources: [
      source(parameters, (alias) =>
        anyOf(conditions.map((condition) => allOf([...bound(alias, condition), condition.sql(alias)]))),
      ),
      ...(open.length === 0 || openEnded.length === 0
        ? []
        : [source(open, (alias) => anyOf(openEnded.map((condition) => condition.sql(alias))))]),
    ],
  };
}

function bound<T extends NumberTest | QuantityTest>(alias: string, { test }: NumberCondition<T>): Fragment[] {
  const range = boundSql(alias, test);
  return range === undefined ? [] : [range];
}

/** Source: FHIR R4 search.html#number. */
export function numberRows(parameters: NumberParameters, tests: readonly NumberTest[]): RowCondition {
  return rowsOf(
    parameters,
    tests.map((test) => ({ test, sql: (alias) => numberSql(columnsOf(alias), test) })),
  );
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
  parameters: NumberParameters,
  tests: readonly QuantityTest[],
  names: SearchNames,
): RowCondition | undefined {
  const known = withKnownSystem(tests, names);
  if (known.length === 0) return undefined;
  return rowsOf(
    parameters,
    known.map(({ test, system }) => ({
      test,
      sql: (alias) =>
        allOf([
          numberSql(columnsOf(alias), test),
          ...(system === undefined ? [] : [sql(`${alias}.system_id = ?`, system)]),
          ...(test.code === undefined
            ? []
            : [unitSql({ code: `${alias}.code`, printed: `${alias}.unit` }, test.code, system)]),
        ]),
    })),
  );
}
