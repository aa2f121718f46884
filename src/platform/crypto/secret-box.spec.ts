import { SecretBox } from './secret-box.js';

const box = new SecretBox(Buffer.alloc(32, 1));

describe('a sealed secret', () => {
  it('opens with the same key, purpose and context', () => {
    expect(box.open('keys', box.seal('keys', 'geheim 🔑', 'row-1'), 'row-1')).toBe('geheim 🔑');
  });

  it('is different each time', () => {
    expect(box.seal('keys', 'x').equals(box.seal('keys', 'x'))).toBe(false);
  });

  it.each([
    ['another key', (sealed: Buffer) => new SecretBox(Buffer.alloc(32, 2)).open('keys', sealed, 'row-1')],
    ['another purpose', (sealed: Buffer) => box.open('other', sealed, 'row-1')],
    ['another row', (sealed: Buffer) => box.open('keys', sealed, 'row-2')],
    [
      'a changed byte',
      (sealed: Buffer) =>
        box.open('keys', Buffer.from(sealed.map((b, i) => (i === 40 ? b ^ 1 : b))), 'row-1'),
    ],
    ['a cut end', (sealed: Buffer) => box.open('keys', sealed.subarray(0, 20), 'row-1')],
  ])('stays shut for %s', (_name, open) => {
    const sealed = box.seal('keys', 'a secret of some length', 'row-1');
    expect(() => open(sealed)).toThrow(expect.objectContaining({ code: 'CRYPTO_UNREADABLE' }));
  });
});
