import {
  CODE_KEY_BYTES,
  codeKey,
  foldedCodeKey,
  isLongPeriod,
  isWholeString,
  keyText,
  prefixRange,
  STRING_KEY_BYTES,
  stringKey,
  URI_KEY_BYTES,
  uriKey,
} from './keys.js';

const bytes = (text: string): number => Buffer.byteLength(text);

describe('key of a code', () => {
  test.each(['', 'final', '8310-5', 'a ', ' a', 'ABC', 'größer', '\u{1f600}', 'x'.repeat(CODE_KEY_BYTES)])(
    'is the code itself: %j',
    (code) => expect(codeKey(code)).toBe(code),
  );

  test.each(['x'.repeat(256), 'ü'.repeat(200), '\u{1f600}'.repeat(80)])(
    'keeps a long code apart from its prefix and its like, in as many bytes as the column has',
    (code) => {
      const key = codeKey(code);
      expect(bytes(key)).toBeLessThanOrEqual(CODE_KEY_BYTES);
      expect(key).not.toContain('\ufffd');
      expect(code.startsWith(key.slice(0, 60))).toBe(true);
      expect(codeKey(`${code}x`)).not.toBe(key);
      expect(codeKey(key)).toBe(key);
    },
  );

  test('is lower case where case is ignored', () => expect(foldedCodeKey('TRUE')).toBe('true'));

  test('of half a surrogate pair is the character that a database makes of it', () => {
    expect(codeKey('a\ud800')).toBe('a\ufffd');
    expect(codeKey('a\udc00')).toBe(codeKey('a\ud800'));
  });
});

describe('key of a URI', () => {
  test('keeps a long common prefix, so that what lies below a URI is a range', () => {
    const base = `http://example.org/${'a/'.repeat(100)}`;
    const key = uriKey(`${base}${'b/'.repeat(300)}`);
    expect(bytes(key)).toBeLessThanOrEqual(URI_KEY_BYTES);
    const { from, to } = prefixRange(uriKey(base));
    expect(key >= from && key < to).toBe(true);
  });
});

describe('key of a string', () => {
  test('is cut between characters', () => {
    const text = `${'x'.repeat(STRING_KEY_BYTES - 1)}üy`;
    expect(stringKey(text)).toBe('x'.repeat(STRING_KEY_BYTES - 1));
    expect(isWholeString(text)).toBe(false);
    expect(isWholeString('x'.repeat(STRING_KEY_BYTES))).toBe(true);
  });

  test.each([1, 2, 3, 4])('never ends in half a character (%d bytes)', (width) => {
    const letter = ['a', 'ü', '€', '\u{1f600}'][width - 1]!;
    for (let shift = 0; shift < 4; shift++) {
      const text = 'a'.repeat(shift) + letter.repeat(300);
      const key = stringKey(text);
      expect(text.startsWith(key)).toBe(true);
      expect(bytes(key)).toBeLessThanOrEqual(STRING_KEY_BYTES);
      expect(bytes(key)).toBeGreaterThan(STRING_KEY_BYTES - width);
    }
  });
});

test('a period is long when it spans more than a day', () => {
  expect(isLongPeriod(0, 86_399_999)).toBe(false);
  expect(isLongPeriod(0, 86_400_000)).toBe(false);
  expect(isLongPeriod(0, 86_400_001)).toBe(true);
  expect(isLongPeriod(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)).toBe(true);
});

test('a key is read from bytes and from text', () => {
  expect(keyText(Buffer.from('größer'))).toBe('größer');
  expect(keyText('größer')).toBe('größer');
});
