import { httpDate, matchesVersion, parseEntityTags, parseHttpDate } from './entity-tag.js';

describe('entity tags', () => {
  it.each([
    ['W/"3"', true],
    ['"3"', true],
    ['*', true],
    ['W/"1", W/"3"', true],
    ['W/"30"', false],
    ['"x"', false],
  ])('%s against version 3: %s', (header, matches) => {
    expect(matchesVersion(parseEntityTags('If-Match', header), 3)).toBe(matches);
  });

  it.each(['3', 'W/3', '"3', 'W/"1" W/"3"', '"1",', ''])('refuses %s', (header) => {
    expect(() => parseEntityTags('If-Match', header)).toThrow(
      expect.objectContaining({ code: 'FHIR_INVALID_ENTITY_TAG' }),
    );
  });

  it('writes and reads HTTP dates, and ignores what is none', () => {
    const time = Date.UTC(2024, 4, 1, 12, 30, 15, 999);
    expect(httpDate(time)).toBe('Wed, 01 May 2024 12:30:15 GMT');
    expect(parseHttpDate(httpDate(time))).toBe(time - 999);
    expect(parseHttpDate('whenever')).toBeUndefined();
  });
});
