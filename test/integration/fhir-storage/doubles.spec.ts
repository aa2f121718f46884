import fc from 'fast-check';
import { databases } from '../../kit/databases.js';
import { openSearchStore, put, type SearchStore } from '../fhir-search/search-store.js';

const seed = Number(process.env.FIREKEEP_TEST_SEED ?? 315776541);

describe.each(databases)('index rows of numbers on $name', (database) => {
  let opened: SearchStore;

  beforeAll(async () => {
    opened = await openSearchStore(database);
  });
  afterAll(() => opened.close());

  const store = (value?: number) =>
    put(opened.store, {
      resourceType: 'RiskAssessment',
      id: 'a',
      prediction: value === undefined ? [] : [{ probabilityDecimal: value }],
    });
  const rows = async (): Promise<number> => {
    const [row] = await opened.database.query('SELECT COUNT(*) AS n FROM index_quantity');
    return Number(row!.n);
  };

  it(`go with the value, however many digits it is written with (seed ${seed})`, async () => {
    const doubles = fc.sample(fc.double({ min: -1e300, max: 1e300, noNaN: true }), { numRuns: 25, seed });
    const small = fc.sample(fc.double({ min: 1e-18, max: 1e-3, noNaN: true }), { numRuns: 25, seed });
    // What is larger counts as an open end too, and has a second row. MySQL writes the first with 33 characters.
    for (const value of [1.0000000000000003e-15, 5e-324, ...doubles, ...small]) {
      await store(value);
      expect([value, await rows()]).toEqual([value, 1]);
      await store();
      expect([value, await rows()]).toEqual([value, 0]);
    }
  });
});
