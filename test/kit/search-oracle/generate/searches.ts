import fc from 'fast-check';
import { publishedCodes, publishedParameter } from '../published.js';
import type { Pair, WrittenSearch } from '../search.js';
import type { World } from '../world.js';
import { ConditionGenerator } from './conditions.js';
import { resources } from './resources.js';
import { pick } from './vocabulary.js';

export interface GeneratedSearch extends WrittenSearch {
  /** Matches a page. */
  readonly count: number;
}

const types = [...new Set(resources.map(({ type }) => type))];

/** Searches that the resources of a world give some answer to. */
export function searchesOf(world: World): fc.Arbitrary<GeneratedSearch> {
  const conditions = new ConditionGenerator(world);
  return pick(...types).chain((type) =>
    fc.record({
      types: fc.constant([type]),
      parameters: several(conditions.of(type)),
      sort: fc.oneof({ weight: 2, arbitrary: fc.constant('') }, { weight: 1, arbitrary: sortsOf(type) }),
      count: pick(1, 2, 3, 5, 20, 50),
    }),
  );
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

const unsortable = ['composite', 'special'];

function sortsOf(type: string): fc.Arbitrary<string> {
  const codes = publishedCodes(type).filter(
    (code) => !unsortable.includes(publishedParameter(type, code)?.type ?? ''),
  );
  return fc
    .array(fc.tuple(pick('', '-'), pick(...codes)), { minLength: 1, maxLength: 3 })
    .map((keys) => keys.map(([sign, code]) => sign + code).join(','));
}
