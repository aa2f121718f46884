/**
 * Separators inside a value (`,` `|` `$`) count unless a backslash stands before them.
 * Source: FHIR R4 search.html#escaping.
 */

/** The parts between unescaped separators, escapes kept. */
export function splitUnescaped(text: string, separator: ',' | '|' | '$'): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (character === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** The text that was meant; undefined where a backslash escapes nothing that needs it. */
export function unescapeValue(text: string): string | undefined {
  if (!text.includes('\\')) return text;
  let result = '';
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character !== '\\') {
      result += character;
      continue;
    }
    const escaped = text.charAt(++at);
    if (escaped === '' || !',|$\\'.includes(escaped)) return undefined;
    result += escaped;
  }
  return result;
}
