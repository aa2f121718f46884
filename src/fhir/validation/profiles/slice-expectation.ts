import { asObject } from '../json-object.js';
import type { ProfileElement } from './profile.js';
import { treeOf, type ProfileNode, type ProfileTree } from './profile-tree.js';
import type { ProfileWorld } from './profile-world.js';
import type { Step } from './discriminator-path.js';

/** What a slice asks at the end of a discriminator's path: by an element, or by a part of a fixed or pattern value. */
export type Expectation =
  | {
      readonly kind: 'element';
      readonly element: ProfileElement;
      readonly node: ProfileNode;
      readonly tree: ProfileTree;
    }
  | { readonly kind: 'fixed' | 'pattern'; readonly value: unknown };

/** Follows the path of a discriminator from a slice through its profile. */
export function expectationsAt(
  world: ProfileWorld,
  tree: ProfileTree,
  slice: ProfileNode,
  steps: readonly Step[],
): readonly Expectation[] {
  let found: readonly Expectation[] = [elementExpectation(tree, slice)];
  for (const step of steps) {
    found = found.flatMap((one) => next(world, one, step));
    world.steps.spend(1 + found.length);
  }
  return found;
}

function elementExpectation(tree: ProfileTree, node: ProfileNode): Expectation {
  return { kind: 'element', element: node.element, node, tree };
}

function next(world: ProfileWorld, from: Expectation, step: Step): readonly Expectation[] {
  if (step.kind === 'of-type') return [from];
  if (step.kind === 'resolve') return from.kind === 'element' ? [resolved(from)] : [];
  const name = step.kind === 'extension' ? 'extension' : step.name;
  if (from.kind !== 'element') return partOf(from.kind, from.value, name);
  const { element, node, tree } = from;
  for (const kind of ['fixed', 'pattern'] as const) {
    const parts = element[kind] === undefined ? [] : partOf(kind, element[kind], name);
    if (parts.length > 0) return parts;
  }
  const all = tree.childrenOf(node);
  world.steps.spend(all.length);
  const children = all
    .filter((child) => child.name === name || child.name === `${name}[x]`)
    .flatMap((child) => [child, ...child.slices]);
  if (children.length > 0) return children.map((child) => elementExpectation(tree, child));
  return inProfiles(world, element, name);
}

function partOf(kind: 'fixed' | 'pattern', value: unknown, name: string): readonly Expectation[] {
  const part = asObject(value)?.[name];
  if (part === undefined) return [];
  return (Array.isArray(part) ? part : [part]).map((one) => ({ kind, value: one as unknown }));
}

/** An element whose type is profiled: the profile says what its parts are. The URL of an extension is that of its profile. */
function inProfiles(
  world: ProfileWorld,
  { types = [] }: ProfileElement,
  name: string,
): readonly Expectation[] {
  return types.flatMap(({ code, profiles }) =>
    profiles.flatMap((canonical): readonly Expectation[] => {
      if (code === 'Extension' && name === 'url') {
        return [{ kind: 'fixed', value: canonical.split('|', 1)[0] }];
      }
      const profile = world.source.profile(canonical);
      if (profile === undefined) return [];
      const tree = treeOf(profile);
      return tree.root.children
        .filter((child) => child.name === name || child.name === `${name}[x]`)
        .map((child) => elementExpectation(tree, child));
    }),
  );
}

/** Behind a reference stands one of its target types. */
function resolved(from: Expectation & { readonly kind: 'element' }): Expectation {
  const targets = (from.element.types ?? []).flatMap(({ targetProfiles }) => targetProfiles);
  const types = targets.map((canonical) => ({
    code: canonical.split('|', 1)[0]?.split('/').at(-1) ?? '',
    profiles: [],
    targetProfiles: [],
  }));
  return { ...from, element: { id: from.element.id, constraints: [], types } };
}
