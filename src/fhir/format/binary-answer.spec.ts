import { answersContent, safeContentType } from './binary-answer.js';

describe('a Binary', () => {
  it.each([
    [undefined, true],
    ['', true],
    ['*/*', true],
    ['application/pdf', true],
    ['application/*', true],
    ['application/pdf, application/fhir+json;q=0.5', true],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
    ['application/fhir+json', false],
    ['application/fhir+xml', false],
    ['application/fhir+json, */*', false],
    ['application/fhir+json;q=0.9, */*;q=0.1', false],
    ['application/json', false],
    ['application/xml, application/pdf;q=0', false],
  ])('that is a PDF is answered to Accept: %s as content: %s', (accept, asContent) => {
    expect(answersContent(accept, undefined, 'application/pdf')).toBe(asContent);
  });

  it('is answered as content where it is JSON itself, unless FHIR is asked for', () => {
    expect(answersContent('application/json', undefined, 'application/json; charset=utf-8')).toBe(true);
    expect(answersContent('application/fhir+json', undefined, 'application/fhir+json')).toBe(false);
  });

  it('is answered as a resource with _format', () => {
    expect(answersContent('application/pdf', 'json', 'application/pdf')).toBe(false);
  });

  it.each(['image/png', 'text/*', 'application/fhir+json;q=0, application/pdf;q=0'])(
    'that is a PDF is not acceptable as %s',
    (accept) => {
      expect(() => answersContent(accept, undefined, 'application/pdf')).toThrow(
        expect.objectContaining({ status: 406 }),
      );
    },
  );

  it.each([
    ['application/pdf', 'application/pdf'],
    ['text/plain; charset=utf-8', 'text/plain; charset=utf-8'],
    ['text/plain;charset="utf-8"', 'text/plain;charset="utf-8"'],
    ['text/html\r\nset-cookie: a=b', 'application/octet-stream'],
    ['text', 'application/octet-stream'],
    ['text/plain; ü=1', 'application/octet-stream'],
    ['', 'application/octet-stream'],
    [undefined, 'application/octet-stream'],
  ])('of type %j is served as %s', (contentType, served) => {
    expect(safeContentType(contentType)).toBe(served);
  });
});
