import fc from 'fast-check';
import { parseBasic } from './basic.strategy.js';

const header = (text: string, scheme = 'Basic'): string =>
  `${scheme} ${Buffer.from(text).toString('base64')}`;

describe('the Basic header', () => {
  it('is split at its first colon only', () => {
    expect(parseBasic(header('alice:pass:word:'))).toEqual({ username: 'alice', password: 'pass:word:' });
  });

  it('is UTF-8', () => {
    expect(parseBasic(header('alice:pässwörd 🔑'))).toEqual({ username: 'alice', password: 'pässwörd 🔑' });
  });

  it('takes any case of the scheme, and an empty password', () => {
    expect(parseBasic(header('alice:', 'bAsIc'))).toEqual({ username: 'alice', password: '' });
  });

  it.each([
    ['another scheme that holds the word', `XBasic ${Buffer.from('a:b').toString('base64')}`],
    ['a second value', `${header('a:b')}, ${header('c:d')}`],
    ['no colon', header('alice')],
    ['no name', header(':secret')],
    ['a control character', header('alice\n:secret')],
    ['bytes that are no UTF-8', `Basic ${Buffer.from([0x61, 0x3a, 0xff]).toString('base64')}`],
    ['characters outside of base64', 'Basic YTpi!'],
    ['more than 8 KiB', header(`a:${'b'.repeat(9_000)}`)],
  ])('is refused with %s', (_name, value) => expect(parseBasic(value)).toBeUndefined());

  it('comes back as it went in', () => {
    const text = fc
      .string({ unit: 'grapheme', maxLength: 40 })
      .filter((value) => !/[\x00-\x1f\x7f]/.test(value));
    fc.assert(
      fc.property(
        text.filter((name) => name !== '' && !name.includes(':')),
        text,
        (username, password) =>
          expect(parseBasic(header(`${username}:${password}`))).toEqual({ username, password }),
      ),
    );
  });
});
