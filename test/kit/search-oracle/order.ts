import { spansOf } from './dates.js';
import { amountsOf } from './decimals.js';
import { elementsOf, type Element } from './elements.js';
import { fold } from './fold.js';
import { publishedParameter } from './published.js';
import { numbersOf } from './quantities.js';
import { pointersOf } from './references.js';
import { textsOf, urisOf } from './texts.js';
import { tokensOf } from './tokens.js';
import type { WorldResource } from './world.js';

type SortValue = string | number;

/**
 * Ascending by the smallest value of each key, descending by the largest; what has no value comes last in
 * either direction. What is equal in all keys: the newest created first, save where `_id` or `_lastUpdated` alone is
 * sorted ascending. Source: FHIR R4 search.html#sort and docs/adr/0008.
 */
export function compareBy(
  sort: string,
  bases: readonly string[],
): (a: WorldResource, b: WorldResource) => number {
  const keys = sort === '' ? [] : sort.split(',');
  const isAscending = sort === '_lastUpdated' || sort === '_id';
  return (a, b) => {
    for (const key of keys) {
      const order = compareKey(key, bases, a, b);
      if (order !== 0) return order;
    }
    return isAscending ? a.order - b.order : b.order - a.order;
  };
}

function compareKey(key: string, bases: readonly string[], a: WorldResource, b: WorldResource): number {
  const descending = key.startsWith('-');
  const code = descending ? key.slice(1) : key;
  const [left, right] = [a, b].map((resource) => sortValue(resource, code, descending, bases));
  if (left === undefined || right === undefined) {
    return Number(left === undefined) - Number(right === undefined);
  }
  return descending ? compare(right, left) : compare(left, right);
}

/** Texts by the bytes of their UTF-8 form. */
function compare(a: SortValue, b: SortValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : Number(a > b);
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}

function sortValue(
  resource: WorldResource,
  code: string,
  descending: boolean,
  bases: readonly string[],
): SortValue | undefined {
  if (code === '_id') return resource.id;
  if (code === '_lastUpdated') return resource.lastUpdated;
  const parameter = publishedParameter(resource.type, code);
  if (parameter === undefined) return undefined;
  const values = elementsOf(resource, parameter)
    .flatMap((element) => sortValues(parameter.type, element, descending, bases))
    .sort(compare);
  return descending ? values.at(-1) : values[0];
}

function sortValues(
  type: string,
  element: Element,
  descending: boolean,
  bases: readonly string[],
): SortValue[] {
  switch (type) {
    case 'token':
      return tokensOf(element)
        .map(({ code, ignoresCase }) => (ignoresCase ? code?.toLowerCase() : code))
        .filter((code) => code !== undefined);
    case 'string':
      return textsOf(element).map(fold);
    case 'date':
      return spansOf(element).map(({ first, last }) => (descending ? last : first));
    case 'number':
      return amountsOf(element).map(({ value }) => value);
    case 'quantity':
      return numbersOf(element);
    case 'reference':
      return pointersOf(element, bases).map(({ id, url }) => id ?? url ?? '');
    case 'uri':
      return urisOf(element);
    default:
      throw new Error(`nothing to sort by: ${type}`);
  }
}
