import fc from 'fast-check';
import type { Element } from '../elements.js';
import { fieldsAt, numberAt, textAt } from '../json.js';
import { escape } from '../query-text.js';
import type { Pointer } from '../references.js';
import type { Token } from '../tokens.js';
import { decimal, ownBase, pick } from './vocabulary.js';

/*
 * Texts that a search says about values: mostly what is there, said in one of the ways that the specification
 * gives, and sometimes something close to it.
 */
const prefix = pick('', '', '', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap');

export function tokenText(tokens: readonly Token[]): fc.Arbitrary<string> {
  const forms = pick('code', 'code', 'system|code', 'system|code', '|code', 'system|', 'upper', 'lower');
  return fc.tuple(pick(...tokens), forms, pick(...tokens)).map(([token, form, other]) => {
    const code = escape(token.code ?? other.code ?? 'x');
    const system = escape(token.system ?? other.system ?? 'http://example.org/a');
    switch (form) {
      case 'system|code':
        return token.system === undefined ? `|${code}` : `${system}|${code}`;
      case '|code':
        return `|${code}`;
      case 'system|':
        return `${system}|`;
      case 'upper':
        return code.toUpperCase();
      case 'lower':
        return code.toLowerCase();
      default:
        return code;
    }
  });
}

const accents: Readonly<Record<string, string>> = { u: 'ü', a: 'á', o: 'Ö', e: 'è' };

/** Part of a text, from its start or from inside, and sometimes in another case or with other accents. */
export function stringText(
  texts: readonly string[],
  from: 'start' | 'inside' = 'start',
): fc.Arbitrary<string> {
  const whole = fc.tuple(pick(...texts), fc.nat({ max: 320 }), fc.nat({ max: 8 }), pick(0, 1, 2, 3));
  return whole
    .map(([text, length, skipped, change]) => {
      const characters = Array.from(text);
      const start = from === 'inside' ? skipped % characters.length : 0;
      const part = characters.slice(start, start + 1 + (length % characters.length)).join('');
      if (change === 1) return part.toUpperCase();
      if (change === 2) return part.replace(/[uaoe]/g, (vowel) => accents[vowel] ?? vowel);
      return change === 3 ? part.replace(/[\p{P}\s]+/gu, '-') : part;
    })
    .filter((text) => /[\p{L}\p{N}]/u.test(text))
    .map(escape);
}

/** A date as it is, or cut to a coarser precision, with a prefix. */
export function dateText(dates: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(prefix, pick(...dates), pick(4, 7, 10, 100, 100))
    .map(([one, date, length]) => one + date.slice(0, length));
}

/** The number with more or fewer digits than it needs. */
const digits = fc.tuple(decimal, pick('', '0', '00', 'e')).map(([value, more]) => {
  const text = String(value);
  if (more === 'e') return value.toExponential(1);
  return more === '' || text.includes('.') ? text + more : `${text}.${more}`;
});
export const numberText = fc.tuple(prefix, digits).map(([one, number]) => one + number);

const related = [
  ['mg', 0.001, 'g'],
  ['g', 1000, 'mg'],
  ['ug', 0.001, 'mg'],
  ['mm[Hg]', 0.133322387415, 'kPa'],
  ['kPa', 1000, 'Pa'],
  ['Cel', 1, 'K'],
  ['a', 12, 'mo'],
] as const;

/** The number and unit of a quantity, a range or an amount of money, another number, or a related unit. */
export function quantityText(values: readonly unknown[]): fc.Arbitrary<string> {
  const forms = pick('number', 'all', 'all', 'related', 'related', '||code', '||unit', 'system|');
  return fc
    .tuple(prefix, pick(...values), digits, forms, fc.boolean())
    .map(([one, value, other, form, isSame]) => {
      const quantity = [value, fieldsAt(value, 'low'), fieldsAt(value, 'high')].find(
        (owner) => numberAt(owner, 'value') !== undefined,
      );
      const number = isSame ? String(numberAt(quantity, 'value') ?? 0) : other;
      return one + unitText(number, quantity, form);
    });
}

function unitText(number: string, quantity: unknown, form: string): string {
  const [system = '', code = '', unit = ''] = ['system', 'code', 'unit'].map((key) =>
    escape(textAt(quantity, key) ?? ''),
  );
  const [, factor = 1, relative = code] = related.find(([from]) => from === code) ?? [];
  if (form === 'related' && system !== '' && code !== '') {
    return `${Number((Number(number) * factor).toPrecision(4))}|${system}|${relative}`;
  }
  if (form === 'all' && system !== '' && code !== '') return `${number}|${system}|${code}`;
  if (form === '||code' && code !== '') return `${number}||${code}`;
  if (form === '||unit' && unit !== '') return `${number}||${unit}`;
  return form === 'system|' && system !== '' ? `${number}|${system}|` : number;
}

export function referenceText(pointers: readonly Pointer[]): fc.Arbitrary<string> {
  return fc
    .tuple(pick(...pointers), pick('id', 'type', 'type', 'base', 'version'))
    .map(([{ type, id, url, version }, form]) => {
      if (id === undefined)
        return version === undefined || form === 'id' ? (url ?? '') : versioned(url ?? '', version);
      if (form === 'id') return id;
      const text = `${form === 'base' ? `${ownBase}/` : ''}${type ?? ''}/${id}`;
      return form === 'version' ? `${text}/_history/${version ?? '1'}` : text;
    })
    .map(escapeExceptBar);
}

const versioned = (url: string, version: string): string =>
  /\/[A-Z]\w+\/[^/]+$/.test(url) ? `${url}/_history/${version}` : `${url}|${version}`;

const escapeExceptBar = (text: string): string => text.replace(/[\\,$]/g, '\\$&');

export function uriText(uris: readonly string[]): fc.Arbitrary<string> {
  return pick(...uris).map(escape);
}

/** A canonical with its version, or a version above or below it. */
export function versionText(canonicals: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(pick(...canonicals), pick('', '.3', '.0'), pick(0, 0, 2))
    .map(([text, more, cut]) => (cut === 0 ? text + more : text.replace(/\.[^.|]*$/, '')))
    .filter((text) => text.includes('|'));
}

/** A place that an element holds, or close to it, with a distance that no two of the places have. */
export function nearText(elements: readonly Element[]): fc.Arbitrary<string> {
  const moves = pick(0, 0, 0.004, -0.004);
  const reaches = pick('', '|0.1', '|1.2|km', '|2500|m', '|40', '|5|[mi_i]', '|9000|km');
  return fc.tuple(pick(...elements), moves, moves, reaches).map(([{ value }, north, east, reach]) => {
    const [latitude = 0, longitude = 0] = [numberAt(value, 'latitude'), numberAt(value, 'longitude')];
    return `${Number((latitude + north).toFixed(3))}|${Number((longitude + east).toFixed(3))}${reach}`;
  });
}

/** Dates as an element writes them. */
export function writtenDates({ value }: Element): string[] {
  if (typeof value === 'string') return [value];
  const ends = [textAt(value, 'start'), textAt(value, 'end')];
  return ends.filter((text) => text !== undefined);
}
