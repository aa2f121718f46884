import { membershipOf } from './profile-binding.js';
import type { ProfileItem } from './profile-item.js';
import type { Slicing } from './profile.js';
import type { ProfileNode, ProfileTree } from './profile-tree.js';
import type { ProfileWorld } from './profile-world.js';
import { discriminatorPath, followPath } from './discriminator-path.js';
import { expectationsAt, type Expectation } from './slice-expectation.js';
import { equalsFixed, meetsPattern } from './value-match.js';

/** Undefined: it can't be told. */
export type Verdict = boolean | undefined;

/** Extensions are told apart by their URL, the values of a choice by their type, where nothing else is said. */
export function slicingOf({ element, name }: ProfileNode): Slicing | undefined {
  if (element.slicing !== undefined) return element.slicing;
  const standard = { rules: 'open', ordered: false };
  if (name === 'extension' || name === 'modifierExtension') {
    return { ...standard, discriminators: [{ type: 'value', path: 'url' }] };
  }
  return name.endsWith('[x]')
    ? { ...standard, discriminators: [{ type: 'type', path: '$this' }] }
    : undefined;
}

/**
 * Whether a value belongs to a slice.
 * Source: FHIR R4 profiling.html#discriminator.
 */
export function belongsTo(
  world: ProfileWorld,
  tree: ProfileTree,
  slice: ProfileNode,
  slicing: Slicing,
  item: ProfileItem,
): Verdict {
  if (slicing.discriminators.length === 0) return undefined;
  let verdict: Verdict = true;
  for (const { type, path } of slicing.discriminators) {
    const one = discriminates(world, tree, slice, type, path, item);
    if (one === false) return false;
    if (one === undefined) verdict = undefined;
  }
  return verdict;
}

function discriminates(
  world: ProfileWorld,
  tree: ProfileTree,
  slice: ProfileNode,
  type: string,
  path: string,
  item: ProfileItem,
): Verdict {
  world.steps.spend(path.length);
  const steps = discriminatorPath(path);
  if (steps === undefined) return undefined;
  const values = followPath(world.definitions, item, steps);
  const expected = expectationsAt(world, tree, slice, steps);
  world.steps.spend(values.length + expected.length);
  switch (type) {
    case 'value':
    case 'pattern':
      return hasValue(world, expected, values);
    case 'exists':
      return exists(expected, values);
    case 'type':
      return hasType(expected, values);
    default:
      return undefined;
  }
}

function hasValue(
  world: ProfileWorld,
  expected: readonly Expectation[],
  values: readonly ProfileItem[],
): Verdict {
  const tests = expected.map((one) => valueTest(world, one)).filter((test) => test !== undefined);
  if (tests.length === 0) return undefined;
  world.steps.spend(tests.length * values.length);
  const verdicts = values.flatMap((value) => tests.map((test) => test(value)));
  if (verdicts.includes(true)) return true;
  return verdicts.includes(undefined) ? undefined : false;
}

function valueTest(world: ProfileWorld, one: Expectation): ((item: ProfileItem) => Verdict) | undefined {
  const matches = (kind: 'fixed' | 'pattern', wanted: unknown) => (item: ProfileItem) =>
    (kind === 'fixed' ? equalsFixed : meetsPattern)(wanted, item.value, world.steps);
  if (one.kind !== 'element') return matches(one.kind, one.value);
  const { fixed, pattern, binding } = one.element;
  if (fixed !== undefined) return matches('fixed', fixed);
  if (pattern !== undefined) return matches('pattern', pattern);
  if (binding?.strength !== 'required') return undefined;
  const expansion = world.source.valueSet(binding.valueSet);
  return typeof expansion === 'string' ? undefined : (item) => membershipOf(expansion, item);
}

function exists(expected: readonly Expectation[], values: readonly ProfileItem[]): Verdict {
  for (const one of expected) {
    if (one.kind !== 'element') continue;
    if (one.element.max === 0) return values.length === 0;
    if ((one.element.min ?? 0) > 0) return values.length > 0;
  }
  return undefined;
}

function hasType(expected: readonly Expectation[], values: readonly ProfileItem[]): Verdict {
  const types = expected.flatMap((one) => (one.kind === 'element' ? (one.element.types ?? []) : []));
  if (types.length === 0) return undefined;
  return values.some(({ type }) => types.some(({ code }) => code === type || code === 'Resource'));
}
