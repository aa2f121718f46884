import fc from 'fast-check';
import { publishedCodes, publishedParameter } from '../published.js';
import type { Pair, WrittenSearch } from '../search.js';
import type { World } from '../world.js';
import { accessesOf } from './access.js';
import { ConditionGenerator } from './conditions.js';
import { includesOf } from './includes.js';
import { edgesOf, LinkGenerator, type Edge } from './links.js';
import { resources } from './resources.js';
import { pick } from './vocabulary.js';

const types = [...new Set(resources.map(({ type }) => type))];
/** What is searched most has the most parameters. */
const usual = [...types, 'Patient', 'Observation', 'Observation'];

/** Searches that the resources of a world give some answer to. */
export function searchesOf(world: World): fc.Arbitrary<WrittenSearch> {
  const generator = new ConditionGenerator(world);
  const edges = edgesOf(world);
  const links = new LinkGenerator(world, edges);
  const access = accessesOf(types, (type) => generator.of(type));
  const conditionOf = (type: string): fc.Arbitrary<Pair> => {
    const link = links.of(type);
    const own = generator.of(type);
    return link === undefined ? own : fc.oneof({ weight: 3, arbitrary: own }, { weight: 2, arbitrary: link });
  };
  const one = pick(...usual).chain((type) => searchOf([type], several(conditionOf(type)), edges, access));
  const two = fc
    .uniqueArray(pick(...types), { minLength: 2, maxLength: 3 })
    .chain((some) => searchOf(some, several(sharedBy(some, generator)), edges, access));
  return fc.oneof({ weight: 9, arbitrary: one }, { weight: 1, arbitrary: two });
}

function searchOf(
  some: readonly string[],
  parameters: fc.Arbitrary<Pair[]>,
  edges: readonly Edge[],
  access: fc.Arbitrary<WrittenSearch['access']>,
): fc.Arbitrary<WrittenSearch> {
  const includes = includesOf(edges, some);
  return fc.record({
    types: fc.constant(some),
    parameters,
    sort: seldom('', sortsOf(some)),
    includes: seldom([], includes),
    count: pick(1, 2, 3, 5, 20, 50),
    access: seldom(null, access),
  });
}

/** The usual in two of three cases. */
function seldom<T>(usual: T, other: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 2, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });
}

/** Several conditions are seldom met at once, so most searches have one. */
function several(one: fc.Arbitrary<Pair>): fc.Arbitrary<Pair[]> {
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant<Pair[]>([]) },
    { weight: 12, arbitrary: fc.array(one, { minLength: 1, maxLength: 1 }) },
    { weight: 6, arbitrary: fc.array(one, { minLength: 2, maxLength: 2 }) },
    { weight: 1, arbitrary: fc.array(one, { minLength: 3, maxLength: 3 }) },
  );
}

function areShared(some: readonly string[], code: string): boolean {
  const kinds = new Set(some.map((type) => publishedParameter(type, code)?.type));
  return kinds.size === 1 && !kinds.has(undefined);
}

/** Conditions by parameters that all of the types have with the same meaning. */
function sharedBy(some: readonly string[], generator: ConditionGenerator): fc.Arbitrary<Pair> {
  return pick(...some)
    .chain((type) => generator.of(type))
    .filter(([name]) => !/:[A-Z]/.test(name) && areShared(some, name.replace(/:.*/, '')));
}

const unsortable = ['composite', 'special'];

function sortsOf(some: readonly string[]): fc.Arbitrary<string> {
  const codes = publishedCodes(some[0] ?? '')
    .filter((code) => !unsortable.includes(publishedParameter(some[0] ?? '', code)?.type ?? ''))
    .filter((code) => areShared(some, code));
  return fc
    .array(fc.tuple(pick('', '-'), pick(...codes)), { minLength: 1, maxLength: 3 })
    .map((keys) => keys.map(([sign, code]) => sign + code).join(','));
}
