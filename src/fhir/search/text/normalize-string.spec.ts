import fc from 'fast-check';
import { normalizeString } from './normalize-string.js';
import { volume } from '../../../../test/kit/volume.js';

describe('normalizeString', () => {
  it.each([
    ['ignores case', 'MÜLLER', 'muller'],
    ['ignores accents, composed and decomposed', 'Jose\u0301 Núñez', 'jose nunez'],
    ['drops apostrophes of any form', "O'Brien O’Brien Oʼbrien", 'obrien obrien obrien'],
    ['folds other punctuation to a space', 'Smith-Jones, St.John', 'smith jones st john'],
    ['collapses white space of any kind', ' a\u00a0\u2003b\t\nc ', 'a b c'],
    ['spells letters out that have no decomposition', 'Straße Øster Łódź', 'strasse oster lodz'],
    ['folds compatibility forms', 'ﬁne Ｆｕｌｌ', 'fine full'],
    ['keeps the vowel signs of Indic scripts', 'हिन्दी', 'हिन्दी'],
    ['drops Arabic and Hebrew points', 'مُحَمَّد שָׁלוֹם', 'محمد שלום'],
    ['keeps whole Hangul syllables', '한국', '한국'],
    ['keeps symbols, which carry meaning', 'a+b < c', 'a+b < c'],
    ['keeps text of punctuation alone', ' --- ', '---'],
    ['makes nothing of white space', ' \n ', ''],
  ])('%s', (_rule, text, expected) => {
    expect(normalizeString(text)).toBe(expected);
  });

  it('gives the same for what it gave', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const once = normalizeString(text);
        expect(normalizeString(once)).toBe(once);
      }),
      { numRuns: volume(2000) },
    );
  });

  it('lets every start of a word sequence match', () => {
    expect(normalizeString('Müller-Lüdenscheidt').startsWith(normalizeString('muller lud'))).toBe(true);
  });
});
