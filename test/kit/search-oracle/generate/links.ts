import fc from 'fast-check';
import { elementsOf } from '../elements.js';
import { publishedCodes, publishedParameter } from '../published.js';
import { targetsOf } from '../references.js';
import type { Pair } from '../search.js';
import type { World } from '../world.js';
import { pick } from './vocabulary.js';

/** Some resource of one type refers to some of the other by a parameter. */
export interface Edge {
  readonly from: string;
  readonly code: string;
  readonly to: string;
}

/** What refers to what in a world, each kind once. */
export function edgesOf(world: World): Edge[] {
  const edges = new Map<string, Edge>();
  for (const resource of world.resources) {
    for (const code of publishedCodes(resource.type)) {
      const parameter = publishedParameter(resource.type, code);
      if (parameter?.type !== 'reference') continue;
      for (const { type } of targetsOf(world, elementsOf(resource, parameter))) {
        if (!parameter.targets.includes(type)) continue;
        edges.set(`${resource.type} ${code} ${type}`, { from: resource.type, code, to: type });
      }
    }
  }
  return [...edges.values()];
}

/** Chains and `_has`, some nested in each other, that end in conditions on elements. */
export class LinkGenerator {
  private readonly edges: readonly Edge[];

  constructor(
    world: World,
    private readonly conditionOf: (type: string) => fc.Arbitrary<Pair>,
  ) {
    this.edges = edgesOf(world);
  }

  /** A chain or `_has` for resources of the type; undefined: no reference leads from or to one. */
  of(type: string, depth = 2): fc.Arbitrary<Pair> | undefined {
    const chains = this.edges.filter(({ from }) => from === type);
    const referrers = this.edges.filter(({ to }) => to === type);
    const kinds = [
      ...(chains.length === 0 ? [] : [this.chain(chains, depth)]),
      ...(referrers.length === 0 ? [] : [this.has(referrers, depth)]),
    ];
    return kinds.length === 0 ? undefined : fc.oneof(...kinds);
  }

  private chain(edges: readonly Edge[], depth: number): fc.Arbitrary<Pair> {
    return fc
      .tuple(pick(...edges), fc.boolean())
      .chain(([{ code, to }, isTyped]) =>
        this.rest(to, depth).map(([name, value]): Pair => [
          `${code}${isTyped ? `:${to}` : ''}.${name}`,
          value,
        ]),
      );
  }

  private has(edges: readonly Edge[], depth: number): fc.Arbitrary<Pair> {
    return pick(...edges).chain(({ from, code }) =>
      this.rest(from, depth).map(([name, value]): Pair => [`_has:${from}:${code}:${name}`, value]),
    );
  }

  private rest(type: string, depth: number): fc.Arbitrary<Pair> {
    const condition = this.conditionOf(type);
    const more = depth <= 1 ? undefined : this.of(type, depth - 1);
    if (more === undefined) return condition;
    return fc.oneof({ weight: 3, arbitrary: condition }, { weight: 1, arbitrary: more });
  }
}
