import { isStorableText } from '../../../platform/text/index.js';
import type { Definitions } from '../../definitions/index.js';
import { isBase64 } from './base64.js';
import { hasRealDay } from './calendar.js';

/** What a value of a primitive type looks like in JSON. Source: FHIR R4 datatypes.html, json.html. */
export interface PrimitiveFormat {
  readonly json: 'string' | 'number' | 'boolean';
  readonly matches: (value: never) => boolean;
  /** Completes "… is expected". */
  readonly expectation: string;
  /** Most characters. */
  readonly maximum: number;
  /** The text must not write the number with a fraction or an exponent. */
  readonly whole: boolean;
}

const maximumString = 1024 * 1024;

/** Patterns with an unambiguous way to match each character, so that they take linear time. */
const code =
  /^[^\s\u0000-\u001f\ufffe\uffff\p{Surrogate}]+( [^\s\u0000-\u001f\ufffe\uffff\p{Surrogate}]+)*$/u;
const uri = /^[^\s\u0000-\u001f\ufffe\uffff\p{Surrogate}]+$/u;

function text(matches: (value: string) => boolean, expectation: string, maximum = Infinity): PrimitiveFormat {
  return { json: 'string', matches, expectation, maximum, whole: false };
}

function whole(from: number, to: number): PrimitiveFormat {
  return {
    json: 'number',
    matches: (value: number) => Number.isInteger(value) && value >= from && value <= to,
    expectation: `a whole number from ${from} to ${to}, without fraction or exponent,`,
    maximum: Infinity,
    whole: true,
  };
}

const largest = 2 ** 31 - 1;

/** Formats that are told in code, since their published pattern is too lax, too slow, or not for JavaScript. */
const written: Readonly<Record<string, PrimitiveFormat>> = {
  boolean: {
    json: 'boolean',
    matches: () => true,
    expectation: 'true or false',
    maximum: Infinity,
    whole: false,
  },
  integer: whole(-(2 ** 31), largest),
  unsignedInt: whole(0, largest),
  positiveInt: whole(1, largest),
  decimal: {
    json: 'number',
    matches: (value: number) => Number.isFinite(value),
    expectation: 'a number of at most some 1e308',
    maximum: Infinity,
    whole: false,
  },
  string: text(
    (value) => value !== '' && isStorableText(value),
    'text without control characters',
    maximumString,
  ),
  markdown: text(
    (value) => value !== '' && isStorableText(value),
    'text without control characters',
    maximumString,
  ),
  code: text(
    (value) => code.test(value),
    'a code, without white space but single spaces inside,',
    maximumString,
  ),
  uri: text((value) => uri.test(value), 'a URI, without white space,'),
  'element-id': text((value) => uri.test(value), 'an id, without white space,', maximumString),
  base64Binary: text(isBase64, 'base64 in groups of four characters'),
};

/** What is expected where the published pattern decides. */
const published: Readonly<Record<string, string>> = {
  date: 'a date of the calendar as YYYY, YYYY-MM or YYYY-MM-DD',
  dateTime: 'a date as YYYY, YYYY-MM, YYYY-MM-DD, or with time and zone as YYYY-MM-DDThh:mm:ss+zz:zz,',
  instant: 'a moment as YYYY-MM-DDThh:mm:ss.sss+zz:zz',
  time: 'a time as hh:mm:ss',
  id: 'an id, 1 to 64 of the characters A-Z, a-z, 0-9, "-" and ".",',
  oid: 'an OID as urn:oid:1.2.3',
  uuid: 'a UUID as urn:uuid: with lower-case hexadecimal digits',
};

const withCalendar: ReadonlySet<string> = new Set(['date', 'dateTime', 'instant']);

/** The format of a primitive type; throws for a type that this validator does not know. */
export function primitiveFormat(type: string, definitions: Definitions): PrimitiveFormat {
  const known = type === 'url' || type === 'canonical' ? written.uri : written[type];
  if (known) return known;
  const regex = definitions.type(type)?.regex;
  const expectation = published[type];
  if (regex == null || expectation === undefined) throw new Error(`no format for the primitive type ${type}`);
  const pattern = new RegExp(`^(?:${regex})$`);
  return withCalendar.has(type)
    ? text((value) => pattern.test(value) && hasRealDay(value), expectation)
    : text((value) => pattern.test(value), expectation);
}
