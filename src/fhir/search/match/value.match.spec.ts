import type { CompositeValue, IndexValue } from '../index-values.js';
import type { ParameterTest, SimpleTest } from '../query.js';
import { matchesValue } from './value.match.js';

type Value<T> = Extract<IndexValue, { readonly type: T }>;
type Test<T> = Extract<SimpleTest, { readonly type: T }>;

const token = (more: Partial<Value<'token'>> = {}): IndexValue => ({
  ...{ type: 'token', system: 'urn:s', code: 'Code', text: null, caseSensitive: true },
  ...more,
});
const ofToken = (more: Partial<Test<'token'>> = {}): ParameterTest => ({
  ...{ type: 'token', system: undefined, code: undefined },
  ...more,
});

describe('a code', () => {
  it.each<[string, IndexValue, ParameterTest, boolean]>([
    ['of any system', token(), ofToken({ code: 'Code' }), true],
    ['of its system', token(), ofToken({ system: 'urn:s', code: 'Code' }), true],
    ['of another system', token(), ofToken({ system: 'urn:t', code: 'Code' }), false],
    ['of none, and has one', token(), ofToken({ system: null, code: 'Code' }), false],
    ['of none, and has none', token({ system: null }), ofToken({ system: null, code: 'Code' }), true],
    ['any of its system', token(), ofToken({ system: 'urn:s' }), true],
    ['any of another system', token(), ofToken({ system: 'urn:t' }), false],
    ['another', token(), ofToken({ code: 'Other' }), false],
    ['of another case', token(), ofToken({ code: 'code' }), false],
    [
      'of another case, which does not count',
      token({ caseSensitive: false }),
      ofToken({ code: 'cODE' }),
      true,
    ],
    ['another, case left aside', token({ caseSensitive: false }), ofToken({ code: 'other' }), false],
    ['any, and there is none', token({ code: null }), ofToken({ coded: true }), false],
    ['any, and there is one', token(), ofToken({ coded: true }), true],
    ['one that there is not', token({ code: null, caseSensitive: false }), ofToken({ code: 'null' }), false],
    ['one of a list', token(), ofToken({ codes: ['A', 'Code'] }), true],
    ['one of a list of others', token(), ofToken({ codes: ['A', 'code'] }), false],
    ['one of a list of another system', token(), ofToken({ system: 'urn:t', codes: ['Code'] }), false],
    ['one of a list, case left aside', token({ caseSensitive: false }), ofToken({ codes: ['CODE'] }), true],
    ['one of a list, and there is none', token({ code: null }), ofToken({ codes: ['null'] }), false],
  ])('is asked for: %s', (_, value, test, matches) => {
    expect(matchesValue(value, test)).toBe(matches);
  });
});

describe('a text', () => {
  const value: IndexValue = { type: 'string', exact: 'Größe 7', normalized: 'grosse 7' };
  it.each<[Test<'string'>['match'], string, boolean]>([
    ['exact', 'Größe 7', true],
    ['exact', 'grosse 7', false],
    ['contains', 'sse', true],
    ['contains', 'sze', false],
    ['starts', 'gro', true],
    ['starts', 'rosse', false],
    ['whole', 'grosse 7', true],
    ['whole', 'grosse', false],
    ['ends', ' 7', true],
    ['ends', 'grosse', false],
    ['gt', 'grosse 6', true],
    ['gt', 'grosse 7', false],
    ['ge', 'grosse 7', true],
    ['ge', 'grosse 8', false],
    ['lt', 'grosse 8', true],
    ['lt', 'grosse 7', false],
    ['le', 'grosse 7', true],
    ['le', 'grosse 6', false],
  ])('is compared by %s with "%s": %s', (match, text, matches) => {
    expect(matchesValue(value, { type: 'string', match, text })).toBe(matches);
  });

  it('is sorted by code points', () => {
    const astral = { type: 'string', exact: '😀', normalized: '😀' } as IndexValue;
    expect(matchesValue(astral, { type: 'string', match: 'gt', text: '\uffee' })).toBe(true);
  });
});

describe('a quantity', () => {
  const value: IndexValue = {
    ...{ type: 'quantity', value: 5, low: 4.5, high: 5.5, system: 'urn:u', code: 'mg', unit: 'milligram' },
  };
  const test = (more: Partial<Test<'quantity'>>): ParameterTest => ({
    ...{ type: 'quantity', prefix: 'eq', value: 5, low: 4.5, high: 5.5, system: undefined, code: undefined },
    ...more,
  });
  it.each<[string, Partial<Test<'quantity'>>, boolean]>([
    ['without a unit', {}, true],
    ['of another value', { low: 6, high: 7 }, false],
    ['by the code of its unit', { system: 'urn:u', code: 'mg' }, true],
    ['by the code alone', { code: 'mg' }, true],
    ['by what is printed', { code: 'milligram' }, true],
    ['by what is printed, with a system', { system: 'urn:u', code: 'milligram' }, false],
    ['by another unit', { code: 'g' }, false],
    ['by another system', { system: 'urn:v', code: 'mg' }, false],
    ['by no system', { system: null, code: 'mg' }, false],
  ])('is asked for %s', (_, more, matches) => {
    expect(matchesValue(value, test(more))).toBe(matches);
  });
});

