import fc from 'fast-check';
import { printable } from './printable.js';

describe('text of another server in a message', () => {
  it('keeps letters of every script', () => {
    expect(printable('Zürich 東京')).toBe('Zürich 東京');
  });

  it('is on one line, without control and direction characters, and short', () => {
    expect(printable('a\r\nb\u0000c\u001b[31m\u202edcba\u200b')).toBe('a b c [31mdcba');
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
        const shown = printable(text, 50);
        return shown.length <= 51 && !/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2028\u2029]/.test(shown);
      }),
    );
  });
});
