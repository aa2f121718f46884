import { asObject, quoted, type JsonObject } from '../json-object.js';
import { maximumDepth } from '../run.js';
import { checkBinding } from './profile-binding.js';
import { checkConstraints } from './profile-constraints.js';
import { itemsOf, resourceItem, type ProfileItem } from './profile-item.js';
import { checkTargets, checkTypes } from './profile-types.js';
import { treeOf, type ProfileNode, type ProfileTree } from './profile-tree.js';
import { baseTypeOf, type ProfileWorld } from './profile-world.js';
import type { Profile } from './profile.js';
import { checkSlices } from './slice.check.js';
import { checkValue } from './value.check.js';

/** Profiles inside one another, by `baseDefinition` and by types of elements. */
const maximumProfiles = 24;

/** Checks a resource against a profile, which the definitions of its type are not part of. */
export function checkResourceProfile(
  world: Omit<ProfileWorld, 'depth' | 'resource'>,
  profile: Profile,
  resource: JsonObject,
  place: string,
): void {
  checkProfile({ ...world, resource, depth: 0 }, profile, resourceItem(resource, place));
}

/** Checks a resource or a value of a datatype against a profile of its type. */
export function checkProfile(world: ProfileWorld, profile: Profile, item: ProfileItem): void {
  const { findings, depth } = world;
  if (depth > maximumProfiles) {
    findings.undecided(
      item.place,
      `More than ${maximumProfiles} profiles inside one another are not followed.`,
    );
    return;
  }
  if (profile.type !== item.type && !isAncestor(world, profile.type, item.type)) {
    findings.error(
      'structure',
      item.place,
      `The profile ${quoted(profile.url)} is for ${profile.type}, but ${item.type} stands here.`,
    );
    return;
  }
  const inner = { ...world, depth: depth + 1 };
  if (profile.base !== undefined) checkBase(inner, profile.base, item);
  const tree = treeOf(profile);
  checkContent(inner, tree, tree.root, item);
}

/** `Resource` and `DomainResource` are what others are made of. */
function isAncestor({ definitions }: ProfileWorld, ancestor: string, type: string): boolean {
  for (let base = definitions.type(type)?.base ?? null; base !== null;) {
    if (base === ancestor) return true;
    base = definitions.type(base)?.base ?? null;
  }
  return false;
}

/** A differential leaves out what its base says. */
function checkBase(world: ProfileWorld, base: string, item: ProfileItem): void {
  if (baseTypeOf(world.definitions, base) !== undefined) return;
  const profile = world.source.profile(base);
  if (profile !== undefined) checkProfile(world, profile, item);
  else {
    world.findings.undecided(
      item.place,
      `The profile has no snapshot and builds on ${quoted(base)}, which is not known here and was not looked at.`,
    );
  }
}

/** Steps of an element and a value, before what both hold. */
const CONTENT_STEPS = 10;

/** What an element asks of one value. */
function checkContent(world: ProfileWorld, tree: ProfileTree, node: ProfileNode, item: ProfileItem): void {
  if (item.place.split('.').length > maximumDepth) return;
  const { element } = node;
  world.steps.spend(CONTENT_STEPS + (element.types?.length ?? 0));
  checkTypes(world, element, item, checkProfile);
  checkTargets(world, element, item);
  checkValue(world, element, item);
  checkBinding(world, element, item);
  checkConstraints(world, element, item);
  for (const child of tree.childrenOf(node)) checkElement(world, tree, child, item);
}

/** All values that an object has for an element, and their slices. */
function checkElement(world: ProfileWorld, tree: ProfileTree, node: ProfileNode, owner: ProfileItem): void {
  const { definitions, findings } = world;
  const items = itemsOf(definitions, owner, node.name);
  world.steps.spend(5 + (items?.length ?? 0));
  const place = `${owner.place}.${node.name.replace(/\[x\]$/, '')}`;
  if (items === undefined) {
    if (asObject(owner.value) === undefined) return;
    findings.undecided(
      owner.place,
      `The profile speaks of ${node.element.id}, which ${owner.type} does not have.`,
    );
    return;
  }
  checkCount(world, node, items.length, place);
  for (const item of items) checkContent(world, tree, node, item);
  if (node.slices.length === 0 && node.element.slicing === undefined) return;
  checkSlices(world, tree, node, items, place, (slice, matched) => {
    checkCount(world, slice, matched.length, place);
    for (const item of matched) checkContent(world, tree, slice, item);
  });
}

/** Source: FHIR R4 conformance-rules.html#cardinality. */
function checkCount(
  { findings }: ProfileWorld,
  { element }: ProfileNode,
  count: number,
  place: string,
): void {
  const { min = 0, max = Infinity, sliceName } = element;
  const what = sliceName === undefined ? 'this element' : `the slice ${quoted(sliceName)}`;
  if (count < min) {
    findings.error(
      'required',
      place,
      `The profile asks for ${what} ${times(min)}; it is there ${times(count)}.`,
    );
  } else if (count > max) {
    const allowed = max === 0 ? 'does not allow' : `allows ${times(max)} at most`;
    findings.error('structure', place, `The profile ${allowed}: ${what}; it is there ${times(count)}.`);
  }
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
