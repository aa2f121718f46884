import fc from 'fast-check';
import { isMember, memberships, type Compartment } from '../compartments.js';
import { publishedCodes, publishedParameter } from '../published.js';
import type { Pair, WrittenSearch } from '../search.js';
import type { World } from '../world.js';
import { accessesOf } from './access.js';
import { ConditionGenerator } from './conditions.js';
import { includesOf } from './includes.js';
import { FilterGenerator } from './filters.js';
import { edgesOf, LinkGenerator, type Edge } from './links.js';
import { resources } from './resources.js';
import { ids, pick } from './vocabulary.js';

const types = [...new Set(resources.map(({ type }) => type))];
/** What is searched most has the most parameters. */
const usual = [...types, 'Patient', 'Observation', 'Observation'];

/** Searches that the resources of a world give some answer to. */
export function searchesOf(world: World): fc.Arbitrary<WrittenSearch> {
  const generator = new ConditionGenerator(world);
  const edges = edgesOf(world);
  const links = new LinkGenerator(world, edges);
  const access = accessesOf(types, (type) => generator.of(type));
  const filters = new FilterGenerator(world, edges);
  const listed = fc
    .uniqueArray(pick(...ids), { minLength: 1, maxLength: 2 })
    .map((some): Pair => ['_list', some.join(',')]);
  const conditionOf = (type: string): fc.Arbitrary<Pair> => {
    const link = links.of(type);
    return fc.oneof(
      { weight: 6, arbitrary: generator.of(type) },
      { weight: 1, arbitrary: listed },
      { weight: 2, arbitrary: filters.of(type).map((text): Pair => ['_filter', text]) },
      ...(link === undefined ? [] : [{ weight: 4, arbitrary: link }]),
    );
  };
  const conditionsOf = (type: string): fc.Arbitrary<Pair[]> => {
    const dates = generator.ofOneDate(type);
    const usual = { weight: 9, arbitrary: several(conditionOf(type)) };
    return dates === undefined ? usual.arbitrary : fc.oneof(usual, { weight: 1, arbitrary: dates });
  };
  const one = pick(...usual).chain((type) =>
    searchOf([type], conditionsOf(type), edges, access, compartmentsOf(world, type)),
  );
  const two = fc
    .uniqueArray(pick(...types), { minLength: 2, maxLength: 3 })
    .chain((some) => searchOf(some, several(sharedBy(some, generator)), edges, access, fc.constant(null)));
  return fc.oneof({ weight: 9, arbitrary: one }, { weight: 1, arbitrary: two });
}

function searchOf(
  some: readonly string[],
  parameters: fc.Arbitrary<Pair[]>,
  edges: readonly Edge[],
  access: fc.Arbitrary<WrittenSearch['access']>,
  compartment: fc.Arbitrary<Compartment | null>,
): fc.Arbitrary<WrittenSearch> {
  const includes = includesOf(edges, some);
  return fc.record({
    types: fc.constant(some),
    parameters,
    sort: seldom('', sortsOf(some)),
    includes: seldom([], includes),
    count: pick(1, 2, 3, 5, 20, 50),
    access: seldom(null, access),
    compartment,
  });
}

/** Compartments that have resources of the type, in one of ten searches; now and then any other. */
function compartmentsOf(world: World, type: string): fc.Arbitrary<Compartment | null> {
  const owners = Object.keys(memberships).filter((owner) => memberships[owner]?.[type] !== undefined);
  if (owners.length === 0) return fc.constant(null);
  const any = fc.record({ type: pick(...owners), id: pick(...ids) });
  const all = owners.flatMap((owner) => ids.map((id) => ({ type: owner, id })));
  const own = world.resources.filter((resource) => resource.type === type);
  const used = all.filter((one) => own.some((resource) => isMember(world, resource, one)));
  return fc.oneof(
    { weight: 18, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: any },
    ...(used.length === 0 ? [] : [{ weight: 3, arbitrary: pick(...used) }]),
  );
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
