import BetterSqlite from 'better-sqlite3';
import fc from 'fast-check';
import { matchesNumber, matchesRange } from '../../../src/fhir/search/match/range.match.js';
import type { DatePrefix } from '../../../src/fhir/search/query.js';
import { dateSql } from '../../../src/fhir/storage/sql/search/date.rows.js';
import type { Fragment } from '../../../src/fhir/storage/sql/search/fragment.js';
import { numberSql } from '../../../src/fhir/storage/sql/search/quantity.rows.js';

/*
 * Rights are decided in memory, searches in the database: both must say the same of a range, at its very ends above all.
 */

const database = new BetterSqlite(':memory:');
afterAll(() => database.close());

function holds(condition: Fragment, row: Readonly<Record<string, number>>): boolean {
  const names = Object.keys(row);
  const statement = `SELECT EXISTS (SELECT 1 FROM (SELECT ${names.map((name) => `? AS ${name}`).join(', ')}) a WHERE ${condition.sql})`;
  return (
    database
      .prepare(statement)
      .pluck()
      .get(Object.values(row), ...condition.values) === 1
  );
}

const prefixes: readonly DatePrefix[] = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap', 'co'];
/** Few points, so that ends meet. */
const point = fc.integer({ min: 0, max: 6 });
const range = fc.tuple(point, point).map(([a, b]) => ({ low: Math.min(a, b), high: Math.max(a, b) }));

it.each(prefixes)('a date is found by %s in the database as it is in memory', (prefix) => {
  fc.assert(
    fc.property(range, range, (search, value) => {
      const test = { type: 'date', prefix, ...search } as const;
      const condition = dateSql({ low: 'a.low', high: 'a.high' }, test);
      expect(holds(condition, { ...value })).toBe(matchesRange(test, value));
    }),
    { numRuns: 300 },
  );
});

it.each(prefixes)('a number is found by %s in the database as it is in memory', (prefix) => {
  const end = fc.oneof(point, fc.constant(undefined));
  fc.assert(
    fc.property(point, point, end, end, (searched, stored, below, above) => {
      const test = {
        type: 'number',
        prefix,
        value: searched,
        low: searched - 1,
        high: searched + 1,
      } as const;
      const value = {
        value: stored,
        low: below === undefined ? -1e308 : stored - below,
        high: above === undefined ? 1e308 : stored + above,
      };
      const condition = numberSql({ value: 'a.value', low: 'a.low', high: 'a.high' }, test);
      expect(holds(condition, value)).toBe(matchesNumber(test, value));
    }),
    { numRuns: 300 },
  );
});
