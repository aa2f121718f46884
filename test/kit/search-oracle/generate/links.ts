import fc from 'fast-check';
import { elementsOf } from '../elements.js';
import { publishedCodes, publishedParameter } from '../published.js';
import { targetsOf } from '../references.js';
import type { Pair } from '../search.js';
import type { World, WorldResource } from '../world.js';
import { ConditionGenerator } from './conditions.js';
import { pick } from './vocabulary.js';

/** Resources of one type that refer to resources of another by a parameter. */
export interface Edge {
  readonly from: string;
  readonly code: string;
  readonly to: string;
  readonly sources: Set<WorldResource>;
  readonly targets: Set<WorldResource>;
}

/** What refers to what in a world. */
export function edgesOf(world: World): Edge[] {
  const edges = new Map<string, Edge>();
  for (const resource of world.resources) {
    for (const code of publishedCodes(resource.type)) {
      const parameter = publishedParameter(resource.type, code);
      if (parameter?.type !== 'reference') continue;
      for (const target of targetsOf(world, elementsOf(resource, parameter))) {
        if (parameter.targets.includes(target.type)) add(edges, resource, code, target);
      }
    }
  }
  return [...edges.values()];
}

function add(edges: Map<string, Edge>, source: WorldResource, code: string, target: WorldResource): void {
  const key = `${source.type} ${code} ${target.type}`;
  const edge = edges.get(key) ?? {
    from: source.type,
    code,
    to: target.type,
    sources: new Set(),
    targets: new Set(),
  };
  edge.sources.add(source);
  edge.targets.add(target);
  edges.set(key, edge);
}

/** Chains and `_has`, some nested in each other, that end in conditions on what is at the other end. */
export class LinkGenerator {
  private readonly ends = new Map<ReadonlySet<WorldResource>, ConditionGenerator>();

  constructor(
    private readonly world: World,
    private readonly edges: readonly Edge[],
  ) {}

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
      .chain(([{ code, to, targets }, isTyped]) =>
        this.rest(to, targets, depth).map(([name, value]): Pair => [
          `${code}${isTyped ? `:${to}` : ''}.${name}`,
          value,
        ]),
      );
  }

  private has(edges: readonly Edge[], depth: number): fc.Arbitrary<Pair> {
    return pick(...edges).chain(({ from, code, sources }) =>
      this.rest(from, sources, depth).map(([name, value]): Pair => [`_has:${from}:${code}:${name}`, value]),
    );
  }

  private rest(type: string, end: ReadonlySet<WorldResource>, depth: number): fc.Arbitrary<Pair> {
    const condition = this.conditionOn(end).of(type);
    const more = depth <= 1 ? undefined : this.of(type, depth - 1);
    if (more === undefined) return condition;
    return fc.oneof({ weight: 3, arbitrary: condition }, { weight: 1, arbitrary: more });
  }

  private conditionOn(end: ReadonlySet<WorldResource>): ConditionGenerator {
    const known = this.ends.get(end) ?? new ConditionGenerator({ ...this.world, resources: [...end] });
    this.ends.set(end, known);
    return known;
  }
}
