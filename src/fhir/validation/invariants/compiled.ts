import type { StepBudget } from '../../budgets/index.js';
import type { Definitions } from '../../definitions/index.js';
import type { JsonObject } from '../json-object.js';
import type { Expression } from './constraint-expression.js';
import { EMPTY, FALSE, TRUE, UNKNOWN, type Truth } from './truth.js';

/** What an evaluation may look at besides the element at hand. */
export interface Evaluation {
  /** `%context`: the element that the invariant is about. */
  readonly context: unknown;
  /** `%resource`. */
  readonly resource: JsonObject;
  /** What is left of the steps that it may take. */
  readonly steps: StepBudget;
  /** Values of paths from `%resource`, kept for all invariants of a resource, so that they are followed once. */
  readonly ofResource: Map<object, Items>;
  /** Values of paths from `%context`, kept for this evaluation. */
  ofContext: Map<object, Items> | undefined;
}

export type Items = readonly unknown[];

export const nothing: Items = [];

/** A part of an expression that gives elements. A primitive without a value is its `_name` object. */
export interface Collection {
  readonly kind: 'collection';
  /** FHIR types that the items can have. */
  readonly types: ReadonlySet<string>;
  readonly collect: (item: unknown, evaluation: Evaluation) => Items;
  /** Faster than asking whether `collect` gives something. */
  readonly exists: (item: unknown, evaluation: Evaluation) => boolean;
  /** The same elements, those of one type only; undefined where nothing tells the types apart. */
  readonly ofType?: ((type: string) => Collection | undefined) | undefined;
  /** The one value that it always has. */
  readonly constant?: Items | undefined;
  /** `children()` and `descendants()` give objects only: they make sense before a member. */
  readonly objectsOnly?: boolean | undefined;
}

/** A part of an expression that gives true or false. */
export interface Condition {
  readonly kind: 'condition';
  readonly test: (item: unknown, evaluation: Evaluation) => Truth;
}

export type Compiled = Collection | Condition;

/** Compiles the arguments of a function, at the level where its call stands. */
export interface ArgumentCompiler {
  readonly definitions: Definitions;
  /** What compiling may cost. */
  readonly steps: StepBudget;
  collection(expression: Expression): Collection;
  condition(expression: Expression): Condition;
  /** Compiles arguments that are evaluated on each item of a collection. */
  within(types: ReadonlySet<string>): ArgumentCompiler;
}

export function collection(
  types: Iterable<string>,
  collect: Collection['collect'],
  rest: Partial<Pick<Collection, 'exists' | 'ofType' | 'constant' | 'objectsOnly'>> = {},
): Collection {
  return {
    kind: 'collection',
    types: new Set(types),
    collect,
    exists: rest.exists ?? ((item, evaluation) => collect(item, evaluation).length > 0),
    ...rest,
  };
}

export function condition(test: Condition['test']): Condition {
  return { kind: 'condition', test };
}

/** A part as condition: one item that is no boolean counts as true. Source: FHIRPath N1, singleton evaluation. */
export function asCondition(part: Compiled): Condition {
  if (part.kind === 'condition') return part;
  const { collect } = part;
  return condition((item, evaluation) => {
    const items = collect(item, evaluation);
    if (items.length === 0) return EMPTY;
    if (items.length > 1) return UNKNOWN;
    return items[0] === false ? FALSE : TRUE;
  });
}

const yes: Items = [true];
const no: Items = [false];

export function asCollection(part: Compiled): Collection {
  if (part.kind === 'collection') return part;
  const { test } = part;
  return collection(['boolean'], (item, evaluation) => {
    const result = test(item, evaluation);
    if (result === TRUE) return yes;
    return result === FALSE ? no : nothing;
  });
}
