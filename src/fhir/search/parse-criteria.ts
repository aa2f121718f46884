import { FirekeepError } from '../../platform/errors/index.js';
import { isIncludeParameter } from './parse-include.js';
import { parseSearch } from './parse-search.js';
import type { SearchParameterPair } from './parse-search.js';
import type { SearchReading } from './search-reading.js';
import type { SearchQuery } from './query.js';
import { isControlParameter } from './result-controls.js';
import { shown } from './search-errors.js';

/**
 * Reads criteria as If-None-Exist, conditional interactions and conditional references give them
 * (`identifier=http://example.org|1`, percent-encoded). Always strict: a parameter that was left out would make
 * the criteria match what they must not. The query asks for two matches: one is used, two are an error.
 *
 * Source: FHIR R4 http.html#ccreate, http.html#trules.
 *
 * @throws FirekeepError 400 `FHIR_SEARCH_…`
 */
export function parseCriteria(
  type: string,
  queryString: string,
  reading: SearchReading & { readonly repository: string },
): SearchQuery {
  const parameters = decodeQueryString(queryString);
  const control = parameters.find(([name]) => isControlParameter(name) || isIncludeParameter(name));
  if (control !== undefined) {
    throw new FirekeepError(
      'invalid',
      'FHIR_SEARCH_CRITERIA_CONTROL',
      `"${control[0]}" shapes an answer and has no place in criteria. Leave it out.`,
    );
  }
  if (parameters.length === 0) throw emptyCriteria(type);
  const { query } = parseSearch({ ...reading, types: [type], parameters, handling: 'strict' });
  if (query.filter.length === 0) throw emptyCriteria(type);
  return { ...query, count: 2 };
}

function emptyCriteria(type: string): FirekeepError {
  return new FirekeepError(
    'invalid',
    'FHIR_SEARCH_CRITERIA_EMPTY',
    `The criteria name no search parameter and would match every ${type}. Name at least one.`,
  );
}

/**
 * The names and values of a query string, in order, with or without its question mark. `+` is a space.
 *
 * @throws FirekeepError 400 `FHIR_SEARCH_ENCODING` where the percent-encoding is broken.
 */
export function decodeQueryString(queryString: string): SearchParameterPair[] {
  const text = queryString.startsWith('?') ? queryString.slice(1) : queryString;
  return text
    .split('&')
    .filter((part) => part !== '')
    .map((part): SearchParameterPair => {
      const equals = part.indexOf('=');
      const name = equals === -1 ? part : part.slice(0, equals);
      return [decode(name), equals === -1 ? '' : decode(part.slice(equals + 1))];
    });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new FirekeepError(
      'invalid',
      'FHIR_SEARCH_ENCODING',
      `"${shown(text)}" is not percent-encoded UTF-8. Encode % itself as %25.`,
    );
  }
}
