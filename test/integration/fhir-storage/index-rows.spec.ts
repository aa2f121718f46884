import type { CompositeValue, IndexValue, ParameterValues } from '../../../src/fhir/search/index-values.js';
import { readIndexRows } from '../../../src/fhir/storage/sql/index-writer.js';
import { indexTables } from '../../../src/fhir/storage/sql/index-tables.js';
import { databases } from '../../kit/databases.js';
import {
  byToken,
  found,
  openStore,
  put,
  remove,
  repository,
  token,
  type StoreFixture,
} from '../../kit/fhir-store.js';

const tokenOf = (code: string | null, more: object = {}): IndexValue => ({
  type: 'token',
  system: 'urn:s',
  code,
  text: null,
  caseSensitive: true,
  ...more,
});
const quantityOf = (value: number): IndexValue => ({
  type: 'quantity',
  value,
  low: value,
  high: value,
  system: 'urn:u',
  code: 'mg',
  unit: 'mg',
});
const dateOf = (low: number, high: number): IndexValue => ({ type: 'date', low, high });
const stringOf = (exact: string): IndexValue => ({ type: 'string', exact, normalized: exact.toLowerCase() });
const memberOf = (targetId: string): IndexValue => ({
  ...{ type: 'reference', targetType: 'Patient', targetId, targetVersion: null },
  ...{ url: null, canonicalVersion: null, identifier: null },
});
const long = 'lang ü '.repeat(200);

