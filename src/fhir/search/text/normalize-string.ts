/** Latin letters that have no decomposition and that people type as plain ones. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ı: 'i',
  ł: 'l',
  ŧ: 't',
  þ: 'th',
};
const LETTER = /[ßæœøđðħıłŧþ]/g;
/** Accents, Hebrew points, Arabic marks; not the vowel signs of other scripts, which make different words. */
const DIACRITICS =
  /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]/g;
/** Within a word: O'Brien and OBrien are the same name. */
const APOSTROPHES = /['`´’‘ʼ′]/g;
const SEPARATORS = /[\p{P}\s\p{Z}\p{Cc}\p{Cf}]+/gu;
const ASCII = /^[ -~]*$/;
const PLAIN = /^[a-z0-9]+(?: [a-z0-9]+)*$/;

/**
 * The form in which strings are compared: without accents, lower-cased, apostrophes dropped, other punctuation
 * and white space of any kind folded to one space. Idempotent. Text of punctuation alone is kept in lower case,
 * so that it never turns into the empty string that everything starts with; empty only for white space.
 *
 * Source: FHIR R4 search.html#string.
 *
 * @example normalizeString("  O’Brien-Müller, ") // 'obrien muller'
 */
export function normalizeString(text: string): string {
  const lower = text.toLowerCase();
  if (PLAIN.test(lower)) return lower;
  const plain = ASCII.test(lower) ? lower : foldLetters(lower);
  const folded = plain.replace(APOSTROPHES, '').replace(SEPARATORS, ' ').trim();
  return folded === '' ? lower.trim() : folded;
}

function foldLetters(lower: string): string {
  const decomposed = lower.normalize('NFKD').replace(DIACRITICS, '').toLowerCase();
  return decomposed.replace(LETTER, (letter) => LETTERS[letter] ?? letter).normalize('NFC');
}
