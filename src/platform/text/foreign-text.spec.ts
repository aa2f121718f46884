import fc from 'fast-check';
import { cleanText, escapeUnseen, isStorableText, storableText } from './foreign-text.js';

const anything = fc.string({ unit: 'binary', maxLength: 2000 });
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/u;

describe('text of somebody else', () => {
  it('keeps letters of every script', () => {
    expect(cleanText('Zürich 東京 𠮷 🙂')).toBe('Zürich 東京 𠮷 🙂');
    expect(cleanText(' two  words ')).toBe('two words');
  });

  it('is on one line, without what steers a terminal, turns it round or is not seen, and short', () => {
    expect(cleanText('a\r\nb\u0000c\u001b[31m\u202edcba\u200b\u009b\uffff\ud800')).toBe('a b�c�[31m�dcba�');
    expect(cleanText('x'.repeat(500), 50)).toBe(`${'x'.repeat(50)}…`);
    expect(cleanText(`${'x'.repeat(49)}🙂🙂`, 50)).toBe(`${'x'.repeat(49)}…`);
    fc.assert(
      fc.property(anything, (text) => {
        const shown = cleanText(text, 50);
        return shown.length <= 51 && !unseen.test(shown) && isStorableText(shown);
      }),
    );
  });

  it('does not become the name of somebody else by what is left out', () => {
    for (const odd of ['ali\u200bce', 'ali\u0000ce', '\ufeffalice', 'alice\u202c', 'ali\u00adce']) {
      expect(cleanText(odd)).not.toBe('alice');
    }
  });

  it('is storable with a mark for each character that FHIR and XML do not have', () => {
    expect(storableText('a\u0000\ufffe\uffffb\ud800\tc\r\n')).toBe('a\ufffd\ufffd\ufffdb\ufffd\tc\r\n');
    fc.assert(fc.property(anything, (text) => isStorableText(storableText(text))));
  });

  it('is escaped where several lines or JSON are shown, and stays the same JSON', () => {
    expect(escapeUnseen('a\u001b[2K\n\tb\u202e\u{e0101}\ud800')).toBe(
      'a\\u001b[2K\n\tb\\u202e\\udb40\\udd01\\ud800',
    );
    fc.assert(
      fc.property(anything, (text) => {
        const line = escapeUnseen(JSON.stringify(text));
        return JSON.parse(line) === text && !unseen.test(line);
      }),
    );
  });
});
