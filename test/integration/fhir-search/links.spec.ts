import fc from 'fast-check';
import { databases } from '../../kit/databases.js';
import type { SearchQuery, SortKey } from '../../../src/fhir/search/query.js';
import { Graph, type GraphNode } from './graph-matcher.js';
import { accesses, expressions, graphs, types } from './linked-resources.js';
import {
  allMatches,
  openSearchStore,
  put,
  repository,
  type SearchStore,
  type TestResource,
} from './search-store.js';
import { volume } from '../../kit/volume.js';

const seed = Number(process.env.FIREKEEP_TEST_SEED ?? 315776541);
const numRuns = volume(150);

const searches = fc
  .oneof(
    { weight: 4, arbitrary: fc.constantFrom(...types).map((type) => [type]) },
    fc.subarray(types, { minLength: 2 }),
  )
  .chain((of) => {
    const [only] = of;
    const filter =
      of.length === 1 && only !== undefined
        ? fc.array(expressions(only), { maxLength: 2 })
        : fc
            .array(
              fc.constantFrom(...of).chain((type) =>
                expressions(type, 2).map((operand) => ({
                  kind: 'of-type' as const,
                  types: [type],
                  operand,
                })),
              ),
              { maxLength: 3 },
            )
            .map((operands) => (operands.length === 0 ? [] : [{ kind: 'or' as const, operands }]));
    return fc.record({
      types: fc.constant(of),
      filter,
      sort: fc.constantFrom<readonly SortKey[]>(
        [],
        [{ code: '_id', type: 'id', descending: false }],
        [{ code: '_lastUpdated', type: 'last-updated', descending: true }],
        [{ code: 'subject', type: 'reference', descending: true }],
      ),
      access: fc.option(accesses, { nil: undefined }),
      count: fc.constantFrom(3, 7, 100),
    });
  });

describe.each(databases)('links on $name', (database) => {
  let opened: SearchStore;
  let graph: Graph;

  beforeAll(async () => {
    opened = await openSearchStore(database);
    const nodes = new Map<string, GraphNode>();
    const [first = [], second = []] = fc.sample(graphs, { numRuns: 2, seed });
    const store = async (made: TestResource): Promise<void> => {
      const resource = JSON.parse(JSON.stringify(made)) as TestResource;
      const { resourceType: type, id } = resource;
      await put(opened.store, resource);
      nodes.set(`${type}/${id}`, { type, id, resource });
    };
    await Promise.all(first.map(store));
    // Some refer to others afterwards, some are gone; what refers to them stays.
    await Promise.all(second.filter((_, n) => n % 3 === 0).map(store));
    await Promise.all(
      second
        .filter((_, n) => n % 7 === 1)
        .map(async (resource) => {
          await put(opened.store, resource, 'delete');
          nodes.delete(`${resource.resourceType}/${resource.id}`);
        }),
    );
    graph = new Graph([...nodes.values()]);
  });
  afterAll(() => opened.close());

  // From the other end of a link where few resources are there; else resource by resource.
  test.each([3000, 4, 0])(
    `are followed within what may be seen, gathering up to %i rows (seed ${seed})`,
    async (gatherLimit) => {
      const search = opened.searchWith({ gatherLimit });
      let found = 0;
      await fc.assert(
        fc.asyncProperty(searches, async ({ types: of, filter, sort, access, count }) => {
          const query: SearchQuery = {
            repository,
            types: of,
            filter,
            sort,
            count,
            total: 'accurate',
            ...(access === undefined ? {} : { access }),
          };
          const expected = keysOf(graph.find(of, filter, access));
          const answered = await allMatches(search, query);
          expect(keysOf(answered)).toEqual(expected);
          expect(await search({ ...query, count: 0 })).toMatchObject({ total: expected.length });
          if (expected.length > count) expect(await search(query)).toMatchObject({ total: expected.length });
          const identities = await opened.search.identities(opened.session, query, 1000);
          expect(keysOf(identities)).toEqual(expected);
          found += expected.length;
        }),
        { seed, numRuns },
      );
      expect(found).toBeGreaterThan(numRuns);
    },
    120_000,
  );
});

function keysOf(resources: readonly { readonly type: string; readonly id: string }[]): string[] {
  return resources.map(({ type, id }) => `${type}/${id}`).sort();
}
