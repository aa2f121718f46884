const plainLetters = new Map([
  ['ß', 'ss'],
  ['æ', 'ae'],
  ['œ', 'oe'],
  ['ø', 'o'],
  ['ł', 'l'],
  ['đ', 'd'],
]);

/**
 * What remains of a text where case, accents, punctuation and white space don't count. Apostrophes fall away,
 * other punctuation parts words.
 */
export function fold(text: string): string {
  let folded = '';
  for (const character of text.normalize('NFKD').toLowerCase()) {
    if (/\p{M}/u.test(character) || `'’‘\``.includes(character)) continue;
    if (/[\p{P}\p{Z}\s]/u.test(character)) folded += ' ';
    else folded += plainLetters.get(character) ?? character;
  }
  const words = folded.split(' ').filter((word) => word !== '');
  return words.length === 0 ? text.trim().toLowerCase() : words.join(' ');
}
