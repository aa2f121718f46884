import fc from 'fast-check';
import { databases } from '../../kit/databases.js';
import type { SearchQuery } from '../../../src/fhir/search/query.js';
import type { SearchPage } from '../../../src/fhir/storage/ports.js';
import { openSearchStore, put, queryOf, type SearchStore, type TestResource } from './search-store.js';
import { volume } from '../../kit/volume.js';

const seed = Number(process.env.FIREKEEP_TEST_SEED ?? 315776541);

type Search = (query: SearchQuery) => Promise<SearchPage>;
type Position = NonNullable<SearchPage['next']>;

/** As a page token carries it. */
const carried = (position: Position): Position => JSON.parse(JSON.stringify(position)) as Position;
const idsOf = ({ matches }: SearchPage): string[] => matches.map(({ id }) => id);

/** All pages from the first to the last, and then from the last back to the first. */
async function walk(
  search: Search,
  query: SearchQuery,
  between: () => Promise<unknown> = () => Promise.resolve(),
): Promise<{ readonly forwards: string[][]; readonly backwards: string[][] }> {
  const forwards: string[][] = [];
  let page = await search(query);
  expect(page.previous).toBeNull();
  for (forwards.push(idsOf(page)); page.next !== null; forwards.push(idsOf(page))) {
    const asked = search({ ...query, after: carried(page.next) });
    [page] = await Promise.all([asked, between()]);
    expect(page.previous).not.toBeNull();
    if (forwards.length > 1000) throw new Error('There is no end of pages.');
  }
  const backwards = [idsOf(page)];
  while (page.previous !== null) {
    const asked = search({ ...query, before: carried(page.previous) });
    [page] = await Promise.all([asked, between()]);
    expect(page.next).not.toBeNull();
    backwards.unshift(idsOf(page));
    if (backwards.length > 1000) throw new Error('There is no start of pages.');
  }
  return { forwards, backwards };
}

const bits = new DataView(new ArrayBuffer(8));
/** The double next to one, away from zero. */
function neighbour(value: number): number {
  bits.setFloat64(0, value);
  bits.setBigInt64(0, bits.getBigInt64(0) + 1n);
  return bits.getFloat64(0);
}

function risk(id: string, probability: number | undefined, n: number): TestResource {
  return {
    resourceType: 'RiskAssessment',
    id,
    status: n % 2 === 0 ? 'final' : 'amended',
    ...(n % 5 === 0 ? {} : { occurrenceDateTime: `20${10 + (n % 4)}` }),
    ...(n % 3 === 0 ? {} : { subject: { reference: `Patient/p${n % 4}` } }),
    identifier: n % 4 === 0 ? [] : [{ value: `i${n % 6}` }, { value: `I${n % 2}` }],
    prediction: probability === undefined ? [] : [{ probabilityDecimal: probability }],
  };
}

const keys = ['_id', '_lastUpdated', 'probability', 'date', 'subject', 'identifier'];
const sorts = fc
  .array(fc.tuple(fc.constantFrom(...keys), fc.boolean()), { maxLength: 3 })
  .map((parts) => parts.map(([key, descending]) => `${descending ? '-' : ''}${key}`).join(','));
const filters = fc.constantFrom<[string, string][]>(
  [],
  [['subject', 'Patient/p1,Patient/p2']],
  [['date', 'ge2011']],
  [['probability:missing', 'false']],
);
const queries = fc.record({ sort: sorts, filter: filters, count: fc.integer({ min: 1, max: 9 }) });

function queryFor({ sort, filter, count }: { sort: string; filter: [string, string][]; count: number }) {
  return queryOf('RiskAssessment', sort === '' ? filter : [...filter, ['_sort', sort]], count);
}

