import type { SqlRow } from '../../../../platform/database/index.js';
import { keyText, LONGEST_SHORT_DATE, tables } from '../keys.js';
import type { Driver } from './driver.js';
import { allOf, compose, sql } from './fragment.js';
import type { Fragment } from './fragment.js';
import { predicateSql } from './predicate.js';
import type { Predicate } from './predicate.js';
import type { TableSource } from './row-condition.js';
import type { StatementContext } from './statement-context.js';
import type { Value, ValueOrder } from './value-order.js';

/**
 * A value before or at which `count` matches beyond the start lie, as `edge`; no row: there are not so many with a
 * value. Rows are read in the order of the index and tested, as far as that.
 */
export function edgeStatement(
  order: ValueOrder,
  parts: readonly Predicate[],
  count: number,
  context: StatementContext,
): Fragment {
  const { table, parameter, direction } = order;
  const { text, deadline } = context;
  const key = order.column === 'high' ? 'low' : order.column;
  return compose(
    `SELECT d.${key} AS edge FROM ${table} d${text.usePrimary} WHERE # ORDER BY d.${key} ${direction} LIMIT 1 OFFSET ?`,
    allOf([
      ...(deadline === null ? [] : [deadline.ofTested('d')]),
      sql('d.param = ?', parameter),
      ...hasValue(order, 'd'),
      ...beyondStart(order),
      ...parts.map((part) => predicateSql(part, 'd.rid', context)),
    ]),
    sql('', count - 1),
  );
}

/** An empty code or target stands for none. */
function hasValue({ column }: ValueOrder, alias: string): Fragment[] {
  return column === 'code' || column === 'target' ? [sql(`${alias}.${column} <> ''`)] : [];
}

/** What equals the start may have been shown, so that only what lies beyond counts. */
function beyondStart({ column, direction, start }: ValueOrder): Fragment[] {
  const sign = direction === 'ASC' ? '>' : '<';
  if (column !== 'high') return start === undefined ? [] : [sql(`d.${column} ${sign} ?`, start)];
  if (direction === 'DESC') {
    return start === undefined ? [] : [sql('d.low < ? AND d.high < ?', start, start)];
  }
  const isShort = sql(`d.high <= d.low + ${LONGEST_SHORT_DATE}`);
  return start === undefined ? [isShort] : [sql('d.low > ?', start), isShort];
}

/** All rows from the start of the page to the edge, of which the first `count` matches in order are among the best. */
export function rangeDriver(order: ValueOrder, parts: readonly Predicate[], row: SqlRow): Driver {
  const { direction, start } = order;
  const read = typeof row.edge === 'number' ? row.edge : keyText(row.edge);
  // Of dates by their end, read in the order of their start: the ends lie at most a day behind.
  const edge =
    order.column === 'high' && direction === 'ASC' && typeof read === 'number'
      ? read + LONGEST_SHORT_DATE
      : read;
  const range = direction === 'ASC' ? { from: start, to: edge } : { from: edge, to: start };
  return { kind: 'gather', sources: sourcesOf(order, range), rest: parts };
}

interface Range {
  readonly from: Value | undefined;
  readonly to: Value | undefined;
}

function sourcesOf(order: ValueOrder, range: Range): readonly TableSource[] {
  const { table, parameter, column } = order;
  const within = (alias: string, name: string, { from, to }: Range): Fragment[] => [
    ...(from === undefined ? [] : [sql(`${alias}.${name} >= ?`, from)]),
    ...(to === undefined ? [] : [sql(`${alias}.${name} <= ?`, to)]),
  ];
  const source = (of: string, more: (alias: string) => readonly Fragment[]): TableSource => ({
    table: of,
    where: (alias) =>
      allOf([
        sql(`${alias}.param = ?`, parameter),
        ...hasValue(order, alias),
        ...within(alias, column, range),
        ...more(alias),
      ]),
    inOrder: false,
    unique: false,
    bounded: true,
  });
  if (column !== 'high') return [source(table, () => [])];
  const { from, to } = range;
  const starts = { from: typeof from === 'number' ? from - LONGEST_SHORT_DATE : undefined, to };
  return [source(table, (alias) => within(alias, 'low', starts)), source(tables.longDate, () => [])];
}
