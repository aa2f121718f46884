import { compareDates, compareQuantities, type Order } from './ordered-comparison.js';
import { FALSE, TRUE, UNKNOWN } from './truth.js';

describe('dates compare by precision', () => {
  it.each<[string, Order, string, number]>([
    ['2020', '<=', '2021', TRUE],
    ['2021', '<=', '2020', FALSE],
    ['2020', '<=', '2020', TRUE],
    ['2020', '<', '2020', FALSE],
    ['2020', '<=', '2020-05', UNKNOWN],
    ['2020-05', '<=', '2020', UNKNOWN],
    ['2020-05', '<=', '2020-04-30', FALSE],
    ['2020-04-30', '<=', '2020-05', TRUE],
    ['2020-02-28', '>=', '2020-02-29', FALSE],
    ['2020-01-01T10:00:00Z', '<=', '2020-01-01T11:30:00+01:00', TRUE],
    ['2020-01-01T10:00:00Z', '<=', '2020-01-01T10:30:00+01:00', FALSE],
    ['2020-01-01T10:00:00.5Z', '<=', '2020-01-01T10:00:00.25Z', FALSE],
    ['2020-01-01T10:00:00Z', '<=', '2020-01-01', UNKNOWN],
    ['2020-01-02', '<=', '2020-01-01T23:00:00-05:00', UNKNOWN],
    ['2020-01-03', '<=', '2020-01-01T23:00:00Z', FALSE],
    ['0050', '<=', '1949', TRUE],
    ['2016-12-31T23:59:60Z', '<=', '2017-01-01T00:00:00Z', TRUE],
    ['no date', '<=', '2020', UNKNOWN],
  ])('%s %s %s', (left, order, right, expected) => {
    expect(compareDates(order, left, right)).toBe(expected);
  });
});

describe('quantities compare in the same unit', () => {
  const mg = { system: 'http://unitsofmeasure.org', code: 'mg' };

  it('by value', () => {
    expect(compareQuantities('<=', { value: 1, ...mg }, { value: 2, ...mg })).toBe(TRUE);
    expect(compareQuantities('<=', { value: 3, ...mg }, { value: 2, ...mg })).toBe(FALSE);
    expect(compareQuantities('<=', { value: 3, unit: 'x' }, { value: 2, unit: 'x' })).toBe(FALSE);
  });

  it('and not in different ones, or without value', () => {
    expect(compareQuantities('<=', { value: 3, ...mg }, { value: 2, ...mg, code: 'g' })).toBe(UNKNOWN);
    expect(compareQuantities('<=', { value: 3, unit: 'x' }, { value: 2, unit: 'y' })).toBe(UNKNOWN);
    expect(compareQuantities('<=', { ...mg }, { value: 2, ...mg })).toBe(UNKNOWN);
  });
});
