import type { CompositeValue, IndexValue, ParameterValues } from '../../search/index-values.js';
import { indexRows, type IndexNames } from './index-rows.js';
import { indexTables, type IndexTableName } from './index-tables.js';

/** Numbers in the order of first use, which tests can tell apart: parameters from 1, systems from 100, types from 200. */
function numbered(): IndexNames & { parameters: string[] } {
  const parameters: string[] = [];
  const systems: string[] = [];
  const types: string[] = [];
  const number = (list: string[], name: string, first: number): number => {
    if (!list.includes(name)) list.push(name);
    return first + list.indexOf(name);
  };
  return {
    parameters,
    parameter: (code) => number(parameters, code, 1),
    system: (uri) => number(systems, uri, 100),
    type: (name) => number(types, name, 200),
  };
}

const RID = 7;
function rowsOf(values: readonly (IndexValue | CompositeValue)[], names = numbered()) {
  const rows = indexRows(RID, names, [{ code: 'p', values }]);
  return (table: IndexTableName) => rows[table];
}

const token = (more: object): IndexValue => ({
  type: 'token',
  system: null,
  code: null,
  text: null,
  caseSensitive: true,
  ...more,
});

describe('token rows', () => {
  test('have code, system and whether case counts', () => {
    const rows = rowsOf([
      token({ system: 'urn:s', code: 'A ' }),
      token({ code: 'TRUE', caseSensitive: false }),
    ]);
    expect(rows('index_token')).toEqual([
      [1, 'A ', RID, 100, 0],
      [1, 'true', RID, 0, 1],
    ]);
  });

  test('of equal values are one, which ignores case where one of them does', () => {
    const same = { system: 'urn:s', code: 'a' };
    const rows = rowsOf([token(same), token(same), token({ ...same, caseSensitive: false })]);
    expect(rows('index_token')).toEqual([[1, 'a', RID, 100, 1]]);
  });

  test('without a code tell that the element is there', () => {
    expect(rowsOf([token({ text: 'only text' })])('index_token')).toEqual([[1, '', RID, 0, 0]]);
  });

  test('are accompanied by their text as a string and their type for :of-type', () => {
    const names = numbered();
    const rows = rowsOf(
      [token({ system: 'urn:s', code: '42', text: 'Größe', ofType: [{ system: 'urn:t', code: 'MR' }] })],
      names,
    );
    expect(names.parameters).toEqual(['p', 'p:text', 'p:of-type']);
    expect(rows('index_token')).toEqual([
      [1, '42', RID, 100, 0],
      [3, 'MR|42', RID, 101, 0],
    ]);
    expect(rows('index_string')).toEqual([[2, 'grosse', RID, 0, 'Größe', null]]);
  });
});

describe('string rows', () => {
  test('number what is written differently under one normalized text', () => {
    const string = (exact: string): IndexValue => ({
      type: 'string',
      exact,
      normalized: exact.toLowerCase(),
    });
    expect(rowsOf([string('Smith'), string('SMITH'), string('Smith')])('index_string')).toEqual([
      [1, 'smith', RID, 0, 'Smith', null],
      [1, 'smith', RID, 1, 'SMITH', null],
    ]);
  });

  test('keep the whole of a text that is longer than its key', () => {
    const normalized = 'x'.repeat(300);
    const [row] = rowsOf([{ type: 'string', exact: 'X'.repeat(300), normalized }])('index_string');
    expect(row).toEqual([1, 'x'.repeat(255), RID, 0, 'X'.repeat(300), normalized]);
  });
});

test('a text of megabytes adds a bounded row', () => {
  const normalized = 'ü'.repeat(3_000_000);
  const [row] = rowsOf([{ type: 'string', exact: normalized, normalized }])('index_string');
  expect(row).toEqual([1, 'ü'.repeat(127), RID, 0, 'ü'.repeat(32_768), 'ü'.repeat(32_768)]);
});

test('a period longer than a day also stands by its end', () => {
  const rows = rowsOf([
    { type: 'date', low: 0, high: 86_399_999 },
    { type: 'date', low: 5, high: Number.MAX_SAFE_INTEGER },
  ]);
  expect(rows('index_date')).toEqual([
    [1, 0, RID, 86_399_999],
    [1, 5, RID, Number.MAX_SAFE_INTEGER],
  ]);
  expect(rows('index_date_long')).toEqual([[1, Number.MAX_SAFE_INTEGER, RID, 5]]);
});

test('numbers and quantities share a table, within what a DOUBLE holds', () => {
  const rows = rowsOf([
    { type: 'number', value: 2, low: 1.95, high: 2.05 },
    { type: 'quantity', value: 2, low: 1.95, high: 2.05, system: 'urn:u', code: 'mg', unit: 'mg' },
    { type: 'number', value: 1e-310, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY },
  ]);
  expect(rows('index_quantity')).toEqual([
    [1, 2, RID, 0, 1.95, 2.05, 0, '', ''],
    [1, 2, RID, 1, 1.95, 2.05, 100, 'mg', 'mg'],
    [1, 0, RID, 0, -Number.MAX_VALUE, Number.MAX_VALUE, 0, '', ''],
    [2, 0, RID, 0, -Number.MAX_VALUE, Number.MAX_VALUE, 0, '', ''],
  ]);
});

