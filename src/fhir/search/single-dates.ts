import type { Definitions } from '../definitions/index.js';
import { isSingle } from './extraction/index.js';
import type { SearchExpression } from './query.js';

/**
 * Dates that a filter asks about more than once, and of which a resource of each type has one value at the most. Where
 * there may be several, each condition may be met by another of them. Source: FHIR R4 search.html#combining.
 */
export function singleDates(
  filter: readonly SearchExpression[],
  types: readonly string[],
  definitions: Definitions,
): readonly string[] {
  const codes = filter.flatMap((one) => (one.kind === 'parameter' && one.type === 'date' ? [one.code] : []));
  const repeated = codes.filter((code, place) => codes.indexOf(code) !== place);
  return [...new Set(repeated)].filter((code) => types.every((type) => isSingle(code, type, definitions)));
}