describe.each(databases)('pages in both directions on $name', (database) => {
  let opened: SearchStore;

  beforeAll(async () => {
    opened = await openSearchStore(database);
    // Neighbours and what a driver that reads 15 or 16 digits takes for one another.
    const doubles = fc.sample(fc.double({ min: -1e300, max: 1e300, noNaN: true }), { numRuns: 16, seed });
    const values = [...doubles, 0.1, 1 / 3, 1e300, 5e-300, 9007199254740993, 0.30000000000000004].map(
      (value) => (Math.abs(value) < 1e-307 ? 0.7 : value),
    );
    const all = [...values.flatMap((value) => [value, neighbour(value)]), ...Array(8).fill(undefined)];
    for (const [n, value] of all.entries()) {
      await put(opened.store, risk(`r${n}`, value as number | undefined, n));
    }
  });
  afterAll(() => opened.close());

  test(`hold every match once, in order, and the previous page what stood before (seed ${seed})`, async () => {
    for (const gatherLimit of [3000, 0]) {
      const search = opened.searchWith({ gatherLimit });
      let pages = 0;
      await fc.assert(
        fc.asyncProperty(queries, async (asked) => {
          const query = queryFor(asked);
          const whole = idsOf(await search({ ...query, count: 1000 }));
          const { forwards, backwards } = await walk(search, query);
          expect(forwards.flat()).toEqual(whole);
          expect(backwards.flat()).toEqual(whole);
          for (const page of [...forwards.slice(0, -1), ...backwards.slice(1, -1)]) {
            expect(page).toHaveLength(query.count);
          }
          pages += forwards.length + backwards.length;
        }),
        { numRuns: volume(25), seed },
      );
      expect(pages).toBeGreaterThan(80);
    }
  });

  test('keep doubles apart that differ in their last digit', async () => {
    for (const sort of ['probability', '-probability']) {
      const query = queryFor({ sort, filter: [['probability:missing', 'false']], count: 1 });
      const { forwards } = await walk((one) => opened.store.search(one), query);
      const bodies = await Promise.all(
        forwards.flat().map(async (id) => (await opened.store.read('default', 'RiskAssessment', id))!),
      );
      const values = bodies.map(({ content }) => {
        const body = JSON.parse(content.toString()) as { prediction: { probabilityDecimal: number }[] };
        return body.prediction[0]!.probabilityDecimal;
      });
      expect(values).toEqual([...values].sort((a, b) => (sort === 'probability' ? a - b : b - a)));
      expect(values).toHaveLength(44);
    }
  });

  test('a page that has become empty leads back and on', async () => {
    const query = queryFor({ sort: 'identifier,-_id', filter: [['_id', 'e1,e2,e3']], count: 1 });
    for (const n of [1, 2, 3]) await put(opened.store, risk(`e${n}`, undefined, n));
    const search: Search = (one) => opened.store.search(one);
    const first = await search(query);
    const second = await search({ ...query, after: first.next! });
    const [gone] = (await search({ ...query, after: second.next! })).matches;
    await put(opened.store, { resourceType: 'RiskAssessment', id: gone!.id }, 'delete');
    const empty = await search({ ...query, after: second.next! });
    expect([idsOf(empty), empty.next]).toEqual([[], null]);
    expect(idsOf(await search({ ...query, before: empty.previous! }))).toEqual(idsOf(second));
    await put(opened.store, { resourceType: 'RiskAssessment', id: idsOf(first)[0]! }, 'delete');
    const start = await search({ ...query, before: second.previous! });
    expect([idsOf(start), start.previous]).toEqual([[], null]);
    expect(idsOf(await search({ ...query, after: start.next! }))).toEqual(idsOf(second));
  });

  test(`hold every match that stays once while others write (seed ${seed})`, async () => {
    const stable = Array.from({ length: 44 }, (_, n) => `r${n}`);
    const moving = fc.record({
      id: fc.integer({ min: 0, max: 19 }).map((n) => `m${n}`),
      value: fc.option(fc.double({ min: -10, max: 10, noNaN: true }), { nil: undefined }),
      n: fc.nat(20),
      kind: fc.constantFrom('put', 'put', 'delete'),
    });
    const writes = fc.array(fc.array(moving, { minLength: 1, maxLength: 4 }), { minLength: 3, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(sorts, fc.integer({ min: 2, max: 9 }), writes, async (sort, count, rounds) => {
        let round = 0;
        const query = queryFor({ sort, filter: [], count });
        const { forwards, backwards } = await walk(
          (one) => opened.store.search(one),
          query,
          async () => {
            for (const { id, value, n, kind } of rounds[round++ % rounds.length]!) {
              const body = risk(id, value === 0 || value === undefined ? undefined : value, n);
              await put(opened.store, body, kind);
            }
          },
        );
        const stays = (ids: readonly string[]): string[] => ids.filter((id) => stable.includes(id));
        expect(stays(forwards.flat()).sort()).toEqual([...stable].sort());
        expect(stays(backwards.flat())).toEqual(stays(forwards.flat()));
      }),
      { numRuns: volume(8), seed },
    );
  });
});
