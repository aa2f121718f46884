import fc from 'fast-check';
import { matchesFilter } from '../../../src/fhir/search/match/resource-matcher.js';
import { databases } from '../../kit/databases.js';
import {
  allMatches,
  openSearchStore,
  put,
  queryOf,
  valuesOf,
  type SearchStore,
  type TestResource,
} from './search-store.js';
import { volume } from '../../kit/volume.js';

const seed = Number(process.env.FIREKEEP_TEST_SEED ?? 315776541);

interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/** Metres along the surface, by the haversine formula: written apart from what is tested. */
function between(a: Place, b: Place): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const halves = [radians(b.latitude - a.latitude) / 2, radians(b.longitude - a.longitude) / 2].map(Math.sin);
  const [phi = 0, lambda = 0] = halves;
  const h = phi ** 2 + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * lambda ** 2;
  return 2 * 6_371_008.8 * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Close together in places where the date line, a pole or neither lies between them. */
const place: fc.Arbitrary<Place> = fc
  .tuple(
    fc.constantFrom([48.2, 16.4], [0, 180], [0, -180], [89.9, 10], [-89.9, -170], [-17.7, 179.9]),
    fc.integer({ min: -100, max: 100 }),
    fc.integer({ min: -180, max: 180 }),
  )
  .map(([[latitude = 0, longitude = 0], north, east]) => ({
    latitude: Math.min(90, Math.max(-90, Number((latitude + north / 1000).toFixed(3)))),
    longitude: Math.min(
      180,
      Math.max(-180, Number((longitude + east * (Math.abs(latitude) > 80 ? 1 : 0.001)).toFixed(3))),
    ),
  }));
const distance = fc.constantFrom(0, 0.5, 1, 5, 12, 100, 3000, 21_000);

describe.each(databases)('places on $name', (database) => {
  let opened: SearchStore;
  const places = fc.sample(place, { numRuns: 300, seed });
  const locations = places.map((position, n): TestResource => ({
    resourceType: 'Location',
    id: `l${n}`,
    ...(n % 10 === 0 ? {} : { position }),
  }));

  beforeAll(async () => {
    opened = await openSearchStore(database);
    await Promise.all(locations.map((location) => put(opened.store, location)));
    await put(opened.store, { ...locations[1]!, position: { latitude: 10, longitude: 10 } });
    await put(opened.store, locations[1]!);
  });
  afterAll(() => opened.close());

  test(`are found by their distance, across the date line and the poles (seed ${seed})`, async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(place, distance, fc.constantFrom(3000, 0), async (center, kilometres, gatherLimit) => {
        const value = `${center.latitude}|${center.longitude}|${kilometres}|km`;
        const query = queryOf('Location', [['near', value]], 50);
        const matches = await allMatches(opened.searchWith({ gatherLimit }), query);
        const within = (slack: number): string[] =>
          locations
            .filter((_, n) => n % 10 !== 0 && between(center, places[n]!) <= kilometres * 1000 + slack)
            .map(({ id }) => id);
        const ids = matches.map(({ id }) => id);
        // Half a metre is left to rounding.
        expect(ids).toEqual(expect.arrayContaining(within(-0.5)));
        expect(within(0.5)).toEqual(expect.arrayContaining(ids));
        const inMemory = locations
          .filter((location) =>
            matchesFilter({ id: location.id, lastUpdated: 0, values: valuesOf(location) }, query.filter),
          )
          .map(({ id }) => id);
        expect([...ids].sort()).toEqual(inMemory.sort());
        found += ids.length;
      }),
      { numRuns: volume(150), seed },
    );
    expect(found).toBeGreaterThan(150);
  });

  test('are told apart from locations without one', async () => {
    const search = opened.searchWith({});
    const missing = await allMatches(search, queryOf('Location', [['near:missing', 'true']], 50));
    // The order is that of the numbers of resources, which two writers take from blocks of their own.
    expect(missing.map(({ id }) => id).sort()).toEqual(
      locations
        .filter((_, n) => n % 10 === 0)
        .map(({ id }) => id)
        .sort(),
    );
    const both = await search(
      queryOf('Location', [
        ['near', '0|0|21000,48.2|16.4'],
        ['_id', 'l1,l10'],
      ]),
    );
    expect(both.matches.map(({ id }) => id)).toEqual(['l1']);
  });
});
