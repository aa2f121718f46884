import fc from 'fast-check';
import { extract } from '../../../src/fhir/search/extraction/index.js';
import { matchesFilter } from '../../../src/fhir/search/match/resource-matcher.js';
import type { SearchQuery } from '../../../src/fhir/search/query.js';
import type { SearchPage } from '../../../src/fhir/storage/ports.js';
import { databases } from '../../kit/databases.js';
import { differenceOf } from '../../kit/search-oracle/difference.js';
import { searchesOf } from '../../kit/search-oracle/generate/searches.js';
import { steps } from '../../kit/search-oracle/generate/steps.js';
import { answerOf, nameOf, type WrittenSearch } from '../../kit/search-oracle/search.js';
import type { World } from '../../kit/search-oracle/world.js';
import { openSearchStore, type SearchStore } from '../fhir-search/search-store.js';
import { fillRepository, queryOf } from './worlds.js';

/*
 * The server's answers to random searches over random resources, held against an evaluator that was written
 * from the specification alone (test/kit/search-oracle). FIREKEEP_TEST_SEED repeats a run, FIREKEEP_TEST_RUNS
 * makes it longer.
 */
const seed = Number(process.env.FIREKEEP_TEST_SEED ?? 315776541);
const runs = Number(process.env.FIREKEEP_TEST_RUNS ?? 2000);
const runsAWorld = 250;
/** Every way to drive a statement gets its turn: gathering always, seldom and never. */
const gatherLimits = [3000, 20, 0];

describe.each(databases)('searches on $name', (database) => {
  let opened: SearchStore;

  beforeAll(async () => {
    opened = await openSearchStore(database);
  });
  afterAll(() => opened?.close());

  test(
    `are answered as the reference evaluator answers them (seed ${seed}, ${runs} runs)`,
    async () => {
      const worlds = fc.sample(steps, { numRuns: Math.ceil(runs / runsAWorld), seed });
      let answered = 0;
      for (const [n, world] of worlds.entries()) {
        const repository = `world-${n}`;
        answered += await compare(
          repository,
          await fillRepository(opened.store, repository, world),
          seed + n,
        );
      }
      // Empty answers agree too easily.
      expect(answered).toBeGreaterThan(worlds.length * runsAWorld * 0.4);
    },
    60_000 + runs * 100,
  );

  /** @returns how many of the searches found something */
  async function compare(repository: string, world: World, worldSeed: number): Promise<number> {
    let answered = 0;
    const generated = fc.tuple(searchesOf(world), fc.constantFrom(...gatherLimits));
    await fc.assert(
      fc.asyncProperty(generated, async ([search, gatherLimit]) => {
        const expected = answerOf(world, search);
        const found = await pagesOf(repository, search, gatherLimit);
        expect(differenceOf(world, search, expected, found)).toBeUndefined();
        if (isDecidedByOne(search)) {
          const alone = inMemory(world, queryOf(repository, search));
          expect(alone).toEqual(found.filter((name) => !name.includes('@')).sort());
        }
        if (found.length > 0) answered++;
      }),
      { numRuns: runsAWorld, seed: worldSeed },
    );
    return answered;
  }

  /** All pages in the form of `answerOf`, the total checked beside them. */
  async function pagesOf(repository: string, search: WrittenSearch, gatherLimit: number): Promise<string[]> {
    const page = opened.searchWith({ gatherLimit });
    const query = queryOf(repository, search);
    const pages = await allPages(page, query);
    const matches = pages.flatMap((one) => one.matches.map(nameOf));
    const { total } = await page({ ...query, count: 0 });
    expect(total).toBe(matches.length);
    const included = pages.flatMap((one, n) =>
      one.included.map((other) => `${nameOf(other)}@${n + 1}`).sort(),
    );
    return [...matches, ...included];
  }
});

async function allPages(
  search: (query: SearchQuery) => Promise<SearchPage>,
  query: SearchQuery,
): Promise<SearchPage[]> {
  const pages: SearchPage[] = [];
  for (let after: SearchQuery['after']; pages.length < 1000;) {
    const page = await search(after === undefined ? query : { ...query, after });
    pages.push(page);
    if (page.next === null) return pages;
    expect(page.matches).toHaveLength(query.count);
    after = page.next;
  }
  throw new Error('There is no end of pages.');
}

/** Whether a resource alone tells if it matches. */
function isDecidedByOne({ parameters, access }: WrittenSearch): boolean {
  return access === null && parameters.every(([name]) => !name.includes('.') && !name.startsWith('_has'));
}

/** What resources that are still to be written would be found by. */
function inMemory({ resources, bases }: World, { types, filter }: SearchQuery): string[] {
  return resources
    .filter(({ type }) => types.includes(type))
    .filter(({ body, ...resource }) =>
      matchesFilter({ ...resource, values: extract(resource.type, body, { bases }) }, filter),
    )
    .map(nameOf)
    .sort();
}
