import { bodyFormatOf, negotiateAnswer } from './media-type.js';

describe('the media type of an answer', () => {
  it.each([
    [undefined, undefined, 'application/fhir+json'],
    ['*/*', undefined, 'application/fhir+json'],
    ['application/fhir+json', undefined, 'application/fhir+json'],
    ['application/json', undefined, 'application/json'],
    ['application/json;q=0.5, application/fhir+json', undefined, 'application/fhir+json'],
    ['application/fhir+xml, application/fhir+json;q=0.1', undefined, 'application/fhir+xml'],
    ['application/fhir+json;q=0.1, application/fhir+xml;q=0.9', undefined, 'application/fhir+xml'],
    ['application/xml', undefined, 'application/xml'],
    ['text/xml', undefined, 'application/fhir+xml'],
    ['application/fhir+xml, application/fhir+json', undefined, 'application/fhir+xml'],
    ['application/fhir+json;q=0, application/json;q=0, */*', undefined, 'application/fhir+xml'],
    ['application/*;q=0.2, application/xml;q=0.1', undefined, 'application/fhir+json'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', undefined, 'application/xml'],
    ['application/fhir+json', 'xml', 'application/fhir+xml'],
    ['application/fhir+json', 'application/fhir xml', 'application/fhir+xml'],
    [undefined, 'text/xml', 'application/fhir+xml'],
    ['application/fhir+json; fhirVersion=4.0', undefined, 'application/fhir+json'],
    ['text/html, */*;q=0.1', undefined, 'application/fhir+json'],
    ['application/fhir+xml', 'json', 'application/fhir+json'],
    ['application/fhir+xml', 'application/fhir json', 'application/fhir+json'],
    ['application/fhir+xml', 'application/json', 'application/json'],
  ] as const)('for Accept %s and _format %s is %s', (accept, format, expected) => {
    expect(negotiateAnswer(accept, format)).toBe(expected);
  });

  it.each([
    ['text/html', undefined],
    ['application/fhir+json;q=0', undefined],
    ['application/fhir+json; fhirVersion=5.0', undefined],
    ['application/fhir+xml; fhirVersion=3.0', undefined],
    ['application/fhir+json', 'ttl'],
    ['application/fhir+json', 'constructor'],
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
    ['application/fhir+json', 'json'],
    ['application/json', 'json'],
    ['Application/FHIR+JSON; charset="utf-8"; fhirVersion=4.0', 'json'],
    ['application/fhir+xml', 'xml'],
    ['application/xml;charset=UTF-8', 'xml'],
    ['text/xml', 'xml'],
  ])('%s is read as %s', (type, format) => {
    expect(bodyFormatOf(type)).toBe(format);
  });

  it.each([
    undefined,
    '',
    'text/plain',
    'constructor',
    'application/json-patch+json',
    'application/fhir+json; charset=utf-16',
    'application/fhir+xml; charset=iso-8859-1',
    'application/fhir+json; fhirVersion=3.0',
  ])('may not be %s', (type) => {
    expect(() => bodyFormatOf(type)).toThrow(
      expect.objectContaining({ code: 'FHIR_UNSUPPORTED_MEDIA_TYPE' }),
    );
  });
});
