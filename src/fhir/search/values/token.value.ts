import { splitUnescaped, unescapeValue } from '../escaping.js';
import { ofTypeCode } from '../derived-values.js';
import type { Lookup, SimpleTest } from '../query.js';
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

/** `system|code`, for the concepts above or below it. Source: FHIR R4 search.html#token. */
export function parseConceptLookup(name: string, relation: 'above' | 'below', text: string): Lookup {
  const [system, code, ...more] = splitUnescaped(text, '|').map(unescapeValue);
  if (!system || !code || more.length > 0) {
    throw invalidValue(name, text, 'system|code, since a hierarchy of concepts belongs to a code system');
  }
  return { find: 'concepts', relation, system, code };
}

/** The URL of a value set, with |version or without, or ValueSet/id. Source: FHIR R4 search.html#token. */
export function parseValueSetLookup(name: string, text: string): Lookup {
  const reference = unescapeValue(text);
  if (reference === undefined || !/^(ValueSet\/|[A-Za-z][A-Za-z0-9+.-]{0,40}:)[^\s]+$/.test(reference)) {
    throw invalidValue(name, text, 'the URL of a value set, with |version or without, or ValueSet/id');
  }
  return { find: 'value-set', reference };
}
