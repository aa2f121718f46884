import fc from 'fast-check';
import { BudgetExceeded, LinearPattern, StepBudget } from './index.js';

const unlimited = StepBudget.unlimited;

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
  '^LP\\d+-\\d$',
  '(a*)*b',
  'x\\$',
  '\\/a|\\_b',
  '^(a+)+$',
  '(?<name>a+)[\\u0030-\\u0039]?',
];

test.each(patterns)('%s matches what it matches as a RegExp', (source) => {
  const pattern = LinearPattern.parse(source, unlimited);
  const reference = new RegExp(`^(?:${source})$`, 's');
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'abcdxAZ019.-]$LP/_'.split(/(?=.)/)), maxLength: 6 }),
      (text) => {
        expect(pattern?.matches(text, unlimited)).toBe(reference.test(text));
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  ['\\..*', '', 'Patient.name.given', 'Patient'],
  ['a', 'aa', 'banana', 'baanaanaa'],
  ['(\\d+)-(\\d+)', '$2/$1', 'on 12-05.', 'on 05/12.'],
  ['(?<month>\\d+)-(?<day>\\d+)', '${day}.${month}.', '12-05', '05.12.'],
  ['x*', '-', 'ab', '-a-b-'],
  ['z', '$$', 'az', 'a$'],
])('%s is replaced by %s', (source, replacement, text, expected) => {
  const pattern = LinearPattern.parse(source, unlimited);
  expect(pattern?.replace(text, replacement, unlimited)).toBe(expected);
});

test.each([
  '(?=a)',
  '(?<!a)b',
  '(a)\\1',
  'a**b(',
  '[a',
  '(',
  'a{3,1}',
  'a{1001}',
  '(a{100}){100}',
  '(abcdefghij){500}',
  '\\p',
  '('.repeat(600),
])('%s is not known', (source) => {
  expect(LinearPattern.parse(source, unlimited)).toBeUndefined();
});

const hostile: [string, string][] = [
  ['^(a+)+$', `${'a'.repeat(20_000)}!`],
  ['(a|a|aa)*(a*)*b', 'a'.repeat(5_000)],
  ['(.*a){20}b', 'a'.repeat(1_000)],
  ['(a|b)*a(a|b){60}', 'ab'.repeat(500)],
  ['(x+x+)+y', 'x'.repeat(8_000)],
];

test.each(hostile)('%s takes no more steps than characters times instructions', (source, text) => {
  const pattern = LinearPattern.parse(source, unlimited);
  expect(pattern?.matches(text, new StepBudget(200_000))).toBe(false);
});

test('a text that is too long for a pattern is refused before it is looked at', () => {
  const pattern = LinearPattern.parse('(a|b)*a(a|b){60}', unlimited);
  const steps = new StepBudget(1e9);
  expect(() => pattern?.matches('a'.repeat(1_000_000), steps)).toThrow(BudgetExceeded);
  expect(() => pattern?.replace('a'.repeat(1_000_000), 'b', steps)).toThrow(BudgetExceeded);
});

test('a replacement that makes a text longer again and again is stopped', () => {
  const pattern = LinearPattern.parse('a', unlimited);
  const steps = new StepBudget(100_000);
  let text = 'a';
  expect(() => {
    for (let n = 0; n < 60; n++) text = pattern?.replace(text, 'aa', steps) ?? '';
  }).toThrow(BudgetExceeded);
  expect(text.length).toBeLessThan(200_000);
});
