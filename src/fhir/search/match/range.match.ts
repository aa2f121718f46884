import type { DatePrefix } from '../query.js';

interface Range {
  readonly low: number;
  readonly high: number;
}

/** How the range of a date, both ends included, must lie to that of the search. Source: FHIR R4 search.html#prefix. */
export function matchesRange(search: Range & { readonly prefix: DatePrefix }, { low, high }: Range): boolean {
  const isInside = low >= search.low && high <= search.high;
  switch (search.prefix) {
    case 'eq':
      return isInside;
    case 'ne':
      return !isInside;
    case 'gt':
      return high > search.high;
    case 'lt':
      return low < search.low;
    case 'ge':
      return isInside || high > search.high;
    case 'le':
      return isInside || low < search.low;
    case 'sa':
      return low > search.high;
    case 'eb':
      return high < search.low;
    case 'ap':
      return low <= search.high && high >= search.low;
    case 'co':
      return low <= search.low && high >= search.high;
  }
}

/** Beyond this an end of a range is open: the value had a comparator (`<5`), or its Range has one end. */
const OPEN = 1e308;

/**
 * A value counts by itself, not by the range of its digits; `<5` and `>5` reach without end to their side.
 * Source: FHIR R4 search.html#number.
 */
export function matchesNumber(
  search: Range & { readonly prefix: DatePrefix; readonly value: number },
  { value, low, high }: Range & { readonly value: number },
): boolean {
  const openBelow = low <= -OPEN;
  const openAbove = high >= OPEN;
  const isEqual = value >= search.low && value < search.high && !openBelow && !openAbove;
  switch (search.prefix) {
    case 'eq':
      return isEqual;
    case 'ne':
      return !isEqual;
    case 'gt':
      return value > search.value || openAbove;
    case 'ge':
      return value >= search.value || openAbove;
    case 'lt':
      return value < search.value || openBelow;
    case 'le':
      return value <= search.value || openBelow;
    case 'sa':
      return value > search.value && !openBelow;
    case 'eb':
      return value < search.value && !openAbove;
    case 'co':
      return low <= search.value && high > search.value;
    case 'ap':
      return (
        (value >= search.low && value <= search.high) ||
        (openBelow && high >= search.low) ||
        (openAbove && low <= search.high)
      );
  }
}
