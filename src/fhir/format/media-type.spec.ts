import { negotiateAnswer, requireResourceBody } from './media-type.js';

describe('the media type of an answer', () => {
  it.each([
    [undefined, undefined, 'application/fhir+json'],
    ['*/*', undefined, 'application/fhir+json'],
    ['application/fhir+json', undefined, 'application/fhir+json'],
    ['application/json', undefined, 'application/json'],
    ['application/json;q=0.5, application/fhir+json', undefined, 'application/fhir+json'],
    ['application/fhir+xml, application/fhir+json;q=0.1', undefined, 'application/fhir+json'],
    ['application/fhir+json; fhirVersion=4.0', undefined, 'application/fhir+json'],
    ['text/html, */*;q=0.1', undefined, 'application/fhir+json'],
    ['application/fhir+xml', 'json', 'application/fhir+json'],
    ['application/fhir+xml', 'application/fhir json', 'application/fhir+json'],
    ['application/fhir+xml', 'application/json', 'application/json'],
  ] as const)('for Accept %s and _format %s is %s', (accept, format, expected) => {
    expect(negotiateAnswer(accept, format)).toBe(expected);
  });

  it.each([
    ['application/fhir+xml', undefined],
    ['application/fhir+json;q=0', undefined],
    ['application/fhir+json; fhirVersion=5.0', undefined],
    ['application/fhir+json', 'xml'],
    ['application/fhir+json', 'ttl'],
    [',,;;=', undefined],
  ] as const)('is refused for Accept %s and _format %s', (accept, format) => {
    // Twice, since what was read once is remembered.
    for (let time = 0; time < 2; time++) {
      expect(() => negotiateAnswer(accept, format)).toThrow(
        expect.objectContaining({ code: 'FHIR_NOT_ACCEPTABLE' }),
      );
    }
  });
});

describe('the media type of a body', () => {
  it.each([
    'application/fhir+json',
    'application/json',
    'Application/FHIR+JSON; charset="utf-8"; fhirVersion=4.0',
  ])('may be %s', (type) => {
    expect(() => requireResourceBody(type)).not.toThrow();
  });

  it.each([
    undefined,
    '',
    'text/plain',
    'application/fhir+xml',
    'application/json-patch+json',
    'application/fhir+json; charset=utf-16',
    'application/fhir+json; fhirVersion=3.0',
  ])('may not be %s', (type) => {
    expect(() => requireResourceBody(type)).toThrow(
      expect.objectContaining({ code: 'FHIR_UNSUPPORTED_MEDIA_TYPE' }),
    );
  });
});
