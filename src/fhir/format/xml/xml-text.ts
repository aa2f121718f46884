import { storableText } from '../../../platform/text/index.js';

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

/**
 * A text as the value of an attribute in double quotes. Tabs and line ends become references, since a parser turns
 * them into spaces otherwise. What XML can't hold at all becomes U+FFFD: what is stored, however it came in, is shown.
 */
export function attributeText(text: string): string {
  if (!special.test(text)) return text;
  return storableText(text).replace(escaped, (character) => references[character] ?? character);
}

/** Characters between tags; what ends a CDATA section must not stand there. */
export function characterText(text: string): string {
  return text.replace(/[&<>\r]/g, (character) =>
    character === '>' ? '&gt;' : (references[character] ?? ''),
  );
}
