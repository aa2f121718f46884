/** Which texts the index holds the words of: none, those of narratives (`_text`), or all (`_content` too). */
export type TextIndex = 'none' | 'narrative' | 'all';

/** The code under which the terms of both parameters stand. */
export const TERMS = '_content';
