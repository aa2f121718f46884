import { elementsOf } from './elements.js';
import { publishedParameter } from './published.js';
import { pointersOf } from './references.js';
import { resourceAt, type World, type WorldResource } from './world.js';

/** Parameters by which resources of a type are part of others of it. */
const partOf: Readonly<Record<string, string>> = {
  Location: 'partof',
  Organization: 'partof',
  Encounter: 'part-of',
};

export const hierarchies = Object.keys(partOf);

/**
 * Ids of a resource and of all that it is part of, or that are part of it.
 * Source: FHIR R4 search.html#recursive.
 */
export function relatives(
  world: World,
  type: string,
  id: string,
  relation: 'above' | 'below',
): ReadonlySet<string> {
  const found = new Set([id]);
  const all = world.resources.filter((resource) => resource.type === type);
  for (const one of found) {
    const own = resourceAt(world, type, one);
    const next =
      relation === 'above'
        ? own === undefined
          ? []
          : wholesOf(world, own)
        : all.filter((part) => wholesOf(world, part).includes(one)).map((part) => part.id);
    for (const other of next) found.add(other);
  }
  return found;
}

function wholesOf(world: World, resource: WorldResource): string[] {
  const parameter = publishedParameter(resource.type, partOf[resource.type] ?? '');
  if (parameter === undefined) throw new Error(`${resource.type} has no hierarchy.`);
  return elementsOf(resource, parameter)
    .flatMap((element) => pointersOf(element, world.bases))
    .filter(({ type }) => type === resource.type)
    .flatMap(({ id }) => id ?? []);
}
