import { FirekeepError } from '../../../platform/errors/index.js';
import { shown } from '../search-errors.js';

/** @param at index of the character in question; people count from 1 */
export function invalidFilter(at: number, reason: string): FirekeepError {
  return new FirekeepError(
    'invalid',
    'FHIR_SEARCH_INVALID_FILTER',
    `_filter, character ${at + 1}: ${reason}`,
  );
}

/** To be told with the place of the comparison: see `located`. */
export function unknownOperator(
  name: string,
  operator: string,
  kind: string,
  known: readonly string[],
): FirekeepError {
  return new FirekeepError(
    'invalid',
    'FHIR_SEARCH_INVALID_VALUE',
    `"${shown(name)}" is ${kind} and can't be compared by "${operator}". Use one of ${known.join(', ')}.`,
  );
}

const telling: ReadonlySet<string> = new Set([
  'FHIR_SEARCH_INVALID_FILTER',
  'FHIR_SEARCH_TOO_COMPLEX',
  'FHIR_SEARCH_INCOMPLETE_INDEX',
]);

/**
 * An error of a comparison with the place of it. Under lenient handling an unknown parameter is left out; one inside of
 * a filter is not, since what is left of the filter would say something else.
 */
export function located(error: unknown, at: number): unknown {
  if (!(error instanceof FirekeepError) || error.category !== 'invalid' || telling.has(error.code)) {
    return error;
  }
  return invalidFilter(at, error.message);
}
