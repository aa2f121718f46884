import { asObject } from '../json-object.js';
import {
  collection,
  nothing,
  type Collection,
  type Condition,
  type Evaluation,
  type Items,
} from './compiled.js';
import { UnsupportedInvariant } from './constraint-expression.js';
import { itemKey, keysOf, keyWithin } from './item-key.js';
import { anyType } from './member.js';
import { TRUE } from './truth.js';

export function constant(type: string, value: string | number | boolean): Collection {
  const items: Items = [value];
  return collection([type], () => items, { constant: items });
}

/** @param cost steps for each item */
export function where(of: Collection, criteria: Condition, cost: number): Collection {
  return collection(of.types, (item, evaluation) =>
    of.collect(item, evaluation).filter((each) => {
      evaluation.steps.spend(cost);
      return criteria.test(each, evaluation) === TRUE;
    }),
  );
}

/** @param cost steps for each item */
export function select(of: Collection, projection: Collection, cost: number): Collection {
  return collection(projection.types, (item, evaluation) =>
    of.collect(item, evaluation).flatMap((each) => {
      const items = projection.collect(each, evaluation);
      evaluation.steps.spend(cost + items.length);
      return items;
    }),
  );
}

export function first(of: Collection): Collection {
  return collection(of.types, (item, evaluation) => of.collect(item, evaluation).slice(0, 1));
}

export function tail(of: Collection): Collection {
  return collection(of.types, (item, evaluation) => {
    const items = of.collect(item, evaluation);
    evaluation.steps.spend(items.length);
    return items.slice(1);
  });
}

export function count(of: Collection): Collection {
  return collection(['integer'], (item, evaluation) => [of.collect(item, evaluation).length]);
}

/** `a.combine(b)`: both, with duplicates. */
export function combine(left: Collection, right: Collection): Collection {
  return collection([...left.types, ...right.types], (item, evaluation) =>
    both(left, right, item, evaluation),
  );
}

function both(left: Collection, right: Collection, item: unknown, evaluation: Evaluation): Items {
  const items = left.collect(item, evaluation).concat(right.collect(item, evaluation));
  evaluation.steps.spend(1 + items.length);
  return items;
}

/** `a | b`: both, without duplicates. */
export function union(left: Collection, right: Collection): Collection {
  const types = [...left.types, ...right.types];
  if (left.constant && right.constant) {
    const items = distinct([...left.constant, ...right.constant], itemKey);
    return collection(types, () => items, { constant: items });
  }
  return collection(
    types,
    (item, evaluation) => distinct(both(left, right, item, evaluation), keyWithin(evaluation.steps)),
    { exists: (item, evaluation) => left.exists(item, evaluation) || right.exists(item, evaluation) },
  );
}

export function intersect(left: Collection, right: Collection): Collection {
  return collection(left.types, (item, evaluation) => {
    const items = left.collect(item, evaluation);
    if (items.length === 0) return nothing;
    const keys = keysOf(right.collect(item, evaluation), evaluation.steps);
    const key = keyWithin(evaluation.steps);
    return distinct(
      items.filter((each) => keys.has(key(each))),
      key,
    );
  });
}

function distinct(items: Items, key: (item: unknown) => string): Items {
  if (items.length < 2) return items;
  return [...new Map(items.map((item) => [key(item), item])).values()];
}

/** `a & b`: nothing counts as the empty text. */
export function concatenation(left: Collection, right: Collection): Collection {
  const textOf = (part: Collection, item: unknown, evaluation: Evaluation): string => {
    const [value] = part.collect(item, evaluation);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  return collection(['string'], (item, evaluation) => {
    const text = textOf(left, item, evaluation) + textOf(right, item, evaluation);
    evaluation.steps.spend(1 + text.length / 16);
    return [text];
  });
}

/** `a + b` of whole numbers. */
export function sum(left: Collection, right: Collection): Collection {
  for (const { types } of [left, right]) {
    if ([...types].some((type) => type !== 'integer')) {
      throw new UnsupportedInvariant('+ of something else than whole numbers');
    }
  }
  return collection(['integer'], (item, evaluation) => {
    const [a] = left.collect(item, evaluation);
    const [b] = right.collect(item, evaluation);
    return typeof a === 'number' && typeof b === 'number' ? [a + b] : nothing;
  });
}

/** `iif(criterion, result)`. */
export function iif(criterion: Condition, result: Collection): Collection {
  return collection(result.types, (item, evaluation) =>
    criterion.test(item, evaluation) === TRUE ? result.collect(item, evaluation) : nothing,
  );
}

/** `children()`: those that are objects. */
export function children(of: Collection, types: Iterable<string>): Collection {
  return collection(
    types,
    (item, evaluation) => {
      const found: unknown[] = [];
      for (const each of of.collect(item, evaluation)) pushChildren(each, found);
      evaluation.steps.spend(1 + found.length);
      return found;
    },
    { objectsOnly: true },
  );
}

/** `descendants()`: those that are objects. */
export function descendants(of: Collection): Collection {
  return collection(
    [anyType],
    (item, evaluation) => {
      const found: unknown[] = [];
      for (const each of of.collect(item, evaluation)) pushChildren(each, found);
      // The list grows while it is read: children of children.
      for (const each of found) {
        evaluation.steps.spend(1);
        pushChildren(each, found);
      }
      return found;
    },
    { objectsOnly: true },
  );
}

function pushChildren(item: unknown, found: unknown[]): void {
  const object = asObject(item);
  if (object === undefined) return;
  for (const key of Object.keys(object)) {
    const value = object[key];
    if (Array.isArray(value)) {
      for (const each of value) if (asObject(each) !== undefined) found.push(each);
    } else if (asObject(value) !== undefined) found.push(value);
  }
}