describe('a reference', () => {
  const reference = (more: Partial<Value<'reference'>> = {}): IndexValue => ({
    ...{ type: 'reference', targetType: 'Patient', targetId: '1', targetVersion: null, url: null },
    ...{ canonicalVersion: null, identifier: null },
    ...more,
  });
  const test = (more: Partial<Test<'reference'>>): ParameterTest => ({
    ...{ type: 'reference', targetType: undefined, targetId: undefined, url: undefined },
    ...more,
  });
  const canonical = { targetType: null, targetId: null, url: 'urn:c' } as Partial<Value<'reference'>>;
  it.each<[string, IndexValue, Partial<Test<'reference'>>, boolean]>([
    ['by type and id', reference(), { targetType: 'Patient', targetId: '1' }, true],
    ['by id alone', reference(), { targetId: '1' }, true],
    ['by another id', reference(), { targetType: 'Patient', targetId: '2' }, false],
    ['by another type', reference(), { targetType: 'Group', targetId: '1' }, false],
    ['by nothing', reference(), {}, false],
    ['by an address', reference(canonical), { url: 'urn:c' }, true],
    ['by another address', reference(canonical), { url: 'urn:d' }, false],
    ['by an id, being an address', reference(canonical), { targetId: '1' }, false],
    ['by a version', reference({ targetVersion: '3' }), { targetId: '1', targetVersion: '3' }, true],
    ['by another version', reference({ targetVersion: '3' }), { targetId: '1', targetVersion: '4' }, false],
    ['by a version, having none', reference(), { targetId: '1', targetVersion: '3' }, false],
    ['by no version, having one', reference({ targetVersion: '3' }), { targetId: '1' }, true],
    [
      'by the version of a canonical',
      reference({ ...canonical, canonicalVersion: '1.4' }),
      { url: 'urn:c', canonicalVersion: '1.4' },
      true,
    ],
    [
      'by the beginning of a version',
      reference({ ...canonical, canonicalVersion: '1.4.2' }),
      { url: 'urn:c', canonicalVersion: '1.4' },
      false,
    ],
    [
      'by its first parts, which will do',
      reference({ ...canonical, canonicalVersion: '1.4.2' }),
      { url: 'urn:c', canonicalVersion: '1.4', versionParts: true },
      true,
    ],
    [
      'by half a part',
      reference({ ...canonical, canonicalVersion: '1.42' }),
      { url: 'urn:c', canonicalVersion: '1.4', versionParts: true },
      false,
    ],
  ])('is asked for %s', (_, value, more, matches) => {
    expect(matchesValue(value, test(more))).toBe(matches);
  });
});

describe('an address', () => {
  const uri = { type: 'uri', uri: 'http://a.example/b/c' } as IndexValue;
  it.each<[Test<'uri'>, boolean]>([
    [{ type: 'uri', uri: 'http://a.example/b/c' }, true],
    [{ type: 'uri', uri: 'http://a.example/b' }, false],
    [{ type: 'uri', uri: 'http://a.example/b', below: '/' }, true],
    [{ type: 'uri', uri: 'http://a.example/b/c', below: '/' }, true],
    [{ type: 'uri', uri: 'http://a.example/b/', below: '/' }, false],
    [{ type: 'uri', uri: 'http://a.exampl', below: '/' }, false],
    [{ type: 'uri', uri: 'http://a', below: '.' }, true],
  ])('is asked for by %j: %s', (test, matches) => {
    expect(matchesValue(uri, test)).toBe(matches);
  });
});

describe('a value', () => {
  const composite: CompositeValue = {
    type: 'composite',
    components: [token({ code: 'a' }), { type: 'number', value: 1, low: 0.5, high: 1.5 }],
  };
  const one: SimpleTest = { type: 'number', prefix: 'eq', value: 1, low: 0.5, high: 1.5 };
  const two: SimpleTest = { type: 'number', prefix: 'eq', value: 2, low: 1.5, high: 2.5 };
  const code = ofToken({ code: 'a' }) as SimpleTest;

  it('of several components matches with all of them, in their order', () => {
    const matches = (...components: SimpleTest[]): boolean =>
      matchesValue(composite, { type: 'composite', components });
    expect([matches(code, one), matches(code, two), matches(one, code), matches(code, one, one)]).toEqual([
      ...[true, false, false, false],
    ]);
  });

  it('of one type never passes the test of another', () => {
    const values: readonly (IndexValue | CompositeValue)[] = [
      ...[token(), { type: 'string', exact: 'a', normalized: 'a' }],
      ...[
        { type: 'date', low: 1, high: 1 },
        { type: 'number', value: 1, low: 1, high: 1 },
      ],
      ...[{ type: 'uri', uri: 'a' }, { type: 'position' }, { type: 'term' }, composite],
      ...[{ type: 'quantity', value: 1, low: 1, high: 1, system: null, code: null, unit: null }],
      ...[{ type: 'reference', targetType: 'a', targetId: 'a', url: null }],
    ] as readonly (IndexValue | CompositeValue)[];
    const tests: readonly ParameterTest[] = [
      ...[ofToken(), { type: 'string', match: 'contains', text: '' } as const],
      ...[{ type: 'date', prefix: 'ap', low: 0, high: 9 } as const, { ...one, prefix: 'ge' } as const],
      ...[{ type: 'uri', uri: 'a' } as const, { type: 'composite', components: [] } as const],
      { ...one, type: 'quantity', system: undefined, code: undefined },
      { type: 'reference', targetType: undefined, targetId: 'a', url: undefined },
    ];
    for (const value of values) {
      const passed = tests.filter((test) => matchesValue(value, test)).map(({ type }) => type);
      expect(passed).toEqual(value.type === 'position' || value.type === 'term' ? [] : [value.type]);
    }
  });
});
