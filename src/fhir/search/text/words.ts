import { normalizeString } from './normalize-string.js';

/** Characters of a term; of longer words the start counts. */
export const TERM_LENGTH = 40;

const WORD = /[\p{L}\p{N}\p{M}]+/gu;
/** Scripts that put no spaces between words. */
const CONTINUOUS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]+/gu;

/** Takes a word, or a stretch of a script that has no spaces. */
type StretchVisitor = (text: string, isContinuous: boolean) => void;

/** What a character of ASCII is to the word around it. */
const [SEPARATES, STANDS, VANISHES] = [0, 1, 2];
const ASCII = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/['`]/.test(character)) return VANISHES;
  return /[a-z0-9]/.test(character) ? STANDS : SEPARATES;
});

/**
 * Visits what a text consists of, in the form in which strings are compared. Most text is ASCII, and read letter by
 * letter; a word with anything else in it is normalized by itself.
 */
export function visitStretches(text: string, visit: StretchVisitor): void {
  const lower = text.toLowerCase();
  let start = -1;
  let isPlain = true;
  for (let n = 0; n <= lower.length; n++) {
    const code = n < lower.length ? lower.charCodeAt(n) : 0;
    const kind = code < 128 ? ASCII[code] : STANDS;
    if (kind === SEPARATES) {
      if (start >= 0) visitWord(lower.slice(start, n), isPlain, visit);
      start = -1;
      isPlain = true;
    } else {
      if (start < 0) start = n;
      if (code >= 128 || kind === VANISHES) isPlain = false;
    }
  }
}

function visitWord(word: string, isPlain: boolean, visit: StretchVisitor): void {
  if (isPlain) {
    visit(word, false);
    return;
  }
  for (const [part] of normalizeString(word).matchAll(WORD)) {
    let start = 0;
    for (const match of part.matchAll(CONTINUOUS)) {
      if (match.index > start) visit(part.slice(start, match.index), false);
      visit(match[0], true);
      start = match.index + match[0].length;
    }
    if (start < part.length) visit(part.slice(start), false);
  }
}

/** A term as it stands in the index: the start of a long word. */
export function termOf(word: string): string {
  return word.length <= TERM_LENGTH
    ? word
    : Array.from(word.slice(0, 2 * TERM_LENGTH))
        .slice(0, TERM_LENGTH)
        .join('');
}

/** Neighbouring characters of a stretch without spaces, two and two. */
export function pairsOf(stretch: string): string[] {
  const characters = Array.from(stretch);
  return characters.slice(0, -1).map((character, n) => character + (characters[n + 1] ?? ''));
}

/**
 * Visits the terms under which a text is found: its words, and of scripts without spaces each pair of neighbouring
 * characters, with the last one alone, so that every character starts a term.
 */
export function visitTerms(text: string, visit: (term: string) => void): void {
  visitStretches(text, (stretch, isContinuous) => {
    if (!isContinuous) {
      visit(termOf(stretch));
      return;
    }
    pairsOf(stretch).forEach(visit);
    visit(Array.from(stretch).at(-1) ?? '');
  });
}
