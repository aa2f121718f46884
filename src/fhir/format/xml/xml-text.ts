/** What no XML 1.0 document can hold, not even as a reference. Source: XML 1.0 section 2.2. */
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;

/** Everything that needs a second look; text without it is written as it is. */
const special = /[\u0000-\u001f&<"\ud800-\udfff\ufffe\uffff]/;
const escaped = /[\t\n\r&<"]/g;

const references: Readonly<Record<string, string>> = {
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
};

/** Whether an XML document can hold a text: no control characters, no halves of surrogate pairs. */
export function isXmlText(text: string): boolean {
  return !forbidden.test(text);
}

/**
 * A text as the value of an attribute in double quotes. Tabs and line ends become references, since a parser
 * turns them into spaces otherwise. Undefined: XML can't hold the text.
 */
export function attributeText(text: string): string | undefined {
  if (!special.test(text)) return text;
  if (!isXmlText(text)) return undefined;
  return text.replace(escaped, (character) => references[character] ?? character);
}

/** Characters between tags; what ends a CDATA section must not stand there. */
export function characterText(text: string): string {
  return text.replace(/[&<>\r]/g, (character) =>
    character === '>' ? '&gt;' : (references[character] ?? ''),
  );
}

/** Whether a character reference (`#160`, `#xA0`) names a character that XML has. */
export function isCharacterReference(body: string): boolean {
  const match = /^#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}))$/.exec(body);
  if (match === null) return false;
  const code = match[1] === undefined ? Number(match[2]) : parseInt(match[1], 16);
  return code <= 0x10ffff && isXmlText(String.fromCodePoint(code));
}
