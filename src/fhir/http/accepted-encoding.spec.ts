import { acceptedEncoding } from './accepted-encoding.js';

describe('the encoding of an answer', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['gzip', 'gzip'],
    ['x-gzip', 'gzip'],
    ['gzip, deflate, br', 'br'],
    ['br;q=0.5, gzip;q=0.8', 'gzip'],
    ['br;q=0, *', 'gzip'],
    ['*;q=0', undefined],
    ['*', 'br'],
    ['deflate', undefined],
    ['identity, gzip;q=0.5', undefined],
    ['identity;q=0.1, GZIP;Q=0.5', 'gzip'],
    ['gzip;q=nonsense', undefined],
  ])('for %s is %s', (header, expected) => {
    // Twice, since what was read once is remembered.
    expect([acceptedEncoding(header), acceptedEncoding(header)]).toEqual([expected, expected]);
  });
});
