import { normalizeString } from '../extraction/normalize-string.js';

/** Characters of a term; of longer words the start counts. */
export const TERM_LENGTH = 40;

const WORD = /[\p{L}\p{N}\p{M}]+/gu;
/** Scripts that put no spaces between words. */
const CONTINUOUS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]+/gu;

/** A word, or a stretch of a script that has no spaces. */
export interface Stretch {
  readonly text: string;
  readonly isContinuous: boolean;
}

/** What a text consists of, in the form in which strings are compared. */
export function* stretchesOf(text: string): Generator<Stretch> {
  for (const [word] of normalizeString(text).matchAll(WORD)) {
    let start = 0;
    for (const match of word.matchAll(CONTINUOUS)) {
      if (match.index > start) yield { text: word.slice(start, match.index), isContinuous: false };
      yield { text: match[0], isContinuous: true };
      start = match.index + match[0].length;
    }
    if (start < word.length) yield { text: word.slice(start), isContinuous: false };
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
 * The terms under which a text is found: its words, and of scripts without spaces each pair of neighbouring
 * characters, with the last one alone, so that every character starts a term.
 */
export function* termsOf(text: string): Generator<string> {
  for (const stretch of stretchesOf(text)) {
    if (!stretch.isContinuous) yield termOf(stretch.text);
    else {
      yield* pairsOf(stretch.text);
      yield Array.from(stretch.text).at(-1) ?? '';
    }
  }
}
