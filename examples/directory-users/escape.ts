/**
 * Text as a value inside of a filter: what has a meaning there is written by its bytes.
 * https://www.rfc-editor.org/rfc/rfc4515#section-3
 */
export function escapeFilterValue(text: string): string {
  return text.replace(/[\0()*\\]/g, (character) => `\\${hexadecimal(character)}`);
}

/**
 * Text as a value inside of a distinguished name. https://www.rfc-editor.org/rfc/rfc4514#section-2.4
 */
export function escapeNameValue(text: string): string {
  return text
    .replace(/[\0"+,;<=>\\]/g, (character) => `\\${hexadecimal(character)}`)
    .replace(/^[ #]| $/g, (character) => `\\${hexadecimal(character)}`);
}

/** Fills `{name}` of a template; each value is escaped for the place that it gets into. */
export function filled(
  template: string,
  values: Readonly<Record<string, string>>,
  escape: (text: string) => string,
): string {
  return template.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name];
    return value === undefined ? place : escape(value);
  });
}

function hexadecimal(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(2, '0');
}
