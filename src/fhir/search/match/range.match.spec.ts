import type { DatePrefix } from '../query.js';
import { matchesNumber, matchesRange } from './range.match.js';

/** Of each prefix, by the drawings of FHIR R4 search.html#prefix: the search is for 10 to 20, both ends included. */
const dates: readonly (readonly [low: number, high: number, DatePrefix[]])[] = [
  [10, 20, ['eq', 'ge', 'le', 'ap', 'co']],
  [11, 19, ['eq', 'ge', 'le', 'ap']],
  [10, 19, ['eq', 'ge', 'le', 'ap']],
  [11, 20, ['eq', 'ge', 'le', 'ap']],
  [9, 20, ['ne', 'lt', 'le', 'ap', 'co']],
  [10, 21, ['ne', 'gt', 'ge', 'ap', 'co']],
  [9, 21, ['ne', 'gt', 'lt', 'ge', 'le', 'ap', 'co']],
  [5, 9, ['ne', 'lt', 'le', 'eb']],
  [5, 10, ['ne', 'lt', 'le', 'ap']],
  [20, 25, ['ne', 'gt', 'ge', 'ap']],
  [21, 25, ['ne', 'gt', 'ge', 'sa']],
  [20, 20, ['eq', 'ge', 'le', 'ap']],
  [10, 10, ['eq', 'ge', 'le', 'ap']],
  [9, 9, ['ne', 'lt', 'le', 'eb']],
  [21, 21, ['ne', 'gt', 'ge', 'sa']],
];
const datePrefixes: readonly DatePrefix[] = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap', 'co'];

describe('a range of time', () => {
  it.each(dates)('from %d to %d, beside 10 to 20, is found by %j alone', (low, high, found) => {
    const matching = datePrefixes.filter((prefix) =>
      matchesRange({ prefix, low: 10, high: 20 }, { low, high }),
    );
    expect(matching).toEqual(datePrefixes.filter((prefix) => found.includes(prefix)));
  });
});

/** The search is for 5, written as `5.0`: 4.95 to 5.05 (exclusive). */
const numbers: readonly (readonly [value: number, DatePrefix[]])[] = [
  [5, ['eq', 'ge', 'le', 'ap', 'co']],
  [4.95, ['eq', 'lt', 'le', 'eb', 'ap']],
  [5.04, ['eq', 'gt', 'ge', 'sa', 'ap']],
  [5.05, ['ne', 'gt', 'ge', 'sa', 'ap']],
  [5.06, ['ne', 'gt', 'ge', 'sa']],
  [4.94, ['ne', 'lt', 'le', 'eb']],
];
const search = { value: 5, low: 4.95, high: 5.05 };

describe('a number', () => {
  const found = (value: { value: number; low: number; high: number }): DatePrefix[] =>
    datePrefixes.filter((prefix) => matchesNumber({ ...search, prefix }, value));

  it.each(numbers)('%d beside 5.0 is found by %j alone', (value, prefixes) => {
    const step = 1e-9;
    const matching = found({ value, low: value - step, high: value + step });
    expect(matching).toEqual(datePrefixes.filter((prefix) => prefixes.includes(prefix)));
  });

  it('holds another where its range does, the upper end left out', () => {
    const holds = (low: number, high: number): boolean =>
      matchesNumber({ ...search, prefix: 'co' }, { value: 7, low, high });
    expect([holds(5, 6), holds(4, 5), holds(4, 5.001), holds(5.001, 6)]).toEqual([true, false, true, false]);
  });

  it('less than another reaches down without end', () => {
    const below = (value: number): DatePrefix[] => found({ value, low: -1e308, high: value });
    expect(below(3)).toEqual(['ne', 'lt', 'le', 'eb']);
    expect(below(5)).toEqual(['ne', 'lt', 'ge', 'le', 'ap']);
    expect(below(9)).toEqual(['ne', 'gt', 'lt', 'ge', 'le', 'ap', 'co']);
    expect(below(4.95)).toContain('ap');
    expect(below(4.94)).not.toContain('ap');
  });

  it('more than another reaches up without end', () => {
    const above = (value: number): DatePrefix[] => found({ value, low: value, high: 1e308 });
    expect(above(9)).toEqual(['ne', 'gt', 'ge', 'sa']);
    expect(above(5)).toEqual(['ne', 'gt', 'ge', 'le', 'ap', 'co']);
    expect(above(3)).toEqual(['ne', 'gt', 'lt', 'ge', 'le', 'ap', 'co']);
    expect(above(5.05)).toContain('ap');
    expect(above(5.06)).not.toContain('ap');
  });
});
