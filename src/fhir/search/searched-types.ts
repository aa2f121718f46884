import { invalidValue, repeatedParameter } from './search-errors.js';

/**
 * The types that `_type` narrows a search of several types to. Source: FHIR R4 http.html#search.
 *
 * @param known the types that may be named
 * @returns undefined: it does not stand there
 * @throws FirekeepError 400 `FHIR_SEARCH_INVALID_VALUE`, `FHIR_SEARCH_REPEATED_PARAMETER`
 */
export function searchedTypes(
  parameters: readonly (readonly [name: string, value: string])[],
  known: readonly string[],
): readonly string[] | undefined {
  const [found, ...more] = parameters.filter(([name]) => name === '_type');
  if (found === undefined) return undefined;
  if (more.length > 0) throw repeatedParameter('_type');
  const [, value] = found;
  const names = [...new Set(value.split(','))];
  const isKnown = new Set(known);
  const unknown = names.find((name) => !isKnown.has(name));
  if (unknown !== undefined) {
    throw invalidValue('_type', unknown, 'resource types that are searched here, separated by commas');
  }
  return names;
}
