import { keys, tables } from '../keys.js';
import type { Driver } from './driver.js';
import { allOf, compose, isOneOf, sql, type Fragment } from './fragment.js';
import type { RowSource } from './row-condition.js';
import { ofTypes } from './resource.rows.js';
import { matchedRids } from './statements.js';
import type { StatementContext } from './statement-context.js';

/** Numbers of the parameters of a grouping. */
export interface GroupParameters {
  readonly by: readonly number[];
  readonly text: readonly number[];
  readonly date: readonly number[];
}

/** `rid`, `system`, `code` and the end of a date as `at`, null where there is none: each code of a match with each date. */
export function groupedRowsStatement(
  driver: Driver,
  { by, date }: GroupParameters,
  limit: number,
  context: StatementContext,
): Fragment {
  const { text } = context;
  const dates =
    date.length === 0
      ? sql('')
      : compose(
          ` LEFT JOIN ${tables.date} x${text.useKey(keys.byResource(tables.date))} ON x.rid = m.rid AND #`,
          isOneOf('x.param', date),
        );
  return compose(
    `SELECT m.rid AS rid, t.system_id AS system, t.code AS code, ${date.length === 0 ? 'NULL' : 'x.high'} AS at FROM (#) m ` +
      `${text.join} ${tables.token} t${text.useKey(keys.byResource(tables.token))} ON t.rid = m.rid# WHERE # LIMIT ?`,
    matchedRids(driver, context),
    dates,
    isOneOf('t.param', by),
    sql('', limit),
  );
}

/** Texts of resources, as `rid` and `value`. */
export function textsStatement(
  rids: readonly number[],
  { text: parameters }: GroupParameters,
  { text }: StatementContext,
): Fragment {
  const table = tables.string;
  return compose(
    `SELECT t.rid AS rid, t.value AS value FROM ${table} t${text.useKey(keys.byResource(table))} WHERE #`,
    allOf([isOneOf('t.rid', rids), isOneOf('t.param', parameters)]),
  );
}

/** When resources were written, as `rid` and `last_updated`. */
export function writtenStatement(rids: readonly number[], { text }: StatementContext): Fragment {
  return compose(
    `SELECT r.rid AS rid, r.last_updated AS last_updated FROM ${tables.resource} r${text.usePrimary} WHERE #`,
    isOneOf('r.rid', rids),
  );
}

/** These resources of the types searched. */
export function ridSource(rids: readonly number[], context: StatementContext): RowSource {
  return {
    table: tables.resource,
    where: (alias) => allOf([isOneOf(`${alias}.rid`, rids), ofTypes(context.names)(alias)]),
    inOrder: false,
    unique: true,
    bounded: true,
  };
}
