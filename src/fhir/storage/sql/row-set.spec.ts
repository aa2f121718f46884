import fc from 'fast-check';
import { NumberedRowSet, RowSet } from './row-set.js';

/** Few different values, so that rows meet; enough rows to leave what is looked through one by one. */
const value = fc.integer({ min: 1, max: 4 });
const rowsOf = (columns: number) =>
  fc.array(fc.array(value, { minLength: columns, maxLength: columns }), { maxLength: 120 });

describe('rows of a table', () => {
  it('are each there once by their first columns, however many there are', () => {
    fc.assert(
      fc.property(rowsOf(4), (rows) => {
        const set = new RowSet(3);
        const expected = new Map<string, number>();
        for (const row of rows) {
          const key = row.slice(0, 3).join();
          expect(set.add(row)).toBe(expected.get(key));
          if (!expected.has(key)) expected.set(key, expected.size);
        }
        expect(set.rows.map((row) => row.slice(0, 3).join())).toEqual([...expected.keys()]);
      }),
    );
  });

  it('of which only the end differs are numbered, however many there are', () => {
    fc.assert(
      fc.property(rowsOf(4), (rows) => {
        const set = new NumberedRowSet(2);
        for (const [one = 0, two = 0, three = 0, four = 0] of rows) set.add([one, two, 0, three, four]);
        const whole = (row: readonly (string | number | null)[]) =>
          row.filter((_, place) => place !== 2).join();
        expect(set.rows.map(whole)).toEqual([...new Set(rows.map((row) => row.join()))]);
        const next = new Map<string, number>();
        for (const [one, two, nth] of set.rows) {
          const expected = next.get(`${one},${two}`) ?? 0;
          expect(nth).toBe(expected);
          next.set(`${one},${two}`, expected + 1);
        }
      }),
    );
  });
});
