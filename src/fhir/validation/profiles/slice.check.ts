import { quoted } from '../json-object.js';
import type { ProfileItem } from './profile-item.js';
import type { ProfileNode, ProfileTree } from './profile-tree.js';
import type { ProfileWorld } from './profile-world.js';
import { belongsTo, slicingOf } from './slicing.js';

/**
 * Puts the values of an element into its slices.
 *
 * @param check is given each slice whose values are known, with these
 */
export function checkSlices(
  world: ProfileWorld,
  tree: ProfileTree,
  node: ProfileNode,
  items: readonly ProfileItem[],
  place: string,
  check: (slice: ProfileNode, matched: readonly ProfileItem[]) => void,
): void {
  const { findings } = world;
  const slicing = slicingOf(node);
  const sliceOf = new Map<ProfileItem, number>();
  const undecided = new Set<ProfileItem>();
  for (const [index, slice] of node.slices.entries()) {
    const matched: ProfileItem[] = [];
    let isKnown = slicing !== undefined;
    for (const item of items) {
      const verdict = slicing && belongsTo(world, tree, slice, slicing, item);
      if (verdict === true) {
        matched.push(item);
        if (!sliceOf.has(item)) sliceOf.set(item, index);
      } else if (verdict === undefined) {
        isKnown = false;
        undecided.add(item);
      }
    }
    // Without values there is nothing to tell apart.
    if (isKnown || items.length === 0) check(slice, matched);
    else {
      findings.undecided(
        place,
        `Which values are the slice ${quoted(slice.element.sliceName)} of the profile can't be told here, so it was not checked (${slice.element.id}).`,
      );
    }
    if (slice.slices.length > 0) {
      findings.undecided(place, `Slices of the slice ${quoted(slice.element.sliceName)} were not checked.`);
    }
  }
  if (slicing === undefined) return;
  checkRules(world, slicing, items, sliceOf, undecided);
}

/** Source: FHIR R4 profiling.html#slicing, `rules` and `ordered`. */
function checkRules(
  { findings }: ProfileWorld,
  { rules, ordered }: { readonly rules: string; readonly ordered: boolean },
  items: readonly ProfileItem[],
  sliceOf: ReadonlyMap<ProfileItem, number>,
  undecided: ReadonlySet<ProfileItem>,
): void {
  let last = -1;
  let firstOutside: ProfileItem | undefined;
  for (const item of items) {
    const slice = sliceOf.get(item);
    if (slice === undefined) {
      if (undecided.has(item)) continue;
      firstOutside ??= item;
      if (rules === 'closed') {
        findings.error('structure', item.place, 'This is none of the slices that the profile allows here.');
      }
      continue;
    }
    if (rules === 'openAtEnd' && firstOutside !== undefined) {
      findings.error('structure', item.place, 'Values that are in no slice of the profile must come last.');
    }
    if (ordered && slice < last) {
      findings.error('structure', item.place, 'The profile asks for its slices in another order.');
    }
    last = Math.max(last, slice);
  }
}
