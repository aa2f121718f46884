import fc from 'fast-check';
import type { Fields } from '../json.js';
import { codes, pick } from './vocabulary.js';

/** Systems whose concepts are stored, one nested, one by parents that are named. */
const stored = ['http://example.org/a', 'http://example.org/b'] as const;

export const valueSetIds = ['t1', 't2', 't3', 't4'] as const;
export const valueSetUrl = (id: string): string => `http://example.org/terms/${id}`;
/** Of these systems nothing is known but what a value set lists. */
const others = ['http://loinc.org', 'http://snomed.info/sct'] as const;

export const systemsOfSets: readonly string[] = [...stored, ...others];
export const systemsWithConcepts: readonly string[] = stored;

interface Concept {
  code: string;
  concept?: Concept[];
  property?: object[];
}

/** Concepts of a random tree: each below an earlier one, or at the top. */
function system(id: string, url: string, isNested: boolean): fc.Arbitrary<Fields> {
  const parents = fc.tuple(...codes.map((_, n) => fc.integer({ min: -1, max: n - 1 })));
  return parents.map((above) => {
    const concepts = codes.map((code): Concept => ({ code }));
    const top: Concept[] = [];
    concepts.forEach((concept, n) => {
      const parent = concepts[above[n] ?? -1];
      if (parent === undefined) top.push(concept);
      else if (isNested) (parent.concept ??= []).push(concept);
      else {
        concept.property = [{ code: 'parent', valueCode: parent.code }];
        top.push(concept);
      }
    });
    return {
      resourceType: 'CodeSystem',
      id,
      url,
      status: 'active',
      content: 'complete',
      caseSensitive: true,
      ...(isNested ? {} : { property: [{ code: 'parent', type: 'code' }] }),
      concept: top,
    };
  });
}

const op = pick('is-a', 'is-a', 'descendent-of', 'is-not-a', 'generalizes');
const filter = fc.tuple(op, pick(...codes)).map(([own, value]) => ({ property: 'concept', op: own, value }));
const someConcepts = fc
  .uniqueArray(pick(...codes), { minLength: 1, maxLength: 4 })
  .map((list) => list.map((code) => ({ code })));
const knownPart = fc
  .tuple(
    pick(...stored),
    fc.oneof(
      filter.map((one) => ({ filter: [one] })),
      someConcepts.map((concept) => ({ concept })),
      fc.constant({}),
    ),
  )
  .map(([own, more]) => ({ system: own, ...more }));
const otherPart = fc
  .tuple(
    pick(...others),
    fc.oneof(
      someConcepts.map((concept) => ({ concept })),
      fc.constant({}),
    ),
  )
  .map(([own, more]) => ({ system: own, ...more }));

/** A value set that may be made of earlier ones. */
function valueSet(id: string, earlier: readonly string[]): fc.Arbitrary<Fields> {
  const own = fc.oneof({ weight: 3, arbitrary: knownPart }, { weight: 1, arbitrary: otherPart });
  const sets = earlier.map(valueSetUrl);
  const part =
    sets.length === 0
      ? own
      : fc.oneof(
          { weight: 3, arbitrary: own },
          { weight: 1, arbitrary: pick(...sets).map((one) => ({ valueSet: [one] })) },
          {
            weight: 1,
            arbitrary: fc.tuple(own, pick(...sets)).map(([one, set]) => ({ ...one, valueSet: [set] })),
          },
        );
  const compose = fc.record(
    {
      include: fc.array(part, { minLength: 2, maxLength: 4 }),
      exclude: fc.array(knownPart, { minLength: 1, maxLength: 1 }),
    },
    { requiredKeys: ['include'] },
  );
  return compose.map((one) => ({
    resourceType: 'ValueSet',
    id,
    url: valueSetUrl(id),
    status: 'active',
    compose: one,
  }));
}

/** The same in every world: two code systems and four value sets, each with a URL of its own. */
export const terminologies: fc.Arbitrary<readonly Fields[]> = fc.tuple(
  system('a', stored[0], true),
  system('b', stored[1], false),
  ...valueSetIds.map((id, n) => valueSet(id, valueSetIds.slice(0, n))),
);
