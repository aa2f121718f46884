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

/** One row a code of each match: `rid`, `system`, `code` and the end of its latest date as `at`, null where it has none. */
export function groupedRowsStatement(
  driver: Driver,
  { by, date }: GroupParameters,
  limit: number,
  context: StatementContext,
): Fragment {
  const { text } = context;
  const latest =
    date.length === 0
      ? sql('NULL')
      : compose(
          `(SELECT MAX(i.high) FROM ${tables.date} i${text.useKey(keys.byResource(tables.date))} WHERE i.rid = m.rid AND #)`,
          isOneOf('i.param', date),
        );
  return compose(
    `SELECT m.rid AS rid, t.system_id AS system, t.code AS code, # AS at FROM (#) m ${text.join} ` +
      `${tables.token} t${text.useKey(keys.byResource(tables.token))} ON t.rid = m.rid WHERE # LIMIT ?`,
    latest,
    matchedRids(driver, context),
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
