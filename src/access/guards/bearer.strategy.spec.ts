import { parseBearer } from './bearer.strategy.js';

describe('a bearer header', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer  abc  ', 'abc'],
    ['BEARER a.b-c_d~e+f/g==', 'a.b-c_d~e+f/g=='],
    ['Bearer a b', 'a b'],
    ['Bearer', ''],
    ['Bearer ', ''],
    ['Bearerabc', ''],
    ['X Bearer abc', ''],
    ['Bearer\tabc', ''],
  ])('%j brings %j', (header, token) => expect(parseBearer(header)).toBe(token));

  it('of any length is read in time that grows with its length alone', () => {
    expect(parseBearer(`Bearer ${' '.repeat(50_000)}`)).toBe('');
    expect(parseBearer(`Bearer a${' '.repeat(50_000)}b`)).toHaveLength(50_002);
  });
});
