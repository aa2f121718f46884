import fc from 'fast-check';
import { loadDefinitions } from '../../../src/fhir/definitions/index.js';
import { extract } from '../../../src/fhir/search/extraction/index.js';
import { matchesFilter } from '../../../src/fhir/search/match/resource-matcher.js';
import { databases } from '../../kit/databases.js';
import {
  allMatches,
  openSearchStore,
  put,
  queryOf,
  type SearchStore,
  type TestResource,
} from './search-store.js';
import { volume } from '../../kit/volume.js';

const seed = Number(process.env.FIREKEEP_TEST_SEED ?? Date.now() % 2 ** 31);
const words = [
  'blood',
  'Blood',
  'bloody',
  'pressure',
  'Müller',
  'mueller',
  '高血圧症',
  '血圧',
  '圧力',
  '血',
  'x',
  'well-known',
];
const sentence = fc.array(fc.constantFrom(...words), { maxLength: 4 }).map((some) => some.join(' '));
const observation = fc.record({ narrative: sentence, note: sentence });
const query = fc
  .array(fc.array(fc.constantFrom(...words, 'bl*', 'PRESS*', '血*', 'm*'), { minLength: 1, maxLength: 2 }), {
    minLength: 1,
    maxLength: 2,
  })
  .chain((groups) =>
    fc.constantFrom(' OR ', ',').map((or) => groups.map((group) => group.join(' ')).join(or)),
  );

/** What is meant, over whole texts: written apart from terms and their pairs. */
function has(text: string, search: string): boolean {
  const fold = (one: string): string => one.toLowerCase().replace('ü', 'u').replace('-', ' ');
  const own = fold(text).split(' ');
  return search.split(/ OR |,/).some((group) =>
    group.split(' ').every((word) =>
      fold(word)
        .split(' ')
        .every((part) => {
          const start = part.replace('*', '');
          if (/[血圧高症力]/.test(start)) return own.some((one) => one.includes(start));
          return own.some((one) => (part.endsWith('*') ? one.startsWith(start) : one === start));
        }),
    ),
  );
}

describe.each(databases)('words on $name', (database) => {
  let opened: SearchStore;
  const texts = fc.sample(observation, { numRuns: 200, seed });
  const resources = texts.map(({ narrative, note }, n): TestResource => ({
    resourceType: 'Observation',
    id: `o${n}`,
    text: { status: 'generated', div: `<div><p>${narrative.replaceAll(' ', '</p><p>')}</p></div>` },
    note: [{ text: note }],
  }));
  const values = (resource: TestResource) =>
    extract('Observation', resource, { bases: [], text: 'all', definitions: loadDefinitions() });

  beforeAll(async () => {
    opened = await openSearchStore(database);
    await Promise.all(resources.map((resource) => put(opened.store, resource, 'put', values(resource))));
    // Terms of a superseded version must be gone.
    const before = { ...resources[0]!, note: [{ text: words.join(' ') }] };
    await put(opened.store, before, 'put', values(before));
    await put(opened.store, resources[0]!, 'put', values(resources[0]!));
  });
  afterAll(() => opened.close());

  test(`are found as whole texts have them (seed ${seed})`, async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('_text', '_content'),
        query,
        fc.constantFrom(3000, 20, 0),
        async (name, search, gatherLimit) => {
          const parsed = queryOf('Observation', [[name, search]], 50);
          const ids = (await allMatches(opened.searchWith({ gatherLimit }), parsed)).map(({ id }) => id);
          const expected = resources.filter((_, n) => {
            const { narrative, note } = texts[n]!;
            return has(name === '_text' ? narrative : `${narrative} ${note}`, search);
          });
          expect(ids.sort()).toEqual(expected.map(({ id }) => id).sort());
          const inMemory = resources.filter((resource) =>
            matchesFilter({ id: resource.id, lastUpdated: 0, values: values(resource) }, parsed.filter),
          );
          expect(inMemory.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
          found += ids.length;
        },
      ),
      { numRuns: volume(200), seed },
    );
    expect(found).toBeGreaterThan(200);
  });
});
