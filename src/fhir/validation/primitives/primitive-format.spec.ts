import { loadDefinitions } from '../../definitions/index.js';
import { compileValidator } from '../index.js';
import { primitiveFormat } from './primitive-format.js';

const definitions = loadDefinitions();
const accepts = (type: string, value: unknown) => {
  const { json, matches, maximum } = primitiveFormat(type, definitions);
  return (
    typeof value === json &&
    (matches as (value: unknown) => boolean)(value) &&
    (typeof value !== 'string' || value.length <= maximum)
  );
};

/** Good and bad values by type. Source: FHIR R4 datatypes.html. */
const values: Readonly<Record<string, { good: unknown[]; bad: unknown[] }>> = {
  boolean: { good: [true, false], bad: ['true', 1, 0] },
  integer: {
    good: [0, -1, 2147483647, -2147483648],
    bad: [1.5, 2147483648, -2147483649, '1', NaN, Infinity],
  },
  unsignedInt: { good: [0, 2147483647], bad: [-1, 0.5, 2147483648] },
  positiveInt: { good: [1, 2147483647], bad: [0, -1, 2147483648] },
  decimal: { good: [0, -1.5, 1e-300], bad: ['1', Infinity, NaN] },
  string: {
    good: ['x', ' x ', 'a\tb\r\nc', 'no\u00a0break', '😀', 'x'.repeat(1024 * 1024)],
    bad: [
      '',
      'a\u0000b',
      'bell\u0007',
      'a\u000bb',
      '\ud800',
      '\udc00x',
      '\ufffe',
      'x'.repeat(1024 * 1024 + 1),
    ],
  },
  markdown: { good: ['# x\n\n* y'], bad: ['', '\u0008', 'x'.repeat(1024 * 1024 + 1)] },
  code: {
    good: ['a', 'a b', 'a-b_c.d'],
    bad: ['', ' a', 'a ', 'a  b', 'a\tb', 'a\nb', 'a\u0001', 'a\uffff', '\ud800'],
  },
  id: { good: ['a', 'A-1.b', 'x'.repeat(64)], bad: ['', 'a_b', 'a b', 'é', 'x'.repeat(65), 'a\n'] },
  uri: {
    good: ['http://x', 'urn:x', '#a', 'a/b', 'é', '😀'],
    bad: ['', 'a b', ' a', 'a\n', 'a\u0000', 'a\uffff', 'a\ufffe', '\ud800'],
  },
  url: { good: ['https://x/y'], bad: ['', 'x y'] },
  canonical: { good: ['http://x|1.0#y'], bad: ['', 'x y'] },
  oid: { good: ['urn:oid:1.2.3', 'urn:oid:2.0'], bad: ['1.2.3', 'urn:oid:3.1', 'urn:oid:1.02', 'urn:oid:1'] },
  uuid: {
    good: ['urn:uuid:c757873d-ec9a-4326-a141-556f43239520'],
    bad: [
      'c757873d-ec9a-4326-a141-556f43239520',
      'urn:uuid:C757873D-EC9A-4326-A141-556F43239520',
      'urn:uuid:c757',
    ],
  },
  date: {
    good: ['2018', '1973-06', '1905-08-23', '2024-02-29', '2000-02-29', '0001-01-01'],
    bad: [
      '0000',
      '2018-13',
      '2018-00',
      '2018-1',
      '2023-02-29',
      '1900-02-29',
      '2018-04-31',
      '2018-01-32',
      '2018-01-01T00:00:00Z',
      '',
      '18',
      '2018-01-01\n',
    ],
  },
  dateTime: {
    good: [
      '2018',
      '2018-02',
      '2018-02-03',
      '2018-02-03T23:59:60Z',
      '2018-02-03T10:00:00.123456+14:00',
      '2018-02-03T10:00:00-05:30',
    ],
    bad: [
      '2018-02-03T10:00',
      '2018-02-03T10:00:00',
      '2018-02-03T24:00:00Z',
      '2018-02-03T10:60:00Z',
      '2018-02-30T10:00:00Z',
      '2018-02-03 10:00:00Z',
      '2018-02-03T10:00:00+14:30',
      '2018-02-03T10:00:00.Z',
    ],
  },
  instant: {
    good: ['2015-02-07T13:28:17.239+02:00', '2017-01-01T00:00:00Z'],
    bad: ['2017-01-01', '2017', '2017-01-01T00:00Z', '2017-01-01T00:00:00', '2017-02-29T00:00:00Z'],
  },
  time: { good: ['00:00:00', '23:59:60.5'], bad: ['24:00:00', '12:00', '12:00:00Z', '12:61:00'] },
  base64Binary: {
    good: ['QQ==', 'QUI=', 'QUJD', 'QUJD QUJD\r\nQQ==', 'QUJD\n', ' QUJD', '+/+/'],
    bad: [
      '',
      ' ',
      'Q',
      'QUJ',
      'Q===',
      '====',
      'QQ==QQ==',
      'Q=Q=',
      'QU JD',
      'QUJ-',
      'QUJD=',
      'é===',
      'QQ=\u007f',
    ],
  },
};

describe.each(Object.entries(values))('%s', (type, { good, bad }) => {
  it.each(good.map((value) => [JSON.stringify(value).slice(0, 60), value]))('accepts %s', (_text, value) => {
    expect(accepts(type, value)).toBe(true);
  });

  it.each(bad.map((value) => [JSON.stringify(value).slice(0, 60), value]))('refuses %s', (_text, value) => {
    expect(accepts(type, value)).toBe(false);
  });
});

it('every primitive type of the definitions has a format', () => {
  const used = new Set(
    definitions.resourceTypes
      .concat('Extension')
      .flatMap((name) => [...(definitions.type(name)?.elements.values() ?? [])])
      .flatMap(({ types }) => types.map(({ code }) => code))
      .filter((code) => definitions.type(code)?.kind === 'primitive-type'),
  );
  used.delete('xhtml');
  expect(used.size).toBe(19);
  for (const type of used) expect(() => primitiveFormat(type, definitions)).not.toThrow();
});

it('base64 that nothing completes is refused in linear time', () => {
  expect(accepts('base64Binary', `${'QUJD'.repeat(250_000)}!`)).toBe(false);
});

describe('how a text spells a whole number', () => {
  const validate = compileValidator(definitions);
  const errors = (value: number, lexeme: string | undefined) =>
    validate(
      { resourceType: 'Patient', multipleBirthInteger: value },
      { mode: 'structure', lexeme: (_owner, key) => (key === 'multipleBirthInteger' ? lexeme : undefined) },
    ).map(({ code, message }) => `${code}: ${message}`);

  it('takes digits only', () => {
    expect(errors(2, undefined)).toEqual([]);
    expect(errors(0, '-0')).toEqual([]);
  });

  it.each([
    [1, '1.0'],
    [100, '1e2'],
  ])('%d as %s is none', (value, lexeme) => {
    expect(errors(value, lexeme)).toEqual([
      `value: A whole number from -2147483648 to 2147483647, without fraction or exponent, is expected here, not "${lexeme}".`,
    ]);
  });
});
