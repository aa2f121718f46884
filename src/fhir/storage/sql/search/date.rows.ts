import type { SimpleTest } from '../../../search/query.js';
import { LONGEST_SHORT_DATE, tables } from '../keys.js';
import { allOf, anyOf, sql } from './fragment.js';
import type { Fragment } from './fragment.js';
import type { Condition, RowCondition, TableSource } from './row-condition.js';
import { ofParameters } from './single-table.js';

type DateTest = SimpleTest & { readonly type: 'date' };

/** What a range of time is stored in: SQL of its ends. */
export interface DateColumns {
  readonly low: string;
  readonly high: string;
}

function columnsOf(alias: string): DateColumns {
  return { low: `${alias}.low`, high: `${alias}.high` };
}

/** How the range of the resource, `low` to `high`, must lie to that of the search. Source: FHIR R4 search.html#prefix. */
export function dateSql(a: DateColumns, { prefix, low, high }: DateTest): Fragment {
  switch (prefix) {
    case 'eq':
      return sql(`(${a.low} >= ? AND ${a.low} <= ? AND ${a.high} <= ?)`, low, high, high);
    case 'ne':
      return sql(`(${a.low} < ? OR ${a.high} > ?)`, low, high);
    case 'gt':
      return sql(`${a.high} > ?`, high);
    case 'lt':
      return sql(`${a.low} < ?`, low);
    // Overlaps what lies behind the search range, or lies within it.
    case 'ge':
      return sql(`(${a.low} >= ? OR ${a.high} > ?)`, low, high);
    case 'le':
      return sql(`(${a.low} < ? OR ${a.high} <= ?)`, low, high);
    case 'sa':
      return sql(`${a.low} > ?`, high);
    case 'eb':
      return sql(`(${a.low} < ? AND ${a.high} < ?)`, low, low);
    case 'ap':
      return sql(`(${a.low} <= ? AND ${a.high} >= ?)`, high, low);
    case 'co':
      return sql(`(${a.low} <= ? AND ${a.high} >= ?)`, low, high);
  }
}

/**
 * The start of the range of `low` to read for a test that bounds the end of the resource's range: what starts
 * earlier and still matches is a long period, and stands in a table of its own by its end.
 */
function startOfShort({ prefix, low, high }: DateTest): number | undefined {
  if (prefix === 'gt' || prefix === 'co') return high - LONGEST_SHORT_DATE;
  if (prefix === 'ge') return Math.min(low, high - LONGEST_SHORT_DATE);
  return prefix === 'ap' ? low - LONGEST_SHORT_DATE : undefined;
}

/** `le` is `low < ? OR high <= ?`, which the end of the search range bounds. */
function boundSql(a: string, test: DateTest): Fragment {
  const start = startOfShort(test);
  const bound =
    start !== undefined
      ? sql(`${a}.low >= ?`, start)
      : test.prefix === 'le'
        ? sql(`${a}.low <= ?`, test.high)
        : undefined;
  const condition = dateSql(columnsOf(a), test);
  return bound === undefined
    ? condition
    : {
        sql: `(${bound.sql} AND ${condition.sql})`,
        values: [...bound.values, ...condition.values],
      };
}

function longSql(a: string, { prefix, low, high }: DateTest): Fragment {
  if (prefix === 'ap') return sql(`(${a}.high >= ? AND ${a}.low <= ?)`, low, high);
  if (prefix === 'co') return sql(`(${a}.high >= ? AND ${a}.low <= ?)`, high, low);
  return sql(`${a}.high > ?`, high);
}

/**
 * Rows that fulfil one of the tests of each group. A row that no range of `low` reaches, since it starts before one of
 * them, is a long period: one more source for each group that bounds the end.
 *
 * Source: FHIR R4 search.html#date.
 */
export function dateRows(
  parameters: readonly number[],
  groups: readonly (readonly DateTest[])[],
): RowCondition {
  const bounded = groups.some((group) => group.every(({ prefix }) => prefix !== 'ne'));
  const source = (table: string, where: Condition): TableSource => ({
    table,
    where: ofParameters(parameters, where),
    inOrder: false,
    unique: false,
    bounded,
  });
  const fulfils = (alias: string, tests: readonly DateTest[]): Fragment =>
    anyOf(tests.map((test) => dateSql(columnsOf(alias), test)));
  const long = groups.flatMap((group): TableSource[] => {
    const reaching = group.filter((test) => startOfShort(test) !== undefined);
    if (reaching.length === 0) return [];
    const others = groups.filter((other) => other !== group);
    return [
      source(tables.longDate, (alias) =>
        allOf([
          anyOf(reaching.map((test) => longSql(alias, test))),
          ...others.map((other) => fulfils(alias, other)),
        ]),
      ),
    ];
  });
  return {
    table: tables.date,
    where: ofParameters(parameters, (alias) => allOf(groups.map((group) => fulfils(alias, group)))),
    probe: 'by-resource',
    sources: [
      source(tables.date, (alias) =>
        allOf(groups.map((group) => anyOf(group.map((test) => boundSql(alias, test))))),
      ),
      ...long,
    ],
  };
}
