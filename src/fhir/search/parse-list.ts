import { splitUnescaped } from './escaping.js';
import type { SearchExpression } from './query.js';
import { invalidValue, unsupportedModifier, unsupportedParameter } from './search-errors.js';

/**
 * `_list=42`: what the entries of List 42 refer to; of several, those of any. It is asked as `_has` is, so that a list
 * which the caller may not see has no entries.
 *
 * Source: FHIR R4 search.html#list.
 *
 * @throws FirekeepError 400 `FHIR_SEARCH_INVALID_VALUE`, `FHIR_SEARCH_UNSUPPORTED_…`
 */
export function parseList(name: string, modifier: string | undefined, value: string): SearchExpression {
  if (modifier !== undefined) throw unsupportedModifier(name, 'this parameter has none.');
  const ids = splitUnescaped(value, ',');
  for (const id of ids) {
    if (id.startsWith('$')) {
      throw unsupportedParameter(
        name,
        'functional lists such as $current-allergies are not kept; name the id of a List.',
      );
    }
    if (!/^[A-Za-z0-9\-.]{1,64}$/.test(id)) throw invalidValue(name, id, 'the id of a List');
  }
  return { kind: 'has', type: 'List', code: 'item', operand: { kind: 'id', ids } };
}
