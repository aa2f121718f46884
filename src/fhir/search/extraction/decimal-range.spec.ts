import fc from 'fast-check';
import { decimalRange } from './decimal-range.js';
import { volume } from '../../../../test/kit/volume.js';

describe('decimalRange', () => {
  it.each([
    ['100', 100, 99.5, 100.5],
    ['100.00', 100, 99.995, 100.005],
    ['2.0', 2, 1.95, 2.05],
    ['0', 0, -0.5, 0.5],
    ['-5.4', -5.4, -5.45, -5.35],
    ['+5', 5, 4.5, 5.5],
    ['007', 7, 6.5, 7.5],
    ['1e2', 100, 95, 105],
    ['1.5e2', 150, 145, 155],
    ['1.50e2', 150, 149.5, 150.5],
    ['1e-3', 0.001, 0.00095, 0.00105],
    ['0.1', 0.1, 0.05, 0.15],
    ['12345678901234567890', 12345678901234567890, 12345678901234567889.5, 12345678901234567890.5],
    ['0.000000000000000000001', 1e-21, 5e-22, 1.5e-21],
  ])('reads %s with its implicit precision', (text, value, low, high) => {
    expect(decimalRange(text)).toEqual({ value, low, high });
  });

  it('has no negative zero', () => {
    expect(Object.is(decimalRange('-0')?.value, 0)).toBe(true);
  });

  it.each(['', ' 1', '1.', '.5', '1e', '0x1', 'NaN', 'Infinity', '1e999', '1,5', '1'.repeat(401), '１'])(
    'refuses %j',
    (text) => {
      expect(decimalRange(text)).toBeUndefined();
    },
  );

  it('gives finite bounds around the value of every finite number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        const range = decimalRange(String(number));
        expect(range?.value).toBe(number + 0);
        expect(range?.low).toBeLessThanOrEqual(number);
        expect(range?.high).toBeGreaterThanOrEqual(number);
        expect(Number.isFinite(range?.low) && Number.isFinite(range?.high)).toBe(true);
      }),
      { numRuns: volume(2000) },
    );
  });
});
