import { keys, tables } from '../keys.js';
import { allOf, anyOf, compose, sql } from './fragment.js';
import type { Fragment } from './fragment.js';
import { linkProbe, type Link } from './link.js';
import type { RowCondition, RowSource } from './row-condition.js';
import type { SqlText } from './sql-text.js';
import type { ProbeContext } from './statement-context.js';

/** What a search expression asks of a resource, with names replaced by their numbers. */
export type Predicate =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'all' | 'any'; readonly parts: readonly Predicate[] }
  | { readonly kind: 'not'; readonly part: Predicate }
  | { readonly kind: 'rows'; readonly rows: RowCondition }
  | LinkedPredicate;

/** A resource at the other end of a reference fulfils the operand. */
export interface LinkedPredicate {
  readonly kind: 'linked';
  readonly link: Link;
  readonly operand: Predicate;
  /** From the other end; absent: too many resources fulfil the operand, or it has not been looked at yet. */
  readonly sources?: readonly RowSource[];
}

export const always: Predicate = { kind: 'constant', value: true };
export const never: Predicate = { kind: 'constant', value: false };

/** All of the parts; constants and nesting are folded away. */
export function all(parts: readonly Predicate[]): Predicate {
  const flat = parts.flatMap((part) => (part.kind === 'all' ? part.parts : [part]));
  if (flat.some((part) => part.kind === 'constant' && !part.value)) return never;
  const kept = flat.filter((part) => part.kind !== 'constant');
  const [only] = kept;
  if (only === undefined) return always;
  return kept.length === 1 ? only : { kind: 'all', parts: kept };
}

/** Any of the parts; constants and nesting are folded away. */
export function any(parts: readonly Predicate[]): Predicate {
  const flat = parts.flatMap((part) => (part.kind === 'any' ? part.parts : [part]));
  if (flat.some((part) => part.kind === 'constant' && part.value)) return always;
  const kept = flat.filter((part) => part.kind !== 'constant');
  const [only] = kept;
  if (only === undefined) return never;
  return kept.length === 1 ? only : { kind: 'any', parts: kept };
}

/** Nothing is linked to what nothing fulfils. */
export function linked(link: Link, operand: Predicate): Predicate {
  return operand.kind === 'constant' && !operand.value ? never : { kind: 'linked', link, operand };
}

export function not(part: Predicate): Predicate {
  if (part.kind === 'constant') return part.value ? never : always;
  return part.kind === 'not' ? part.part : { kind: 'not', part };
}

/**
 * The predicate as a condition on the resource whose number `rid` names. Each row condition is a scalar
 * subquery, which no optimizer turns into a join.
 *
 * @param depth links that lie between the resource and the matches: each has aliases of its own
 */
export function predicateSql(predicate: Predicate, rid: string, context: ProbeContext, depth = 0): Fragment {
  const each = (parts: readonly Predicate[]): Fragment[] =>
    parts.map((part) => predicateSql(part, rid, context, depth));
  switch (predicate.kind) {
    case 'constant':
      return sql(predicate.value ? '1 = 1' : '1 = 0');
    case 'all':
      return compose('(#)', allOf(each(predicate.parts)));
    case 'any':
      return anyOf(each(predicate.parts));
    case 'not':
      return compose('NOT (#)', predicateSql(predicate.part, rid, context, depth));
    case 'rows':
      return probeSql(predicate.rows, rid, context.text);
    case 'linked': {
      const { link, operand } = predicate;
      return linkProbe(link, rid, depth, context, (other) =>
        predicateSql(operand, other, context, depth + 1),
      );
    }
  }
}

function probeSql({ table, where, probe }: RowCondition, rid: string, text: SqlText): Fragment {
  const hint =
    table === tables.resource || probe === 'primary' ? text.usePrimary : text.useKey(keys.byResource(table));
  return compose(
    `(SELECT 1 FROM ${table} i${hint} WHERE i.rid = ${rid} AND # LIMIT 1) IS NOT NULL`,
    where('i'),
  );
}
