/**
 * What neither a FHIR string nor an XML 1.0 document can hold, not even as a reference: control characters other than
 * tab and line ends, U+FFFE, U+FFFF, halves of surrogate pairs. Source: XML 1.0 section 2.2, FHIR R4 datatypes.html#string.
 */
const unstorable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;
const everyUnstorable = new RegExp(unstorable, 'gu');

const plain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
const spaces = /(?:(?!\ufeff)[\s\u0085])+/gu;
/**
 * What writes over the text around it, steers a terminal, turns the direction of writing, or isn't seen at all and so
 * makes one name look like another: controls, formats, halves of surrogate pairs, what is no character or a private one.
 */
const unseen =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}\u115f\u1160\u2800\u3164\uffa0\ufe00-\ufe0d\u{e0100}-\u{e01ef}]+/gu;

const unseenButLines =
  /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\u115f\u1160\u2800\u3164\uffa0\ufe00-\ufe0d\u{e0100}-\u{e01ef}]/gu;

const replacement = '\ufffd';

/** Whether a FHIR string and an XML document can hold the text. */
export function isStorableText(text: string): boolean {
  return !unstorable.test(text);
}

/** The text with U+FFFD for each character that `isStorableText` objects to. */
export function storableText(text: string): string {
  return isStorableText(text) ? text : text.replace(everyUnstorable, replacement);
}

/** Whether a character reference without `&` and `;` (`#160`, `#xA0`) names a character that XML has. */
export function isCharacterReference(body: string): boolean {
  const match = /^#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}))$/.exec(body);
  if (match === null) return false;
  const code = match[1] === undefined ? Number(match[2]) : parseInt(match[1], 16);
  return code <= 0x10ffff && isStorableText(String.fromCodePoint(code));
}

/**
 * Text of somebody else (a client, a visitor, another server) as it may be kept and shown: on one line, visible, of
 * bounded length. Every run of what can't be seen becomes U+FFFD, so that no name turns into another one.
 *
 * @param limit characters (UTF-16 code units) at the most; what is longer ends with `…`
 */
export function cleanText(text: string, limit = 200): string {
  if (text.length <= limit && plain.test(text)) return text;
  const clean = text
    .slice(0, limit * 4)
    .replace(spaces, ' ')
    .replace(unseen, replacement)
    .trim();
  return clean.length > limit ? `${clean.slice(0, limit).replace(/[\ud800-\udbff]$/, '')}…` : clean;
}

/** Everything but line ends and tabs that `cleanText` replaces, as `\uXXXX`: for text of several lines, and JSON. */
export function escapeUnseen(text: string): string {
  return text.replace(unseenButLines, (characters) =>
    Array.from(
      { length: characters.length },
      (_, at) => `\\u${characters.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
