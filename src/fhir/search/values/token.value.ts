import { splitUnescaped, unescapeValue } from '../escaping.js';
import { ofTypeCode } from '../derived-values.js';
import type { SimpleTest } from '../query.js';
import { invalidValue } from '../search-errors.js';

/**
 * `code` (of any system or none), `system|code`, `|code` (no system), `system|` (any code of the system).
 * Source: FHIR R4 search.html#token.
 */
export function parseTokenTest(name: string, text: string): SimpleTest {
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

/**
 * `system|code|value`: identifiers of a type, by a coding of the type and the identifier's value; all three parts.
 * Source: FHIR R4 search.html#token.
 */
export function parseOfTypeTest(name: string, text: string): SimpleTest {
  const parts = splitUnescaped(text, '|').map(unescapeValue);
  const [system, code, value] = parts;
  if (!system || !code || !value || parts.length > 3) {
    throw invalidValue(
      name,
      text,
      'system|code|value: system and code of the type of an identifier, and its value',
    );
  }
  return { type: 'token', system, code: ofTypeCode(code, value) };
}
