import { unescapeValue } from '../escaping.js';
import type { ParameterTest } from '../query.js';
import { invalidValue } from '../search-errors.js';

/** The whole URI, character by character. Source: FHIR R4 search.html#uri. */
export function parseUriTest(name: string, text: string): ParameterTest {
  const uri = unescapeValue(text);
  if (uri === undefined) throw invalidValue(name, text, 'a URI with \\ only before , | $ or \\');
  return { type: 'uri', uri };
}
