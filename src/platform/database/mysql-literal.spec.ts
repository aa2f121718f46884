import { format } from 'mysql2';
import type { SqlValue } from './sql-session.js';
import { bytesLiteralLength, mysqlLiteral } from './mysql-literal.js';

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
    ['bytes that are no text', Buffer.from([0x27, 0x5c, 0xff])],
    ['a byte of zero', Buffer.from([0x61, 0x00, 0x62])],
    ['a boolean', true],
    ['a bigint', 12n],
  ])('is what the driver makes of it: %s', (_, value) => {
    expect(mysqlLiteral(value)).toBe(format('?', [value]));
  });

  it.each([
    ['', `_binary''`],
    ['{"name":"O\'Brien\\\\"}', `_binary'{"name":"O\\'Brien\\\\\\\\"}'`],
    ['Zoë 山田 😀\n', `_binary'Zoë 山田 😀\n'`],
  ])('of bytes that are text is the text: %j', (text, literal) => {
    const bytes = Buffer.from(text);
    expect(mysqlLiteral(bytes)).toBe(literal);
    expect(bytesLiteralLength(bytes)).toBe(Buffer.byteLength(literal));
  });

  it('of other bytes is as long as it is said to be', () => {
    for (const bytes of [Buffer.from([0x27, 0xff]), Buffer.from([0x61, 0x00])]) {
      expect(bytesLiteralLength(bytes)).toBe(mysqlLiteral(bytes).length);
    }
  });

  it('is none for what is no number', () => {
    expect(() => mysqlLiteral(Number.NaN)).toThrow(RangeError);
    expect(() => mysqlLiteral(Number.POSITIVE_INFINITY)).toThrow(RangeError);
  });
});
