import { databases } from '../../kit/databases.js';
import { parseCriteria } from '../../../src/fhir/search/parse-criteria.js';
import { loadDefinitions } from '../../../src/fhir/definitions/index.js';
import {
  allMatches,
  bases,
  openSearchStore,
  put,
  queryOf,
  repository,
  type SearchStore,
} from './search-store.js';

const observation = (id: string, value: number, status = 'final', comparator?: string) => ({
  resourceType: 'Observation',
  id,
  status,
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  valueQuantity: { value, ...(comparator === undefined ? {} : { comparator }) },
});

const cases = databases.flatMap((database) =>
  [3000, 0].map((gatherLimit) => ({ name: database.name, database, gatherLimit })),
);

describe.each(cases)('pages on $name, gathering up to $gatherLimit rows', ({ database, gatherLimit }) => {
  let opened: SearchStore;
  const stable = Array.from({ length: 60 }, (_, n) => `stable-${n}`);

  beforeAll(async () => {
    opened = await openSearchStore(database, { gatherLimit });
    await Promise.all(stable.map((id, n) => put(opened.store, observation(id, n % 9))));
    await Promise.all(stable.map((_, n) => put(opened.store, observation(`moving-${n}`, n))));
  });
  afterAll(() => opened.close());

  test.each([
    [[]],
    [[['_sort', '_lastUpdated']]],
    [[['_sort', '-_lastUpdated']]],
    [[['_sort', '-_id']]],
    [[['_sort', 'value-quantity,-_id']]],
    [[['code', '8867-4']]],
    [
      [
        ['code', 'http://loinc.org|8867-4'],
        ['status', 'final,amended'],
      ],
    ],
  ] as [[string, string][]][])(
    'show every match that stays exactly once while others write: %j',
    async (parameters) => {
      let round = 0;
      const found = await allMatches(
        (query) => opened.store.search(query),
        queryOf('Observation', parameters, 7),
        async () => {
          round++;
          await Promise.all([
            put(opened.store, observation(`new-${round}-${parameters.length}`, round)),
            put(
              opened.store,
              observation(`moving-${round}`, 100 - round, round % 2 === 0 ? 'final' : 'amended'),
            ),
            put(opened.store, observation(`moving-${30 + round}`, 0), 'delete'),
          ]);
        },
      );
      const ids = found.map(({ id }) => id);
      for (const id of stable) expect(ids.filter((other) => other === id)).toHaveLength(1);
    },
  );

  test('an update during paging neither hides a match nor shows it twice in the default order', async () => {
    const query = queryOf('Observation', [['code', '8867-4']], 10);
    let at = 0;
    const found = await allMatches(
      (query) => opened.store.search(query),
      query,
      async () => {
        for (const id of stable.slice(at, (at += 5))) await put(opened.store, observation(id, at));
      },
    );
    const ids = found.map(({ id }) => id).filter((id) => id.startsWith('stable'));
    expect(ids.sort()).toEqual([...stable].sort());
  });

  test('the total is told where it is free or asked for', async () => {
    const query = queryOf('Observation', [['_id', stable.join(',')]], 10);
    expect((await opened.store.search(query)).total).toBeNull();
    expect((await opened.store.search({ ...query, total: 'accurate' })).total).toBe(60);
    expect((await opened.store.search({ ...query, total: 'estimate' })).total).toBe(60);
    expect((await opened.store.search({ ...query, count: 60 })).total).toBe(60);
    const second = await opened.store.search({ ...query, total: 'accurate', after: ['rid', 1] });
    expect(second).toMatchObject({ matches: [], total: 60, next: null });
  });

  test('a page brings bodies as they were stored', async () => {
    const { matches } = await opened.store.search(queryOf('Observation', [['_id', 'stable-59']]));
    expect(matches).toHaveLength(1);
    const [match] = matches;
    const stored = await opened.store.read(repository, 'Observation', 'stable-59');
    expect(stored).toMatchObject({ ...match, content: expect.any(Buffer) });
    expect(match!.content.equals(stored!.content)).toBe(true);
    expect(JSON.parse(match!.content.toString())).toMatchObject({ id: 'stable-59' });
  });

  test('what the index has no name for matches nothing', async () => {
    for (const [type, name, value] of [
      ['Patient', 'name', 'a'],
      ['Observation', 'code', 'http://example.org/unheard-of|1'],
      ['Observation', 'subject', 'Device/1'],
      ['Observation', 'method', 'a'],
    ] as const) {
      expect(await opened.store.search(queryOf(type, [[name, value]]))).toMatchObject({
        matches: [],
        total: 0,
      });
    }
    const missing = queryOf('Observation', [['date:missing', 'true']], 1000);
    expect((await opened.store.search(missing)).matches.length).toBeGreaterThanOrEqual(60);
  });

  test('another repository is never seen', async () => {
    const query = { ...queryOf('Observation', []), repository: 'other' };
    expect((await opened.store.search(query)).matches).toEqual([]);
  });

  test('a value with a comparator reaches without end to its side', async () => {
    await put(opened.store, observation('above', 200, 'registered', '>'));
    await put(opened.store, observation('below', 200, 'registered', '<'));
    const found = async (text: string): Promise<string[]> => {
      const query = queryOf('Observation', [
        ['value-quantity', text],
        ['status', 'registered'],
      ]);
      return (await opened.store.search(query)).matches.map(({ id }) => id).sort();
    };
    expect(await found('gt300')).toEqual(['above']);
    expect(await found('lt100')).toEqual(['below']);
    expect(await found('200')).toEqual([]);
    expect(await found('sa150')).toEqual(['above']);
    expect(await found('eb250')).toEqual(['below']);
    expect(await found('ap1000')).toEqual(['above']);
  });

  test('a position of another order is refused', async () => {
    for (const after of [['id>', 'a', 1], ['rid'], ['rid', 'a'], ['rid', 1, 2], []]) {
      await expect(opened.store.search({ ...queryOf('Observation', []), after })).rejects.toMatchObject({
        code: 'FHIR_SEARCH_PAGE_INVALID',
      });
    }
  });

  test('criteria tell none, one and several matches apart inside a transaction', async () => {
    const reading = { repository, definitions: loadDefinitions(), bases, zone: 'UTC' };
    const found = (criteria: string) =>
      opened.database.transaction((session) =>
        opened.search.identities(session, parseCriteria('Observation', criteria, reading), 2),
      );
    expect(await found('_id=stable-1')).toEqual([{ type: 'Observation', id: 'stable-1' }]);
    expect(await found('_id=nobody')).toEqual([]);
    expect(await found('code=8867-4')).toHaveLength(2);
    expect(await found('code=8867-4&_id=stable-2')).toEqual([{ type: 'Observation', id: 'stable-2' }]);
  });
});

describe.each(databases)('a search that takes too long on $name', (database) => {
  test('is stopped and says what to narrow', async () => {
    const opened = await openSearchStore(database);
    try {
      await Promise.all(Array.from({ length: 300 }, (_, n) => put(opened.store, observation(`o${n}`, n))));
      const impatient = opened.searchWith({ timeout: database.name === 'sqlite' ? -1 : 1, gatherLimit: 0 });
      const slow = Array.from({ length: 40 }, (): [string, string] => ['value-quantity', 'ne-1,ne-2,ne-3']);
      const query = queryOf('Observation', [...slow, ['_sort', 'value-quantity,code,status']], 1000);
      await expect(impatient(query)).rejects.toMatchObject({ status: 422, code: 'FHIR_SEARCH_TOO_COSTLY' });
      expect((await opened.store.search(query)).matches).toHaveLength(300);
    } finally {
      await opened.close();
    }
  });
});
