import type { StepBudget } from '../../budgets/index.js';
import type { Items } from './compiled.js';

/** Text that is equal for items that are equal by FHIRPath; linear in the item's size. */
export function itemKey(item: unknown): string {
  if (typeof item !== 'object' || item === null) return `${typeof item}:${String(item)}`;
  return JSON.stringify(sorted(item));
}

/** `itemKey` that spends steps for each item, and for its size. */
export function keyWithin(steps: StepBudget): (item: unknown) => string {
  return (item) => {
    const key = itemKey(item);
    steps.spend(1 + (typeof item === 'object' ? key.length : key.length / 16));
    return key;
  };
}

/** Deeper than any item that passed the structural checks. */
const maximumDepth = 200;

function sorted(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > maximumDepth) return value;
  if (Array.isArray(value)) return value.map((item) => sorted(item, depth + 1));
  const object = value as Record<string, unknown>;
  return Object.keys(object)
    .sort()
    .map((key) => [key, sorted(object[key], depth + 1)]);
}

/** Kept as long as the list itself: a path that starts at a variable gives the same list each time. */
const keySets = new WeakMap<Items, ReadonlySet<string>>();

/** Keys of items. */
export function keysOf(items: Items, steps: StepBudget): ReadonlySet<string> {
  const known = keySets.get(items);
  if (known) return known;
  const keys = new Set(items.map(keyWithin(steps)));
  keySets.set(items, keys);
  return keys;
}
