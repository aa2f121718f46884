import fc from 'fast-check';
import { parseResource } from './parsed-resource.js';
import { indentJson } from './pretty.js';
import { readResourceText, spliceVersion } from './resource-text.js';
import { volume } from '../../../test/kit/volume.js';

const identity = { id: 'x1', version: 3, lastUpdated: Date.UTC(2024, 4, 1) };
const head =
  '{"resourceType":"Patient","id":"x1","meta":{"versionId":"3","lastUpdated":"2024-05-01T00:00:00.000Z"';
const splice = (text: string): string =>
  spliceVersion(readResourceText(Buffer.from(text)), identity).toString();

/** JSON as text, with every freedom that the grammar gives: white space, spelling of numbers and strings. */
const space = fc.constantFrom('', '', ' ', '\n', '\t', '\r\n  ');
const number = fc.constantFrom(
  '0',
  '-0',
  '1.00',
  '-1.50e+10',
  '1E400',
  '123456789012345678901234567890.10',
  '7',
);
const string = fc
  .array(
    fc.constantFrom(
      'a',
      'é',
      '😀',
      '\\n',
      '\\"',
      '\\\\',
      '\\/',
      '\\u00e9',
      '\\ud83d\\ude00',
      '{',
      '}',
      ',',
      ':',
      ' ',
    ),
  )
  .map((parts) => `"${parts.join('')}"`);
interface Spelled {
  readonly loose: string;
  readonly compact: string;
}
const scalar = fc
  .oneof(number, string, fc.constantFrom('true', 'false', 'null'))
  .map((text): Spelled => ({ loose: text, compact: text }));
const { value } = fc.letrec<{ value: Spelled }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc
      .tuple(fc.array(fc.tuple(space, tie('value'), space), { maxLength: 4 }), space)
      .map(([elements, blank]) => ({
        loose: `[${elements.map(([before, { loose }, after]) => before + loose + after).join(',')}${elements.length === 0 ? blank : ''}]`,
        compact: `[${elements.map(([, { compact }]) => compact).join(',')}]`,
      })),
    fc.array(fc.tuple(space, tie('value'), space), { maxLength: 4 }).map((members) => ({
      loose: `{${members.map(([before, { loose }, after], index) => `${before}"k${index}"${after}:${before}${loose}${after}`).join(',')}}`,
      compact: `{${members.map(([, { compact }], index) => `"k${index}":${compact}`).join(',')}}`,
    })),
  ),
}));

