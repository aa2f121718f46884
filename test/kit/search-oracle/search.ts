import { Conditions, type Condition } from './conditions.js';
import { isMember, type Compartment } from './compartments.js';
import { includedWith } from './includes.js';
import { compareBy } from './order.js';
import type { World, WorldResource } from './world.js';

/** Name and value, percent-decoded. */
export type Pair = readonly [name: string, value: string];

/** Which resources a caller may see: of a type those that fulfil all conditions; `none`: no resource of it. */
export interface WrittenAccess {
  readonly byType: Readonly<Record<string, readonly Pair[] | 'none'>>;
  /** Of the types that are not in `byType`. */
  readonly others: 'all' | 'none';
}

/** A search as a client writes it. */
export interface WrittenSearch {
  /** The type in the address; of a search of several types, those of `_type`. */
  readonly types: readonly string[];
  readonly parameters: readonly Pair[];
  /** `_sort`; empty: the newest created first. */
  readonly sort: string;
  /** `_include` and `_revinclude`. */
  readonly includes: readonly Pair[];
  /** Matches a page. */
  readonly count: number;
  readonly access: WrittenAccess | null;
  /** Of a search of one type. */
  readonly compartment: Compartment | null;
}

/** What the caller of a search may see. The conditions of an access are not themselves narrowed by it. */
export function visibility(world: World, access: WrittenAccess | null): Condition {
  if (access === null) return () => true;
  const conditions = new Conditions(world);
  const byType = new Map(
    Object.entries(access.byType).map(([type, pairs]) => [
      type,
      pairs === 'none' ? null : pairs.map(([name, value]) => conditions.of(type, name, value)),
    ]),
  );
  return (resource) => {
    const own = byType.get(resource.type);
    if (own === undefined) return access.others === 'all';
    return own?.every((holds) => holds(resource)) ?? false;
  };
}

/** All matches in the order of the answer. */
export function matchesOf(world: World, search: WrittenSearch): WorldResource[] {
  const isVisible = visibility(world, search.access);
  const conditions = new Conditions(world, isVisible);
  const found = search.types.flatMap((type) => {
    const all = search.parameters.map(([name, value]) => conditions.of(type, name, value));
    return world.resources.filter(
      (resource) =>
        resource.type === type &&
        isVisible(resource) &&
        (search.compartment === null || isMember(world, resource, search.compartment)) &&
        all.every((holds) => holds(resource)),
    );
  });
  return found.sort(compareBy(search.sort, world.bases));
}

/**
 * The whole answer: the names of all matches in order, then `Type/id@n` for each resource that page n includes, in
 * the order of names.
 */
export function answerOf(world: World, search: WrittenSearch): string[] {
  const matches = matchesOf(world, search);
  const conditions = new Conditions(world, visibility(world, search.access));
  const included: string[] = [];
  for (let at = 0; at < matches.length; at += search.count) {
    const page = matches.slice(at, at + search.count);
    const resources = includedWith(conditions, page, search.includes);
    included.push(...resources.map((one) => `${nameOf(one)}@${at / search.count + 1}`).sort());
  }
  return [...matches.map(nameOf), ...included];
}

export const nameOf = ({ type, id }: { readonly type: string; readonly id: string }): string =>
  `${type}/${id}`;
