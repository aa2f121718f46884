import { Conditions, type Condition } from './conditions.js';
import { compareBy } from './order.js';
import type { World, WorldResource } from './world.js';

/** Name and value, percent-decoded. */
export type Pair = readonly [name: string, value: string];

/** A search as a client writes it. */
export interface WrittenSearch {
  /** The type in the address; of a search of several types, those of `_type`. */
  readonly types: readonly string[];
  readonly parameters: readonly Pair[];
  /** `_sort`; empty: the newest created first. */
  readonly sort: string;
}

/** All matches in the order of the answer. */
export function matchesOf(
  world: World,
  search: WrittenSearch,
  isVisible: Condition = () => true,
): WorldResource[] {
  const conditions = new Conditions(world, isVisible);
  const found = search.types.flatMap((type) => {
    const all = search.parameters.map(([name, value]) => conditions.of(type, name, value));
    return world.resources.filter(
      (resource) => resource.type === type && isVisible(resource) && all.every((holds) => holds(resource)),
    );
  });
  return found.sort(compareBy(search.sort, world.bases));
}