describe('the text of a resource', () => {
  it('keeps everything but white space, id and own meta, however it is spelled and ordered', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(space, value), { maxLength: 6 }),
        fc.array(fc.nat(8), { minLength: 3, maxLength: 3 }),
        fc.boolean(),
        fc.boolean(),
        (values, positions, withMeta, withBom) => {
          const members = values.map(
            ([blank, { loose }], index) => `${blank}"m${index}"${blank}:${blank}${loose}${blank}`,
          );
          const own = [
            '"resourceType" : "Patient"',
            '"id":"old"',
            '"meta": {"versionId":"9" , "tag" : [ 1.0 ],"lastUpdated":"x"}',
          ];
          own
            .slice(0, withMeta ? 3 : 2)
            .forEach((member, index) => members.splice(positions[index] ?? 0, 0, member));
          const text = `${withBom ? '\ufeff' : ''} {${members.join(',')}}\n`;
          const rest = values.map(([, { compact }], index) => `,"m${index}":${compact}`).join('');
          expect(splice(text)).toBe(`${head}${withMeta ? ',"tag":[1.0]' : ''}}${rest}}`);
        },
      ),
      { numRuns: volume(300) },
    );
  });

  it('comes out of its own indentation as it was', () => {
    fc.assert(
      fc.property(value, ({ compact }) => {
        const text = splice(`{"resourceType":"Patient","x":${compact}}`);
        const indented = indentJson(Buffer.from(text)).toString();
        expect(splice(indented)).toBe(text);
        expect(JSON.parse(indented)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('tells how decimals are spelled, by owner and key', () => {
    const text = readResourceText(
      Buffer.from('{"resourceType":"X","a":[1,2.50,{"b":3.0}],"c":1e2,"d":12345678901234567890,"e":0.5}'),
    );
    const { object, decimalText } = parseResource(text);
    const list = object.a as [number, number, { b: number }];
    expect(decimalText(list, 0)).toBeUndefined();
    expect(decimalText(list, 1)).toBe('2.50');
    expect(decimalText(list[2], 'b')).toBe('3.0');
    expect(decimalText(object, 'c')).toBe('1e2');
    expect(decimalText(object, 'd')).toBe('12345678901234567890');
    expect(decimalText(object, 'e')).toBeUndefined();
  });

  it('agrees with JSON.parse on what is well-formed', () => {
    const pieces = fc.constantFrom(
      ...'{}[]:,"\\ \n0123.-+eEtrufalsn'.split(''),
      '"a"',
      'true',
      'null',
      '1.5',
    );
    const accepts = (work: () => unknown): boolean => {
      try {
        work();
        return true;
      } catch {
        return false;
      }
    };
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        const text = `{"resourceType":"X","v":${parts.join('')}}`;
        const parses = accepts(() => JSON.parse(text));
        const reads = accepts(() => readResourceText(Buffer.from(text)));
        // A key that stands twice on the top level is refused at once; JSON.parse takes it.
        if (reads !== parses) expect(text.match(/"v"|"a"/g)?.length).toBeGreaterThan(1);
      }),
      { numRuns: volume(3_000) },
    );
  });

  it.each([
    ['01', 'FHIR_MALFORMED_JSON'],
    ['1.', 'FHIR_MALFORMED_JSON'],
    ['.5', 'FHIR_MALFORMED_JSON'],
    ['+1', 'FHIR_MALFORMED_JSON'],
    ['1e', 'FHIR_MALFORMED_JSON'],
    ['NaN', 'FHIR_MALFORMED_JSON'],
    ['tru', 'FHIR_MALFORMED_JSON'],
    ["'a'", 'FHIR_MALFORMED_JSON'],
    ['"\n"', 'FHIR_MALFORMED_JSON'],
    ['"\\x"', 'FHIR_MALFORMED_JSON'],
    ['"\\u12g4"', 'FHIR_MALFORMED_JSON'],
    ['[1,]', 'FHIR_MALFORMED_JSON'],
    ['{"a":1,}', 'FHIR_MALFORMED_JSON'],
    ['[1 2]', 'FHIR_MALFORMED_JSON'],
    ['[1}', 'FHIR_MALFORMED_JSON'],
    ['1} {', 'FHIR_MALFORMED_JSON'],
    ['"', 'FHIR_MALFORMED_JSON'],
    [`${'['.repeat(64)}${']'.repeat(64)}`, 'FHIR_JSON_LIMIT'],
  ])('refuses %s as a value', (bad, code) => {
    const text = Buffer.from(`{"resourceType":"X","v":${bad}}`);
    expect(() => readResourceText(text)).toThrow(expect.objectContaining({ code }));
  });

  it('takes 63 levels below the resource', () => {
    const text = Buffer.from(`{"resourceType":"X","v":${'['.repeat(63)}${']'.repeat(63)}}`);
    expect(readResourceText(text).type).toBe('X');
  });

  it.each(['{"a":{"b":1,"b":2}}', '{"a":[{"b":1},{"c":1,"c":1}]}', '{"a":{"b":1,"\\u0062":2}}'])(
    'refuses the key that stands twice in %s',
    (member) => {
      const text = readResourceText(Buffer.from(`{"resourceType":"X","x":${member}}`));
      expect(() => parseResource(text)).toThrow(expect.objectContaining({ code: 'FHIR_DUPLICATE_KEY' }));
    },
  );

  it.each(['"id"', '"\\u0069d"', '"meta"', '"resourceType"', '"x"'])(
    'refuses %s twice at the top',
    (name) => {
      const text = `{"resourceType":"X","id":"a","meta":{},"x":1,${name}:"b"}`;
      expect(() => readResourceText(Buffer.from(text))).toThrow(
        expect.objectContaining({ code: 'FHIR_DUPLICATE_KEY' }),
      );
    },
  );

  it.each(['__proto__', '\\u005f_proto__', 'constructor', 'prototype', '1'])('refuses the key %s', (key) => {
    const text = readResourceText(Buffer.from(`{"resourceType":"X","x":[{"${key}":{}}]}`));
    expect(() => parseResource(text)).toThrow(expect.objectContaining({ code: 'FHIR_FORBIDDEN_KEY' }));
  });

  it('says where bytes are not UTF-8', () => {
    const text = Buffer.concat([Buffer.from('{"é":"'), Buffer.of(0xed, 0xa0, 0x80), Buffer.from('"}')]);
    expect(() => readResourceText(text)).toThrow(/byte 7/);
  });
});
