import { databases } from '../../kit/databases.js';
import {
  allMatches,
  openSearchStore,
  put,
  queryOf,
  type SearchStore,
  type TestResource,
} from './search-store.js';

const observation = (id: string, effective: object): TestResource => ({
  resourceType: 'Observation',
  id,
  ...effective,
});
const immunization = (id: string, ...dates: string[]): TestResource => ({
  resourceType: 'Immunization',
  id,
  reaction: dates.map((date) => ({ date })),
});

const resources = [
  observation('before', { effectiveDateTime: '2019-12-31' }),
  observation('within', { effectiveDateTime: '2020-06-01T08:00:00Z' }),
  observation('after', { effectiveDateTime: '2021-01-01' }),
  observation('coarse', { effectiveDateTime: '2020' }),
  observation('around', { effectivePeriod: { start: '2010', end: '2030' } }),
  observation('open', { effectivePeriod: { start: '2010' } }),
  observation('ended', { effectivePeriod: { end: '2019-06' } }),
  observation('into', { effectivePeriod: { start: '2019-06', end: '2020-02' } }),
  observation('out', { effectivePeriod: { start: '2020-12', end: '2021-02' } }),
  observation('schedule', { effectiveTiming: { event: ['2018-01-01', '2023-01-01'] } }),
  observation('none', {}),
  // None of the two dates lies in 2020, and each meets one of the conditions.
  immunization('i-both', '2019-05-01', '2022-05-01'),
  immunization('i-within', '2020-05-01'),
  immunization('i-before', '2019-05-01', '2019-06-01'),
  immunization('i-after', '2021-05-01', '2022-05-01'),
];

const ways = [{ gatherLimit: 3000 }, { gatherLimit: 3000, sortFrom: 0 }, { gatherLimit: 0 }];

describe.each(databases)('two conditions on one date on $name', (database) => {
  let opened: SearchStore;

  beforeAll(async () => {
    opened = await openSearchStore(database);
    for (const resource of resources) await put(opened.store, resource);
  });
  afterAll(() => opened.close());

  const found = async (type: string, code: string, ...values: string[]): Promise<string[][]> => {
    const query = queryOf(
      type,
      values.map((value) => [code, value] as const),
    );
    const answers = await Promise.all(ways.map((way) => allMatches(opened.searchWith(way), query)));
    return answers.map((matches) => matches.map(({ id }) => id).sort());
  };
  const each = (...ids: string[]): string[][] => ways.map(() => [...ids].sort());

  test('are met by the one value, points and periods alike', async () => {
    expect(await found('Observation', 'date', 'ge2020', 'lt2021')).toEqual(
      each('within', 'coarse', 'around', 'open', 'out', 'schedule'),
    );
    expect(await found('Observation', 'date', 'ge2020', 'le2020')).toEqual(
      each('within', 'coarse', 'around', 'open', 'schedule'),
    );
    expect(await found('Observation', 'date', 'sa2019', 'eb2021')).toEqual(each('within', 'coarse'));
    expect(await found('Observation', 'date', 'gt2020-03', 'gt2020-09')).toEqual(
      each('after', 'around', 'open', 'out', 'schedule', 'coarse'),
    );
    expect(await found('Observation', 'date', 'gt2022', 'ne2020', 'lt2022')).toEqual(
      each('around', 'open', 'schedule'),
    );
    expect(await found('Observation', 'date', 'eq2020-06-01,eb2019-07', 'ge2019-01')).toEqual(
      each('within', 'ended'),
    );
    expect(await found('Observation', 'date', 'ap2020-01', 'ap2019-07')).toEqual(
      each('around', 'open', 'into', 'schedule'),
    );
  });

  test('are met by another value each, where there are several', async () => {
    expect(await found('Immunization', 'reaction-date', 'ge2020', 'lt2021')).toEqual(
      each('i-both', 'i-within'),
    );
    expect(await found('Immunization', 'reaction-date', '2019', '2022')).toEqual(each('i-both'));
  });
});
