import { format } from 'mysql2';
import type { SqlValue } from './sql-session.js';
import { mysqlLiteral } from './mysql-literal.js';

describe('a literal of MySQL', () => {
  it.each<[string, SqlValue]>([
    ['null', null],
    ['text', 'http://loinc.org|8302-2'],
    ['quotes and backslashes', `it's "\\' or 1=1 -- `],
    ['a backslash at the end', 'C:\\'],
    ['control characters', '\0\b\t\n\r\x1a'],
    ['placeholders', '?? ?'],
    ['other letters', 'Zoë 山田 😀'],
    ['an integer', 9_007_199_254_740_991],
    ['a double', -1.5e-7],
    ['a large double', 1e300],
    ['bytes', Buffer.from("\0'\\", 'latin1')],
    ['no bytes', Buffer.alloc(0)],
    ['a boolean', true],
    ['a bigint', 12n],
  ])('is what the driver makes of it: %s', (_, value) => {
    expect(mysqlLiteral(value)).toBe(format('?', [value]));
  });

  it('is none for what is no number', () => {
    expect(() => mysqlLiteral(Number.NaN)).toThrow(RangeError);
    expect(() => mysqlLiteral(Number.POSITIVE_INFINITY)).toThrow(RangeError);
  });
});
