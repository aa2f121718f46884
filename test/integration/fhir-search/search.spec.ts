import fc from 'fast-check';
import { databases } from '../../kit/databases.js';
import { resources, searches } from './arbitraries.js';
import { matchesFilter } from '../../../src/fhir/search/match/resource-matcher.js';
import { compareBy, matches, type Indexed } from './reference-matcher.js';
import {
  allMatches,
  openSearchStore,
  put,
  queryOf,
  repository,
  valuesOf,
  type SearchStore,
  type TestResource,
} from './search-store.js';

const seed = Number(process.env.FIREKEEP_TEST_SEED ?? Date.now() % 2 ** 31);
const size = 400;

describe.each(databases)('search on $name', (database) => {
  let opened: SearchStore;
  const indexed = new Map<string, Indexed & { readonly rid: number; readonly type: string }>();
  const ids = Array.from({ length: size }, (_, n) => (n % 7 === 0 ? `R-${n}` : `r${n}`));

  beforeAll(async () => {
    opened = await openSearchStore(database);
    const generated = fc.sample(resources, { numRuns: size, seed });
    await Promise.all(generated.map((body, n) => store(body, ids[n]!)));
    // Some are updated to another body, some deleted: their former index rows must be gone.
    const bodies = fc.sample(resources, { numRuns: size, seed: seed + 1 });
    const everyNth = (nth: number) => ids.map((id, n) => ({ id, n })).filter(({ n }) => n % nth === 0);
    await Promise.all(
      everyNth(5).map(async ({ id, n }) => {
        const { type } = indexed.get(id)!;
        const body = bodies.slice(n).find(({ resourceType }) => resourceType === type);
        if (body !== undefined) await store(body, id);
      }),
    );
    await Promise.all(
      everyNth(11).map(async ({ id }) => {
        await put(opened.store, { resourceType: indexed.get(id)!.type, id }, 'delete');
        indexed.delete(id);
      }),
    );
  });
  afterAll(() => opened.close());

  async function store(body: Omit<TestResource, 'id'>, id: string): Promise<void> {
    const resource = JSON.parse(JSON.stringify({ ...body, id })) as TestResource;
    const lastUpdated = await put(opened.store, resource);
    const { rid } = (await opened.store.read(repository, resource.resourceType, id))!;
    indexed.set(id, { id, rid, type: resource.resourceType, lastUpdated, values: valuesOf(resource) });
  }

  // Every way to drive a statement gets its turn: gathering always, seldom and never.
  test.each([3000, 20, 0])(
    `answers what the rules say, gathering up to %i rows (seed ${seed})`,
    async (gatherLimit) => {
      const search = opened.searchWith({ gatherLimit });
      let found = 0;
      await fc.assert(
        fc.asyncProperty(searches(ids), async ({ type, parameters, count }) => {
          const query = queryOf(type, parameters, count);
          const expected = [...indexed.values()]
            .filter(
              (resource) => resource.type === type && query.filter.every((part) => matches(resource, part)),
            )
            .sort(
              (a, b) => compareBy(query.sort)(a, b) || tieBreak(query.sort[0]?.descending, query.sort, a, b),
            );
          const answered = await allMatches(search, query);
          expect(answered.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
          const inMemory = [...indexed.values()].filter(
            (resource) => resource.type === type && matchesFilter(resource, query.filter),
          );
          expect(new Set(inMemory.map(({ id }) => id))).toEqual(new Set(answered.map(({ id }) => id)));
          expect(new Set(answered.map(({ id }) => id)).size).toBe(answered.length);
          const counted = await search({ ...query, count: 0 });
          expect(counted).toMatchObject({ matches: [], next: null, total: expected.length });
          found += expected.length;
        }),
        { numRuns: 300, seed },
      );
      expect(found).toBeGreaterThan(300);
    },
  );
});

type Ranked = Indexed & { readonly rid: number };

/** The newest created first, save where `_lastUpdated` alone is sorted ascending: there its key decides. */
function tieBreak(
  descending: boolean | undefined,
  sort: readonly { readonly type: string }[],
  a: Ranked,
  b: Ranked,
): number {
  const isAscending = sort.length === 1 && sort[0]?.type === 'last-updated' && descending === false;
  return isAscending ? a.rid - b.rid : b.rid - a.rid;
}
