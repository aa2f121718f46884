import type { Fields } from './json.js';

/** A current resource of a world; deleted ones are not in it. */
export interface WorldResource {
  readonly type: string;
  readonly id: string;
  readonly body: Fields;
  /** Milliseconds since the epoch. */
  readonly lastUpdated: number;
  /** Grows with the order of creation. */
  readonly order: number;
}

/** Everything that a search can see: the resources of one repository and the addresses of that repository. */
export interface World {
  readonly bases: readonly string[];
  readonly resources: readonly WorldResource[];
}

export function resourceAt(world: World, type: string, id: string): WorldResource | undefined {
  return world.resources.find((resource) => resource.type === type && resource.id === id);
}
