import { FirekeepError } from '../../platform/errors/index.js';
import { loadDefinitions } from '../definitions/index.js';
import { parseSearch } from './parse-search.js';
import type { SearchExpression } from './query.js';

function filterOf(type: string, name: string, value: string): SearchExpression | undefined {
  const { query } = parseSearch({
    repository: 'default',
    types: [type],
    parameters: [[name, value]],
    handling: 'lenient',
    definitions: loadDefinitions(),
    bases: ['https://fhir.example.org/r4'],
    zone: 'UTC',
  });
  return query.filter[0];
}

function messageOf(type: string, name: string, value: string): string {
  try {
    filterOf(type, name, value);
  } catch (error) {
    if (error instanceof FirekeepError && error.status === 400) return error.message;
    throw error;
  }
  throw new Error('accepted');
}

describe('tokens', () => {
  test(':not is none of the values', () => {
    expect(filterOf('Patient', 'gender:not', 'male,female')).toEqual({
      kind: 'not',
      operand: filterOf('Patient', 'gender', 'male,female'),
    });
  });

  test(':text searches the texts of codes as strings', () => {
    expect(filterOf('Condition', 'code:text', 'Kopf\\,schmerz')).toEqual({
      kind: 'parameter',
      code: 'code:text',
      type: 'string',
      anyOf: [{ type: 'string', match: 'starts', text: 'kopf schmerz' }],
    });
  });

  test(':of-type takes type and value of an identifier, escapes undone', () => {
    expect(filterOf('Patient', 'identifier:of-type', 'http://s\\|t|M\\|R|4\\,5')).toEqual({
      kind: 'parameter',
      code: 'identifier:of-type',
      type: 'token',
      anyOf: [{ type: 'token', system: 'http://s|t', code: 'M\\|R|4,5' }],
    });
  });
});

describe('references', () => {
  test(':identifier searches the identifier of a reference', () => {
    expect(filterOf('Observation', 'subject:identifier', 'http://s|1')).toEqual({
      kind: 'parameter',
      code: 'subject:identifier',
      type: 'token',
      anyOf: [{ type: 'token', system: 'http://s', code: '1' }],
    });
  });

  test(':above and :below of a canonical follow the parts of its version', () => {
    const test = { type: 'reference', targetType: undefined, targetId: undefined, url: 'http://x/q' };
    expect(filterOf('QuestionnaireResponse', 'questionnaire:below', 'http://x/q|1.4')).toMatchObject({
      anyOf: [{ ...test, canonicalVersion: '1.4', versionParts: true }],
    });
    expect(filterOf('QuestionnaireResponse', 'questionnaire:above', 'http://x/q|1.4.2')).toMatchObject({
      anyOf: ['1', '1.4', '1.4.2'].map((canonicalVersion) => ({ ...test, canonicalVersion })),
    });
  });
});

describe('URIs', () => {
  const urisOf = (name: string, value: string) => {
    const expression = filterOf('ValueSet', name, value);
    if (expression?.kind !== 'parameter') throw new Error('no parameter');
    return expression.anyOf;
  };

  test(':below is the URL and what its path goes on with', () => {
    const below = [{ type: 'uri', uri: 'http://example.org/fhir', below: '/' }];
    expect(urisOf('url:below', 'http://example.org/fhir')).toEqual(below);
    expect(urisOf('url:below', 'http://example.org/fhir/')).toEqual(below);
  });

  test(':above is the URL and every path that it goes on from, with a slash at the end or without', () => {
    expect(
      urisOf('url:above', 'http://example.org/fhir/vs').map((test) => 'uri' in test && test.uri),
    ).toEqual([
      'http://example.org',
      'http://example.org/',
      'http://example.org/fhir',
      'http://example.org/fhir/',
      'http://example.org/fhir/vs',
      'http://example.org/fhir/vs/',
    ]);
  });

  test('of a canonical, the parts of its version', () => {
    expect(urisOf('url:below', 'http://x/p|1')).toEqual([{ type: 'uri', uri: 'http://x/p|1', below: '.' }]);
    expect(urisOf('url:above', 'http://x/p|1.2')).toEqual([
      { type: 'uri', uri: 'http://x/p|1' },
      { type: 'uri', uri: 'http://x/p|1.2' },
    ]);
  });

  test.each([
    'urn:oid:1.2.3',
    'example',
    `http://example.org/${'a'.repeat(400)}`,
    `http://e.org${'/a'.repeat(65)}`,
  ])('nothing is above or below %s', (uri) => {
    expect(messageOf('ValueSet', 'url:below', uri)).toMatch(/expected a URL/);
    expect(messageOf('ValueSet', 'url:above', uri)).toMatch(/expected a URL/);
  });
});

test.each([
  ['Patient', 'gender:exact', 'a', ':not, :text'],
  ['Patient', 'name:above', 'a', ':exact, :contains and :missing'],
  ['Patient', 'birthdate:not', '2000', ':missing is known'],
  ['Observation', 'subject:text', 'a', 'a resource type, :identifier'],
  ['ValueSet', 'url:contains', 'http://example.org', ':above, :below and :missing'],
  ['Patient', '_lastUpdated:not', '2000', ':missing is known'],
])('%s?%s says what is known', (type, name, value, sentence) => {
  expect(messageOf(type, name, value)).toContain(sentence);
});

test('what every resource has is never missing', () => {
  expect(filterOf('Patient', '_id:missing', 'true')).toEqual({ kind: 'or', operands: [] });
  expect(filterOf('Patient', '_lastUpdated:missing', 'false')).toEqual({ kind: 'and', operands: [] });
  expect(filterOf('Patient', '_id:not', 'a,b')).toEqual({
    kind: 'not',
    operand: { kind: 'id', ids: ['a', 'b'] },
  });
});