test('quantities also stand in base units, and what is open to a side once more', () => {
  const names = numbered();
  const quantity: IndexValue = {
    type: 'quantity',
    value: 5,
    low: -Number.MAX_VALUE,
    high: 5,
    system: 'urn:u',
    code: 'mg',
    unit: 'mg',
    canonical: { value: 0.005, low: -Number.MAX_VALUE, high: 0.005, code: 'g' },
  };
  const rows = rowsOf([quantity, { type: 'composite', components: [token({ code: 'a' }), quantity] }], names);
  expect(names.parameters).toEqual(['p', 'p:open', 'p:canonical', 'p:canonical-open']);
  const open = -Number.MAX_VALUE;
  expect(rows('index_quantity')).toEqual([
    [1, 5, RID, 0, open, 5, 100, 'mg', 'mg'],
    [2, 5, RID, 0, open, 5, 100, 'mg', 'mg'],
    [3, 0.005, RID, 0, open, 0.005, 100, 'g', ''],
    [4, 0.005, RID, 0, open, 0.005, 100, 'g', ''],
  ]);
  expect(rows('index_composite').map((row) => row.slice(0, 5))).toEqual([
    [1, 'a', '', 5, RID],
    [3, 'a', '', 0.005, RID],
  ]);
});

test('references keep type, id and version, URL and canonical version, and their identifier', () => {
  const reference = (more: object): IndexValue => ({
    type: 'reference',
    targetType: null,
    targetId: null,
    targetVersion: null,
    url: null,
    canonicalVersion: null,
    identifier: null,
    ...more,
  });
  const names = numbered();
  const rows = rowsOf(
    [
      reference({ targetType: 'Patient', targetId: 'a', targetVersion: '2' }),
      reference({ url: 'http://example.org/v', canonicalVersion: '1.0' }),
      reference({ identifier: { system: 'urn:s', value: '42' } }),
    ],
    names,
  );
  expect(rows('index_reference')).toEqual([
    [1, 'a', RID, 200, '2'],
    [1, 'http://example.org/v', RID, 0, '1.0'],
    [1, '', RID, 0, ''],
  ]);
  expect(names.parameters).toEqual(['p', 'p:identifier']);
  expect(rows('index_token')).toEqual([[2, '42', RID, 100, 0]]);
});

test('composites stand in one row a value, by the texts and the number of their components', () => {
  const code = token({ system: 'urn:s', code: '8480-6' });
  const folded = token({ code: 'HIGH', caseSensitive: false });
  const quantity: IndexValue = {
    type: 'quantity',
    value: 120,
    low: 119.5,
    high: 120.5,
    system: 'urn:u',
    code: 'mm[Hg]',
    unit: null,
  };
  const number = (value: number): IndexValue => ({
    type: 'number',
    value,
    low: value - 0.5,
    high: value + 0.5,
  });
  const composite = (...components: IndexValue[]): CompositeValue => ({ type: 'composite', components });
  const rows = rowsOf([
    composite(code, quantity),
    composite(code, folded),
    composite(code, number(3), number(9)),
    composite(code, quantity),
  ]);
  const first = [100, null, null, null];
  const nothing = [0, null, null, null];
  expect(rows('index_composite')).toEqual([
    [
      1,
      '8480-6',
      '',
      120,
      RID,
      0,
      0,
      null,
      ...first,
      101,
      119.5,
      120.5,
      'mm[Hg]',
      null,
      null,
      ...nothing,
      null,
      null,
      null,
    ],
    [1, '8480-6', 'high', 0, RID, 0, 2, null, ...first, ...nothing, null, null, ...nothing, null, null, null],
    [
      1,
      '8480-6',
      '',
      3,
      RID,
      0,
      0,
      null,
      ...first,
      0,
      2.5,
      3.5,
      null,
      '',
      9,
      0,
      8.5,
      9.5,
      null,
      null,
      null,
      null,
    ],
  ]);
});

test('every row has a value for every column, and each key is there once', () => {
  const values: ParameterValues[] = [
    {
      code: 'a',
      values: [token({ code: 'x' }), { type: 'uri', uri: 'urn:x' }, { type: 'uri', uri: 'urn:x' }],
    },
    { code: 'b', values: [token({ code: 'x' })] },
  ];
  const rows = indexRows(RID, numbered(), values);
  expect(rows.index_uri).toEqual([[1, 'urn:x', RID]]);
  for (const table of indexTables) {
    for (const row of rows[table.name]) expect(row).toHaveLength(table.columns.length);
  }
});
