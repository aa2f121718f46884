import { parseResource } from '../../format/parsed-resource.js';
import { readResourceText } from '../../format/resource-text.js';
import { deepFreeze, replacementText } from './replacement-text.js';

const text =
  '{"resourceType":"Basic","extension":[{"url":"a","valueDecimal":1.50},{"url":"b","valueDecimal":2.0}],"x":1e2}';

describe('the text of a replacement', () => {
  const original = parseResource(readResourceText(Buffer.from(text)));
  const write = (value: object): string => replacementText(value as never, original).toString();

  it('is the text of the original where nothing was changed, also in a copy', () => {
    expect(write(original.object)).toBe(text);
    expect(write({ ...original.object })).toBe(text);
    expect(write(structuredClone(original.object))).toBe(text);
  });

  it('keeps the digits of elements that have moved, and writes what is new', () => {
    const [first, second] = original.object.extension as [object, object];
    expect(
      write({ resourceType: 'Basic', extension: [second, first, { url: 'c', valueDecimal: 0.1 }] }),
    ).toBe(
      '{"resourceType":"Basic","extension":[{"url":"b","valueDecimal":2.0},{"url":"a","valueDecimal":1.50},{"url":"c","valueDecimal":0.1}]}',
    );
  });

  it('writes the new value where a decimal was changed in its place', () => {
    expect(write({ extension: [{ valueDecimal: 1.6 }], x: 100 })).toBe(
      '{"extension":[{"valueDecimal":1.6}],"x":1e2}',
    );
  });

  it('leaves members out that are undefined', () => {
    expect(write({ a: undefined, b: null, c: 'é' })).toBe('{"b":null,"c":"é"}');
  });

  it.each([
    ['a function', { a: () => 1 }],
    ['NaN', { a: NaN }],
    ['a hole in a list', { a: [undefined] }],
    ['a big integer', { a: 1n }],
  ])('can not hold %s', (_what, value) => expect(() => write(value)).toThrow('JSON'));

  it('can not refer to itself', () => {
    const cycle: Record<string, unknown> = {};
    cycle.a = cycle;
    expect(() => write(cycle)).toThrow('levels');
  });

  it('leaves nothing of the original to be changed', () => {
    const { extension } = deepFreeze(structuredClone(original.object));
    expect(() => Object.assign((extension as object[])[0] ?? {}, { url: 'other' })).toThrow(TypeError);
  });
});
