import { keys, tables } from '../keys.js';
import { allOf, anyOf, compose, isOneOf, sql } from './fragment.js';
import type { Fragment } from './fragment.js';
import type { ReferencePath } from './reference-paths.js';
import type { StatementRun } from './statement-run.js';

/** One step from resources to those that they refer to, or that refer to them. */
export interface IncludeStep {
  /** Number of the repository. */
  readonly repository: number;
  readonly paths: readonly ReferencePath[];
  /** Resources that are started from. */
  readonly from: readonly number[];
  /** Resources that the answer has already. */
  readonly known: readonly number[];
  readonly limit: number;
  /** What may be seen; null: everything. */
  readonly seen: SeenResources | null;
}

export interface SeenResources {
  /** Numbers of the types that the condition was made for. */
  readonly types: readonly number[];
  /** Condition on the resource that an expression names the `rid` of. */
  condition(rid: string): Fragment;
}

const columns = `r.rid AS rid, r.type AS type, r.id AS id, r.version AS version, r.last_updated AS last_updated, r.content AS content`;

/** Current resources that those of the step refer to, bodies included. Versions of references don't count. */
export function referredStatement(step: IncludeStep, { text, deadline }: StatementRun): Fragment {
  const { from, known, limit, seen } = step;
  const references = compose(
    `SELECT DISTINCT i.target_type AS type, i.target AS id FROM ${tables.reference} i${text.useKey(keys.byResource(tables.reference))} WHERE #`,
    allOf([
      ...(deadline === null ? [] : [deadline.ofRows('i')]),
      isOneOf('i.rid', from),
      sql('i.target_type <> 0'),
      pathsSql(step.paths, 'i.param', 'i.target_type'),
    ]),
  );
  return compose(
    `SELECT ${columns} FROM (#) t ${text.join} ${tables.resource} r${text.useKey(keys.resourceIdentity)} ` +
      'ON r.type = t.type AND r.id = t.id WHERE # LIMIT ?',
    references,
    allOf([
      ...(deadline === null ? [] : [deadline.ofRows('r')]),
      sql('r.repository = ? AND r.deleted = 0', step.repository),
      noneOf('r.rid', known),
      ...(seen === null ? [] : [isOneOf('r.type', seen.types), seen.condition('r.rid')]),
    ]),
    sql('', limit),
  );
}

/**
 * Resources that refer to those of the step, bodies included. Every pair of resource and parameter is one range of
 * the primary key.
 */
export function referringStatement(step: IncludeStep, { text, deadline }: StatementRun): Fragment {
  const { from, known, limit, seen } = step;
  const rids = compose(
    `SELECT DISTINCT f.rid AS rid FROM ${tables.resource} s${text.usePrimary} ${text.join} ${tables.parameter} p ` +
      `${text.join} ${tables.reference} f${text.usePrimary} ` +
      'ON f.param = p.id AND f.target = s.id AND f.target_type = s.type WHERE # LIMIT ?',
    allOf([
      ...(deadline === null ? [] : [deadline.ofRows('f')]),
      isOneOf('s.rid', from),
      pathsSql(step.paths, 'p.id', 's.type'),
      noneOf('f.rid', known),
      ...(seen === null ? [] : [isOneOf('p.type', seen.types), seen.condition('f.rid')]),
    ]),
    sql('', limit),
  );
  return compose(
    `SELECT ${columns} FROM (#) m ${text.join} ${tables.resource} r ON r.rid = m.rid WHERE r.deleted = 0`,
    rids,
  );
}

/** At least one path. */
function pathsSql(paths: readonly ReferencePath[], parameter: string, targetType: string): Fragment {
  const byTarget = new Map<number | undefined, Set<number>>();
  for (const { parameter: id, target } of paths) {
    byTarget.set(target, (byTarget.get(target) ?? new Set()).add(id));
  }
  return anyOf(
    [...byTarget].map(([target, ids]) => {
      const ofParameters = isOneOf(parameter, [...ids]);
      return target === undefined
        ? ofParameters
        : compose('(# AND #)', ofParameters, sql(`${targetType} = ?`, target));
    }),
  );
}

function noneOf(column: string, rids: readonly number[]): Fragment {
  return sql(`${column} NOT IN (${rids.map(() => '?').join(', ')})`, ...rids);
}
