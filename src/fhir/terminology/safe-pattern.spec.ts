import fc from 'fast-check';
import { SafePattern } from './safe-pattern.js';
import { volume } from '../../../test/kit/volume.js';

const patterns = [
  '[0-9]{3}',
  '[A-Z]{3}',
  'a|b|',
  '(ab|a)(c|bcd)*',
  'a{2,3}b?',
  'a{2,}',
  '[^ab]+',
  '\\d+\\.\\w*',
  '(?:a|b)*c',
  '.{0,2}x',
  '[a\\-c]+',
  '[]a]+',
  '^LP\\d+-\\d$',
  '(a*)*b',
  'x\\$',
];

test.each(patterns)('%s matches what it matches as a RegExp', (source) => {
  const pattern = SafePattern.parse(source);
  // JavaScript's `[]` is empty; XML Schema and POSIX take the bracket as the first member.
  const reference = new RegExp(`^(?:${source.replace('[]a]', '[\\]a]')})$`, 'su');
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'abcdxAZ019.-]$LP'.split(/(?=.)/)), maxLength: 6 }),
      (text) => {
        expect(pattern?.matches(text)).toBe(reference.test(text));
      },
    ),
    { numRuns: volume(500) },
  );
});

test('a pattern that makes others take for ever takes no time', () => {
  const pattern = SafePattern.parse('(a|a|aa)*(a*)*b');
  const before = performance.now();
  expect(pattern?.matches('a'.repeat(5_000))).toBe(false);
  expect(performance.now() - before).toBeLessThan(2_000);
});

test.each(['(?=a)', '\\1', 'a**b(', '[a', '(', 'a{3,1}', 'a{1000}', 'a{99}b{99}', '\\p', '('.repeat(40)])(
  '%s is not understood',
  (source) => {
    expect(SafePattern.parse(source)).toBeUndefined();
  },
);
