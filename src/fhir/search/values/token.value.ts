import { splitUnescaped, unescapeValue } from '../escaping.js';
import type { ParameterTest } from '../query.js';
import { invalidValue } from '../search-errors.js';

/**
 * `code` (of any system or none), `system|code`, `|code` (no system), `system|` (any code of the system).
 * Source: FHIR R4 search.html#token.
 */
export function parseTokenTest(name: string, text: string): ParameterTest {
  const parts = splitUnescaped(text, '|').map(unescapeValue);
  const [first, code] = parts;
  const expected = 'code, system|code, |code or system|, with \\| for a bar that belongs to one of them';
  if (first === undefined || parts.includes(undefined) || parts.length > 2) {
    throw invalidValue(name, text, expected);
  }
  if (code === undefined) return { type: 'token', system: undefined, code: first };
  if (first === '' && code === '') throw invalidValue(name, text, expected);
  return { type: 'token', system: first === '' ? null : first, code: code === '' ? undefined : code };
}
