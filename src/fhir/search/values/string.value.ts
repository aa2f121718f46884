import { unescapeValue } from '../escaping.js';
import { normalizeString } from '../extraction/index.js';
import type { SimpleTest } from '../query.js';
import { invalidValue } from '../search-errors.js';
import type { ValueContext } from '../value-context.js';

/**
 * Starts with the text, whatever the case, accents and punctuation; `:contains` anywhere; `:exact` is the whole
 * text as written. Source: FHIR R4 search.html#string.
 */
export function parseStringTest(context: ValueContext, text: string): SimpleTest {
  const value = unescapeValue(text);
  if (value === undefined) throw invalidValue(context.name, text, 'a text with \\ only before , | $ or \\');
  if (context.modifier === 'exact') return { type: 'string', match: 'exact', text: value };
  const normalized = normalizeString(value);
  if (normalized === '') throw invalidValue(context.name, text, 'a text with at least one letter or digit');
  return {
    type: 'string',
    match: context.modifier === 'contains' ? 'contains' : 'starts',
    text: normalized,
  };
}
