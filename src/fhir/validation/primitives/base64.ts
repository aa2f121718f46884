const EQUALS = 0x3d;

const letters = new Uint8Array(128);
for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/') {
  letters[letter.charCodeAt(0)] = 1;
}

/**
 * Whether a text is base64 with white space between groups of four characters at most, as the pattern of
 * base64Binary says. The published pattern takes exponential time, so the characters are counted instead.
 * Source: FHIR R4 datatypes.html#base64Binary, RFC 4648 section 4.
 */
export function isBase64(text: string): boolean {
  let count = 0;
  let padding = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (letters[code] === 1) {
      if (padding > 0) return false;
      count++;
    } else if (code === EQUALS) {
      if (++padding > 2) return false;
      count++;
    } else if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) {
      if (count % 4 !== 0) return false;
    } else return false;
  }
  return count > 0 && count % 4 === 0;
}
