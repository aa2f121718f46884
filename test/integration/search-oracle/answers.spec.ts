import fc from 'fast-check';
import { EndpointsService } from '../../../src/endpoints/index.js';
import { extract } from '../../../src/fhir/search/extraction/index.js';
import { matchesFilter } from '../../../src/fhir/search/match/resource-matcher.js';
import type { SearchQuery } from '../../../src/fhir/search/query.js';
import type { SearchPage } from '../../../src/fhir/storage/ports.js';
import type { SqlSearchOptions } from '../../../src/fhir/storage/sql/search/sql-search.js';
import { SearchLookups } from '../../../src/fhir/terminology/search-lookups.js';
import { databases, type TestDatabase } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';
import { differenceOf } from '../../kit/search-oracle/difference.js';
import { searchesOf } from '../../kit/search-oracle/generate/searches.js';
import { steps } from '../../kit/search-oracle/generate/steps.js';
import { answerOf, nameOf, type WrittenSearch } from '../../kit/search-oracle/search.js';
import type { World } from '../../kit/search-oracle/world.js';
import { openSearchStore, type SearchStore } from '../fhir-search/search-store.js';
import { answerByHttp } from './http-answers.js';
import { at, fillRepository, queryOf } from './worlds.js';
import { volume } from '../../kit/volume.js';

/*
 * The server's answers to random searches over random resources, held against an evaluator that was written
 * from the specification alone (test/kit/search-oracle): most asked of the store, some by HTTP. FIREKEEP_TEST_SEED
 * repeats a run, FIREKEEP_TEST_VOLUME makes it longer.
 */
const seed = Number(process.env.FIREKEEP_TEST_SEED ?? 315776541);
const runs = volume(2000);
const runsAWorld = 250;
const origin = 'https://fhir.example.org';

/** Every way to drive a statement gets its turn: gathering always, seldom and never, and sorting before the tests. */
const always = { gatherLimit: 3000 };
const sorted = { gatherLimit: 3000, sortFrom: 0 };
const seldom = { gatherLimit: 20 };
const never = { gatherLimit: 0 };
const ways = fc.constantFrom<Way>(
  ...[always, always, sorted, sorted, seldom, seldom, seldom, never, never, never],
  'GET',
  'POST',
);
type Way = Partial<SqlSearchOptions> | 'GET' | 'POST';

interface Place {
  readonly repository: string;
  readonly base: string;
}

describe.each(databases)('searches on $name', (database) => {
  let opened: SearchStore;
  let fhir: FhirApplication;

  beforeAll(async () => {
    const url = await database.create();
    const shared: TestDatabase = { ...database, create: () => Promise.resolve(url) };
    opened = await openSearchStore(shared);
    fhir = await fhirApplication(shared, { FIREKEEP_PUBLIC_URL: origin });
  });
  afterAll(async () => {
    await fhir?.app.close();
    await opened?.close();
  });

  test(
    `are answered as the reference evaluator answers them (seed ${seed}, ${runs} runs)`,
    async () => {
      const worlds = fc.sample(steps, { numRuns: Math.ceil(runs / runsAWorld), seed });
      let answered = 0;
      for (const [n, world] of worlds.entries()) {
        const place = { repository: `world-${n}`, base: `${origin}/w${n}` };
        await fhir.app
          .get(EndpointsService, { strict: false })
          .create({ path: `/w${n}`, repository: place.repository, checkMode: 'bearer' });
        const filled = await fillRepository(opened.store, place.repository, place.base, world);
        answered += await compare(place, filled, seed + n);
      }
      // Empty answers agree too easily.
      expect(answered).toBeGreaterThan(worlds.length * runsAWorld * 0.4);
    },
    60_000 + runs * 100,
  );

  /** @returns how many of the searches found something */
  async function compare(place: Place, world: World, worldSeed: number): Promise<number> {
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(fc.tuple(searchesOf(world), ways), async ([generated, way]) => {
        const search = at(place.base, generated);
        const expected = answerOf(world, search);
        const found = await answer(place, search, way);
        expect(differenceOf(world, search, expected, found)).toBeUndefined();
        if (isDecidedByOne(search)) {
          const alone = inMemory(world, await resolved(place, search));
          expect(alone).toEqual(found.filter((name) => !name.includes('@')).sort());
        }
        if (found.length > 0) answered++;
      }),
      { numRuns: runsAWorld, seed: worldSeed },
    );
    return answered;
  }

  /** What a policy narrows is asked of the store alone. */
  function answer(place: Place, search: WrittenSearch, way: Way): Promise<string[]> {
    if (typeof way !== 'string') return pagesOf(place, search, way);
    if (search.access !== null) return pagesOf(place, search, always);
    return answerByHttp(fhir, place.base, search, way);
  }

  function resolved({ repository, base }: Place, search: WrittenSearch): Promise<SearchQuery> {
    return fhir.app.get(SearchLookups, { strict: false }).resolve(queryOf(repository, base, search));
  }

  /** All pages in the form of `answerOf`, the total checked beside them. */
  async function pagesOf(
    place: Place,
    search: WrittenSearch,
    options: Partial<SqlSearchOptions>,
  ): Promise<string[]> {
    const page = opened.searchWith(options);
    const query = await resolved(place, search);
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

/** Whether a resource alone tells if it matches: nothing asked leads to another one. */
function isDecidedByOne({ parameters, access }: WrittenSearch): boolean {
  return access === null && parameters.every(([name, value]) => !leadsOn(name === '_filter' ? value : name));
}

function leadsOn(text: string): boolean {
  return (
    text.startsWith('_has') ||
    text === '_list' ||
    /[A-Za-z\]]\.[A-Za-z_]/.test(text.replace(/"(?:[^"\\]|\\.)*"/g, ''))
  );
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
