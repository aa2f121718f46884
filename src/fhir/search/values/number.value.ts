import { decimalRange } from '../extraction/index.js';
import type { DatePrefix, SimpleTest } from '../query.js';
import { invalidValue } from '../search-errors.js';
import { splitPrefix } from '../value-context.js';

export interface NumberTest {
  readonly prefix: DatePrefix;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * A number stands for the range that its digits imply (`100` is [99.5, 100.5)) with `eq` and `ne`, for itself
 * with the other prefixes, and for a tenth around itself with `ap`. Undefined for what is no number.
 *
 * Source: FHIR R4 search.html#number, search.html#prefix.
 */
export function parseComparison(text: string): NumberTest | undefined {
  const { prefix, rest } = splitPrefix(text);
  const range = decimalRange(rest);
  if (range === undefined) return undefined;
  if (prefix !== 'ap') return { prefix, ...range };
  const margin = Math.abs(range.value) / 10;
  return {
    prefix,
    value: range.value,
    low: Math.min(range.low, range.value - margin),
    high: Math.max(range.high, range.value + margin),
  };
}

export function parseNumberTest(name: string, text: string): SimpleTest {
  const comparison = parseComparison(text);
  if (comparison === undefined) throw invalidValue(name, text, 'a number such as 100, gt5.40 or 1e-3');
  return { type: 'number', ...comparison };
}
