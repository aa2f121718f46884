import { dateRange } from '../extraction/index.js';
import type { DatePrefix } from '../query.js';
import { invalidValue } from '../search-errors.js';
import { splitPrefix } from '../value-context.js';

/**
 * A date of any precision stands for the range of instants that it names; the prefix says how the ranges of
 * search and resource must lie. Source: FHIR R4 search.html#date.
 *
 * `ap` asks for an overlap without widening: a margin that depends on the current time would change the
 * matches from page to page.
 */
export function parseDateTest(
  name: string,
  text: string,
  zone: string,
): { readonly type: 'date'; readonly prefix: DatePrefix; readonly low: number; readonly high: number } {
  const { prefix, rest } = splitPrefix(text);
  // A `+` of an offset that was not percent-encoded arrives as a space.
  const range = dateRange(rest.replace(/ (?=\d\d:\d\d$)/, '+'), zone);
  if (range === undefined) {
    throw invalidValue(
      name,
      text,
      'a date such as ge2024-01-31, with a time such as 2024-01-31T08:30:00Z if needed',
    );
  }
  return { type: 'date', prefix, low: range.low, high: range.high };
}
