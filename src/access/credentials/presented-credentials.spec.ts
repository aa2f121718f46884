import { parseHeaderToken } from './presented-credentials.js';

describe('a header with a token', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer  abc  ', 'abc'],
    ['DPoP abc', 'abc'],
    ['BEARER a.b-c_d~e+f/g==', 'a.b-c_d~e+f/g=='],
    ['Bearer a b', 'a b'],
    ['Bearer', ''],
    ['Bearer ', ''],
    ['Bearerabc', ''],
    ['X Bearer abc', ''],
    ['Bearer\tabc', ''],
  ])('%j brings %j', (header, token) => expect(parseHeaderToken(header)).toBe(token));

  it('of any length is read in time that grows with its length alone', () => {
    expect(parseHeaderToken(`Bearer ${' '.repeat(50_000)}`)).toBe('');
    expect(parseHeaderToken(`Bearer a${' '.repeat(50_000)}b`)).toHaveLength(50_002);
  });
});