/** Values at the edges of what the tables take. */
const edges: ParameterValues[] = [
  {
    code: 'token',
    values: [
      tokenOf('a'),
      tokenOf('a '),
      tokenOf('A'),
      tokenOf(null),
      tokenOf(long),
      tokenOf('\u0000 control'),
      tokenOf('half \ud83d'),
      tokenOf('half \ufffd'),
      tokenOf('\u{1f600}', { system: long, text: long }),
      tokenOf('TRUE', { caseSensitive: false }),
    ],
  },
  { code: 'string', values: [stringOf(''), stringOf(' x'), stringOf('X'), stringOf('x'), stringOf(long)] },
  {
    code: 'date',
    values: [
      dateOf(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
      dateOf(-62135596800000, 253402300799999),
      dateOf(1, 1),
    ],
  },
  {
    code: 'quantity',
    values: [
      9.333725648786377,
      -0,
      0.1 + 0.2,
      1e-320,
      5e-300,
      Number.MAX_VALUE,
      -1e300,
      979649685109.1719,
    ].map(quantityOf),
  },
  {
    code: 'reference',
    values: [
      {
        type: 'reference',
        targetType: 'Patient',
        targetId: 'A',
        targetVersion: '3',
        url: null,
        canonicalVersion: null,
        identifier: { system: null, value: 'i' },
      },
      {
        type: 'reference',
        targetType: null,
        targetId: null,
        targetVersion: null,
        url: `http://example.org/${long}`,
        canonicalVersion: '1|2',
        identifier: null,
      },
    ],
  },
  {
    code: 'uri',
    values: [
      { type: 'uri', uri: 'urn:a ' },
      { type: 'uri', uri: 'urn:a' },
    ],
  },
  {
    code: 'composite',
    values: [
      [tokenOf('c'), quantityOf(0.1 + 0.2)],
      [tokenOf('c'), quantityOf(9.333725648786377)],
      [tokenOf('c'), dateOf(1577836800000, 1609459199999)],
      [tokenOf('c'), stringOf(long)],
      [tokenOf('c'), quantityOf(1), quantityOf(2)],
    ].map((components): CompositeValue => ({ type: 'composite', components })),
  },
];

describe.each(databases)('index rows on $name', ({ create: createDatabase }) => {
  let fixture: StoreFixture;
  beforeAll(async () => {
    fixture = await openStore(await createDatabase());
  });
  afterAll(() => fixture.close());

  const stored = async (id: string): Promise<string[]> => {
    const rid = (await fixture.store.read(repository, 'Basic', id))?.rid ?? 0;
    const tables = await readIndexRows(
      {
        dialect: fixture.database.dialect,
        query: (sql, values) => fixture.database.query(sql, values),
        execute: () => Promise.reject(new Error('reads only')),
        append: () => Promise.reject(new Error('reads only')),
      },
      [rid],
    );
    return indexTables
      .flatMap(({ name, columns }) =>
        (tables.get(name) ?? []).map((row) =>
          JSON.stringify([name, ...row.filter((_, place) => columns[place] !== 'rid')]),
        ),
      )
      .sort();
  };

  test('an update leaves the rows that a create would have made, wherever it starts from', async () => {
    await fixture.store.commit(put('Basic', 'direct', { values: edges }));
    const expected = await stored('direct');
    expect(expected.length).toBeGreaterThan(35);
    const beginnings: ParameterValues[][] = [
      [],
      edges,
      edges.map(({ code, values }) => ({ code, values: values.slice(1) })),
      edges.map(({ code, values }) => ({ code, values: [...values].reverse() })),
      [token('other', 'x'), ...edges.slice(2)],
    ];
    for (const [n, values] of beginnings.entries()) {
      await fixture.store.commit(put('Basic', `via-${n}`, { values }));
      await fixture.store.commit(put('Basic', `via-${n}`, { values: edges }));
      expect(await stored(`via-${n}`)).toEqual(expected);
    }
    await fixture.store.commit(remove('Basic', 'via-1'));
    expect(await stored('via-1')).toEqual([]);
  });

  test('of thousands of values one that changes leaves the rows of a create, and others have their turns', async () => {
    const many = (...ids: string[]): ParameterValues[] => [
      ...edges,
      { code: 'member', values: [...ids, ...Array.from({ length: 2_000 }, (_, n) => `m${n}`)].map(memberOf) },
    ];
    await fixture.store.commit(put('Basic', 'many', { values: many('before', 'stays') }));
    let turns = 0;
    let going = true;
    const turn = (): void => {
      turns += 1;
      if (going) setImmediate(turn);
    };
    setImmediate(turn);
    await fixture.store.commit(put('Basic', 'many', { values: many('after', 'stays') }));
    going = false;
    expect(turns).toBeGreaterThanOrEqual(indexTables.length);
    await fixture.store.commit(put('Basic', 'many-anew', { values: many('after', 'stays') }));
    expect(await stored('many')).toEqual(await stored('many-anew'));
    await fixture.store.commit(put('Basic', 'many', { values: edges }));
    expect(await stored('many')).toEqual(await stored('direct'));
  });

  test('an update that changes no value writes no index row', async () => {
    await fixture.store.commit(put('Basic', 'same', { values: edges }));
    const before = await stored('same');
    const seen: string[] = [];
    const transaction = fixture.database.transaction.bind(fixture.database);
    const spy = jest.spyOn(fixture.database, 'transaction').mockImplementation((work) =>
      transaction((session) =>
        work({
          dialect: session.dialect,
          query: (sql, values) => session.query(sql, values),
          execute: (sql, values) => {
            seen.push(sql);
            return session.execute(sql, values);
          },
          append: (sql, values) => {
            seen.push(sql);
            return session.append(sql, values);
          },
        }),
      ),
    );
    await fixture.store.commit(put('Basic', 'same', { values: edges }));
    spy.mockRestore();
    expect(seen.filter((sql) => sql.includes('index_'))).toEqual([]);
    expect(await stored('same')).toEqual(before);
  });

  test('codes that differ by case, by trailing spaces or behind their 255th byte are told apart', async () => {
    const code = (text: string) => [token('exact', text)];
    await fixture.store.commit(put('Basic', 'plain', { values: code('a') }));
    await fixture.store.commit(put('Basic', 'spaced', { values: code('a ') }));
    await fixture.store.commit(put('Basic', 'upper', { values: code('A') }));
    await fixture.store.commit(put('Basic', 'long-1', { values: code(`${long}1`) }));
    await fixture.store.commit(put('Basic', 'long-2', { values: code(`${long}2`) }));
    const search = (text: string) => found(fixture.store, byToken('Basic', 'exact', text));
    expect(await search('a')).toEqual(['plain']);
    expect(await search('a ')).toEqual(['spaced']);
    expect(await search('A')).toEqual(['upper']);
    expect(await search(`${long}2`)).toEqual(['long-2']);
    expect(await search(long)).toEqual([]);
  });

  test('a rejected unit leaves no index row', async () => {
    const rows = async (): Promise<number> => {
      const [row] = await fixture.database.query('SELECT COUNT(*) AS n FROM index_token');
      return Number(row?.n);
    };
    const before = await rows();
    const refused = fixture.store.commit({
      repository,
      apply: (context) => ({
        writes: [
          ...put('Basic', 'new-one', { values: edges }).apply(context).writes,
          ...put('Basic', 'plain', { values: edges }).apply(context).writes,
        ],
        result: undefined,
      }),
    });
    await expect(refused).rejects.toMatchObject({ code: 'FHIR_STORE_ID_TAKEN' });
    expect(await rows()).toBe(before);
  });
});
