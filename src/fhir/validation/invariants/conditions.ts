import {
  asCondition,
  collection,
  condition,
  nothing,
  type Collection,
  type Compiled,
  type Condition,
  type Evaluation,
} from './compiled.js';
import { compareDates, compareNumbers, compareQuantities, type Order } from './ordered-comparison.js';
import { UnsupportedInvariant } from './constraint-expression.js';
import { itemKey, keysOf, keyWithin } from './item-key.js';
import { EMPTY, equal, FALSE, not, TRUE, truth, UNKNOWN, type Truth } from './truth.js';

const numbers: ReadonlySet<string> = new Set(['integer', 'unsignedInt', 'positiveInt', 'decimal']);
const dates: ReadonlySet<string> = new Set(['date', 'dateTime', 'instant']);
const quantities: ReadonlySet<string> = new Set([
  'Quantity',
  'SimpleQuantity',
  'Age',
  'Count',
  'Distance',
  'Duration',
]);

const areAll = ({ types }: Collection, known: ReadonlySet<string>): boolean =>
  types.size > 0 && [...types].every((type) => known.has(type));

/** A primitive without a value is the object of its extensions. */
const hasNoValue = (item: unknown, { types }: Collection): boolean =>
  typeof item === 'object' && [...types].every((type) => /^[a-z]/.test(type));

/** `=`; both sides are conditions, or elements that are compared one with one. */
export function equality(left: Compiled, right: Compiled): Condition {
  if (left.kind === 'condition' || right.kind === 'condition') {
    const a = asCondition(left);
    const b = asCondition(right);
    return condition((item, evaluation) => equal(a.test(item, evaluation), b.test(item, evaluation)));
  }
  if (areAll(left, dates) || areAll(right, dates)) throw new UnsupportedInvariant('equality of dates');
  return condition((item, evaluation) => {
    const a = left.collect(item, evaluation);
    const b = right.constant ?? right.collect(item, evaluation);
    if (a.length === 0 || b.length === 0) return EMPTY;
    if (a.length !== b.length) return FALSE;
    const key = keyWithin(evaluation.steps);
    if (a.length > 1) return truth(a.every((one, index) => key(one) === key(b[index])));
    if (hasNoValue(a[0], left) || hasNoValue(b[0], right)) return EMPTY;
    return truth(a[0] === b[0] || (typeof a[0] === 'object' && key(a[0]) === key(b[0])));
  });
}

/** `<` and its like, by the types of both sides. */
export function comparison(order: Order, left: Collection, right: Collection): Condition {
  const compare = comparer(order, left, right);
  return condition((item, evaluation) => {
    const a = left.collect(item, evaluation);
    const b = right.collect(item, evaluation);
    if (a.length === 0 || b.length === 0) return EMPTY;
    return a.length === 1 && b.length === 1 ? compare(a[0], b[0]) : UNKNOWN;
  });
}

function comparer(order: Order, left: Collection, right: Collection): (a: unknown, b: unknown) => Truth {
  if (areAll(left, numbers) && areAll(right, numbers)) {
    return (a, b) => (typeof a === 'number' && typeof b === 'number' ? compareNumbers(order, a, b) : UNKNOWN);
  }
  if (areAll(left, dates) && areAll(right, dates)) return (a, b) => compareDates(order, a, b);
  if (areAll(left, quantities) && areAll(right, quantities)) return (a, b) => compareQuantities(order, a, b);
  throw new UnsupportedInvariant(`${[...left.types].join('|')} ${order} ${[...right.types].join('|')}`);
}

/** `element in list`; the list's keys are kept, so that a list of the whole resource is read once. */
export function membership(element: Collection, list: Collection): Condition {
  const constant = list.constant && new Set(list.constant.map(itemKey));
  return condition((item, evaluation) => {
    const items = element.collect(item, evaluation);
    if (items.length === 0) return EMPTY;
    if (items.length > 1) return UNKNOWN;
    const { steps } = evaluation;
    return truth((constant ?? keysOf(list.collect(item, evaluation), steps)).has(keyWithin(steps)(items[0])));
  });
}

/** `all(criteria)`. @param cost steps for each item */
export function all(of: Collection, criteria: Condition, cost: number): Condition {
  return condition((item, evaluation) => {
    let result: Truth = TRUE;
    for (const each of of.collect(item, evaluation)) {
      evaluation.steps.spend(cost);
      const met = criteria.test(each, evaluation);
      if (met === FALSE || met === EMPTY) return FALSE;
      if (met === UNKNOWN) result = UNKNOWN;
    }
    return result;
  });
}

export function existence(of: Collection): Condition {
  return condition((item, evaluation) => truth(of.exists(item, evaluation)));
}

export function negation(of: Compiled): Condition {
  const { test } = asCondition(of);
  return condition((item, evaluation) => not(test(item, evaluation)));
}

export function hasValue(of: Collection): Condition {
  return condition((item, evaluation) => {
    const items = of.collect(item, evaluation);
    return truth(items.length === 1 && typeof items[0] !== 'object');
  });
}

export function isDistinct(of: Collection): Condition {
  return condition((item, evaluation) => {
    const items = of.collect(item, evaluation);
    return truth(items.length < 2 || new Set(items.map(keyWithin(evaluation.steps))).size === items.length);
  });
}

/** `x is T`: by the choice's property, or by the resource's type. */
export function isOfType(of: Collection, type: string): Condition {
  const wanted = of.ofType?.(type);
  if (wanted !== undefined && !of.types.has('Resource')) {
    return condition((item, evaluation) =>
      of.exists(item, evaluation) ? truth(wanted.exists(item, evaluation)) : EMPTY,
    );
  }
  if (!of.types.has('Resource')) throw new UnsupportedInvariant(`${[...of.types].join('|')} is ${type}`);
  return condition((item, evaluation) => {
    const items = of.collect(item, evaluation);
    if (items.length === 0) return EMPTY;
    return truth((items[0] as { readonly resourceType?: unknown }).resourceType === type);
  });
}

/** A rule about the text of an element; a rule about the text of nothing has nothing to say. */
export function textCondition(
  of: Collection,
  test: (text: string, item: unknown, evaluation: Evaluation) => boolean,
): Condition {
  return condition((item, evaluation) => {
    const items = of.collect(item, evaluation);
    const [text] = items;
    if (items.length !== 1 || typeof text !== 'string') return UNKNOWN;
    evaluation.steps.spend(1 + text.length / 16);
    return truth(test(text, item, evaluation));
  });
}

/** A text that is made from the one of an element. */
export function textFunction(
  of: Collection,
  type: string,
  make: (text: string, evaluation: Evaluation) => string | number | undefined,
): Collection {
  return collection([type], (item, evaluation) => {
    const items = of.collect(item, evaluation);
    const [value] = items;
    if (items.length !== 1 || (typeof value !== 'string' && typeof value !== 'number')) return nothing;
    const read = String(value);
    evaluation.steps.spend(1 + read.length);
    const made = make(read, evaluation);
    return made === undefined ? nothing : [made];
  });
}
