/** Taking the text of a parameter apart. Source: FHIR R4 search.html#escaping, search.html#prefix. */

/** Splits at a separator that no backslash escapes; the escapes stay. */
export function splitAt(text: string, separator: string): string[] {
  const parts = [''];
  let escaped = false;
  for (const character of text) {
    if (!escaped && character === separator) parts.push('');
    else parts.push(`${parts.pop() ?? ''}${character}`);
    escaped = !escaped && character === '\\';
  }
  return parts;
}

export const unescape = (text: string): string => text.replace(/\\([\\,|$])/g, '$1');

export const escape = (text: string): string => text.replace(/[\\,|$]/g, '\\$&');

export function prefixed(text: string): { readonly prefix: string; readonly rest: string } {
  const match = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(.*)$/s.exec(text);
  return match === null ? { prefix: 'eq', rest: text } : { prefix: match[1] ?? '', rest: match[2] ?? '' };
}
