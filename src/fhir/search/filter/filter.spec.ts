import { FirekeepError } from '../../../platform/errors/index.js';
import { loadDefinitions } from '../../definitions/index.js';
import { decodeQueryString } from '../parse-criteria.js';
import { parseSearch } from '../parse-search.js';
import type { SearchExpression } from '../query.js';

function search(
  types: string | readonly string[],
  filter: string,
  handling: 'strict' | 'lenient' = 'lenient',
) {
  return parseSearch({
    repository: 'default',
    types: typeof types === 'string' ? [types] : types,
    parameters: [['_filter', filter]],
    handling,
    definitions: loadDefinitions(),
    bases: ['https://fhir.example.org/r4'],
    zone: 'UTC',
  });
}

function meaning(types: string | readonly string[], filter: string): SearchExpression {
  const [expression, ...more] = search(types, filter).query.filter;
  if (expression === undefined || more.length > 0) throw new Error('not one expression');
  return expression;
}

/** What the same question is as a parameter. */
function parameter(type: string, queryString: string): SearchExpression | undefined {
  return parseSearch({
    repository: 'default',
    types: [type],
    parameters: decodeQueryString(queryString),
    handling: 'strict',
    definitions: loadDefinitions(),
    bases: ['https://fhir.example.org/r4'],
    zone: 'UTC',
  }).query.filter[0];
}

function refusal(type: string, filter: string): { readonly code: string; readonly message: string } {
  const found = (['strict', 'lenient'] as const).map((handling) => {
    try {
      search(type, filter, handling);
      return { code: 'accepted', message: '' };
    } catch (error) {
      if (!(error instanceof FirekeepError)) throw error;
      expect(error.status).toBe(400);
      return { code: error.code, message: error.message };
    }
  });
  expect(found[0]).toEqual(found[1]);
  return found[0] ?? { code: '', message: '' };
}

const text = (match: string, own: string, code = 'name') => ({
  kind: 'parameter',
  code,
  type: 'string',
  anyOf: [{ type: 'string', match, text: own }],
});
const [a, b, c] = ['a', 'b', 'c'].map((own) => text('whole', own));

describe('logic', () => {
  test.each([
    [
      'from left to right',
      'name eq a or name eq b and name eq c',
      { kind: 'and', operands: [{ kind: 'or', operands: [a, b] }, c] },
    ],
    [
      'and first',
      'name eq a and name eq b or name eq c',
      { kind: 'or', operands: [{ kind: 'and', operands: [a, b] }, c] },
    ],
    [
      'parentheses',
      'name eq a or (name eq b and name eq c)',
      { kind: 'or', operands: [a, { kind: 'and', operands: [b, c] }] },
    ],
    ['one list', 'name eq a and name eq b and name eq c', { kind: 'and', operands: [a, b, c] }],
    ['not', 'not (name eq a)', { kind: 'not', operand: a }],
    ['not without a space', 'not(not(name eq a))', { kind: 'not', operand: { kind: 'not', operand: a } }],
    ['parentheses around all', '((name eq a))', a],
    ['words next to parentheses', '(name eq a)and(name eq b)', { kind: 'and', operands: [a, b] }],
    ['space of any kind', ' name\teq\n a ', a],
    ['a value with what ends others', 'name eq "a) or (name eq ]b"', text('whole', 'a or name eq b')],
    ['an escaped string', String.raw`name eq "\u0061"`, a],
  ])('%s', (_, filter, expected) => {
    expect(meaning('Patient', filter)).toEqual(expected);
  });
});

test.each([
  ['Patient', 'birthdate ge 2000-01', 'birthdate=ge2000-01'],
  ['Patient', 'birthdate po 2000-01', 'birthdate=ap2000-01'],
  ['Patient', 'birthdate ne 2000', 'birthdate=ne2000'],
  ['Patient', 'gender eq male', 'gender=male'],
  ['Patient', 'name sw "Peter"', 'name=peter'],
  ['Patient', 'name co "Peter"', 'name:contains=peter'],
  ['Patient', 'name pr true', 'name:missing=false'],
  ['Patient', 'name pr false', 'name:missing=true'],
  ['Patient', '_id eq a', '_id=a'],
  ['Patient', '_id ne a', '_id:not=a'],
  ['Patient', '_lastUpdated gt 2000', '_lastUpdated=gt2000'],
  ['Patient', 'organization.name sw acme', 'organization.name=acme'],
  ['Observation', 'subject.organization.name sw acme', 'subject.organization.name=acme'],
  ['Observation', 'code eq loinc|1234-5', 'code=http://loinc.org|1234-5'],
  ['Observation', 'code eq "snomed|1"', 'code=http://snomed.info/sct|1'],
  ['Observation', 'code eq |1', 'code=|1'],
  ['Observation', 'code in http://example.org/vs', 'code:in=http://example.org/vs'],
  ['Observation', 'code ni ValueSet/1', 'code:not-in=ValueSet/1'],
  ['Observation', 'code ss loinc|LP1', 'code:below=http://loinc.org|LP1'],
  ['Observation', 'code sb loinc|LP1', 'code:above=http://loinc.org|LP1'],
  ['Observation', 'subject re Patient/1', 'subject=Patient/1'],
  ['Observation', 'subject re https://fhir.example.org/r4/Patient/1', 'subject=Patient/1'],
  ['Observation', 'value-quantity ap 5.4|ucum|mg', 'value-quantity=ap5.4|http://unitsofmeasure.org|mg'],
  ['Observation', 'value-quantity lt -5.4', 'value-quantity=lt-5.4'],
  ['Observation', 'code-value-quantity eq 8480-6$gt140', 'code-value-quantity=8480-6$gt140'],
  ['RiskAssessment', 'probability eb 0.80', 'probability=eb0.80'],
  ['ValueSet', 'url eq http://example.org/vs', 'url=http://example.org/vs'],
  ['Group', 'characteristic[code eq a].value eq b', 'characteristic-value=a$b'],
  [
    'Group',
    'characteristic[value eq b$c].code eq loinc|a',
    String.raw`characteristic-value=http://loinc.org|a$b\$c`,
  ],
  [
    'DocumentReference',
    'relatesTo[code eq replaces or code eq appends].target re DocumentReference/1',
    'relationship=DocumentReference/1$replaces,DocumentReference/1$appends',
  ],
])('%s?_filter=%s is %s', (type, filter, same) => {
  expect(meaning(type, filter)).toEqual(parameter(type, same));
});

test.each([
  ['eq', 'whole'],
  ['ew', 'ends'],
  ['gt', 'gt'],
  ['ge', 'ge'],
  ['lt', 'lt'],
  ['le', 'le'],
])('%s of strings', (operator, match) => {
  expect(meaning('Patient', `name ${operator} "O'Brien, Ann"`)).toEqual(text(match, 'obrien ann'));
});

test('unequal values are asked for, not the absence of equal ones', () => {
  expect(meaning('Patient', 'name ne a')).toEqual({ ...a, except: true });
  expect(meaning('Patient', 'gender ne male')).toMatchObject({ kind: 'parameter', except: true });
});

test('ranges that hold the value', () => {
  expect(meaning('RiskAssessment', 'probability co 0.8')).toMatchObject({
    anyOf: [{ type: 'number', prefix: 'co', value: 0.8 }],
  });
  expect(meaning('Encounter', 'date co 2024-01-01')).toMatchObject({
    anyOf: [{ prefix: 'co', low: Date.UTC(2024, 0, 1), high: Date.UTC(2024, 0, 2) - 1 }],
  });
});

test('a filter behind a reference and the parameter that it leads to are about one resource', () => {
  expect(meaning('Observation', 'subject[gender eq male].name eq a')).toMatchObject({
    kind: 'chain',
    code: 'subject',
    targets: ['Patient'],
    operand: { kind: 'and', operands: [{ code: 'gender' }, a] },
  });
});

test('what several types are asked together', () => {
  expect(meaning(['Patient', 'Practitioner'], 'name eq a')).toEqual(a);
  expect(meaning(['Patient', 'Organization'], 'address eq a and _id eq b')).toMatchObject({ kind: 'and' });
  expect(meaning(['Account', 'StructureDefinition'], 'not (type eq a)')).toMatchObject({
    kind: 'or',
    operands: [
      { kind: 'of-type', types: ['Account'], operand: { kind: 'not', operand: { type: 'token' } } },
      { kind: 'of-type', types: ['StructureDefinition'], operand: { kind: 'not', operand: { type: 'uri' } } },
    ],
  });
});

test('a parameter that one of several types lacks is refused', () => {
  expect(() => search(['Patient', 'Observation'], 'birthdate ge 2000')).toThrow(
    /character 1: Patient, Observation has no/,
  );
});

describe('is refused', () => {
  test.each([
    ['nothing between parentheses', '()', 2, 'the name of a search parameter'],
    ['no operator', 'name', 5, 'a space'],
    ['an unknown operator', 'name is a', 6, 'operators eq, ne'],
    ['no value', 'name eq ', 9, 'a value'],
    ['an open string', 'name eq "a', 9, 'JSON string'],
    ['a broken escape', String.raw`name eq "\q"`, 9, 'JSON string'],
    ['an open parenthesis', '(name eq a', 11, '")" for the bracket at character 1'],
    ['a surplus parenthesis', 'name eq a)', 10, '"and", "or" or the end'],
    ['words behind the value', 'name eq a b', 11, '"and", "or" or the end'],
    ['nothing behind and', 'name eq a and ', 15, 'the name of a search parameter'],
    ['not without parentheses', 'not name eq a', 5, 'operators eq, ne'],
    ['a bracket at the end of a path', 'link[name eq a] pr true', 16, '"." with a parameter'],
    ['a modifier', 'name:exact eq a', 5, 'a space'],
    ['an unknown parameter', 'name eq a or nobody eq b', 14, 'no search parameter "nobody"'],
    ['an unknown parameter behind a reference', 'organization.nobody eq b', 1, 'nobody'],
    ['an unknown parameter inside brackets', 'organization[nobody eq b].name eq a', 14, 'nobody'],
    ['a chain along no reference', 'name.family eq a', 1, '"name" is no reference'],
    ['a filter of no reference', 'name[family eq a].given eq b', 1, '"name" is no reference'],
    [
      'an operator of another type',
      'name eq a and birthdate sw 2000',
      15,
      'of type date and can\'t be compared by "sw". Use one of eq, ne',
    ],
    [
      'eq of a reference',
      'organization eq Organization/1',
      1,
      'of type reference and can\'t be compared by "eq". Use one of re, pr',
    ],
    ['a value of another type', 'birthdate ge tomorrow', 1, 'a date such as'],
    ['a prefix in the value', 'birthdate ge ge2000', 1, 'a date such as'],
    ['pr of neither', 'name pr maybe', 1, 'true or false'],
    ['parts of an id', '_id sw a', 1, 'an id and can\'t be compared by "sw"'],
    ['a parameter without values', '_text eq a', 1, '_text'],
    ['a filter in a filter', '_filter eq a', 1, '_filter'],
    ['_has', '_has eq a', 1, '_has'],
  ])('%s', (_, filter, at, expected) => {
    const { code, message } = refusal('Patient', filter);
    expect(code).toBe('FHIR_SEARCH_INVALID_FILTER');
    expect(message).toContain(`_filter, character ${at}: `);
    expect(message).toContain(expected);
  });

  test.each([
    ['an element without a filter', 'relatesTo.target re DocumentReference/1'],
    ['the same part twice', 'relatesTo[code eq replaces].code eq appends'],
    ['a part that there is not', 'relatesTo[nobody eq replaces].target re DocumentReference/1'],
    ['and inside of an element', 'relatesTo[code eq a and code eq b].target re DocumentReference/1'],
    ['another operator for a part', 'relatesTo[code ne replaces].target re DocumentReference/1'],
    ['a longer path', 'relatesTo[code eq replaces].target.type eq a'],
  ])('%s', (_, filter) => {
    expect(refusal('DocumentReference', filter).code).toBe('FHIR_SEARCH_INVALID_FILTER');
  });

  test('near, which may stand beside it', () => {
    expect(refusal('Location', 'near eq 1|2').message).toContain('beside _filter');
  });

  test.each([
    ['length', `name eq ${'a'.repeat(8192)}`],
    ['one value', `name eq ${'a'.repeat(2049)}`],
    ['depth', `${'('.repeat(17)}name eq a${')'.repeat(17)}`],
    ['depth of brackets', `${'link['.repeat(17)}name eq a${'].name eq a'.repeat(17)}`],
    ['comparisons', Array.from({ length: 65 }, () => 'name eq a').join(' and ')],
    ['path', `${'link.'.repeat(9)}name eq a`],
    ['links', Array.from({ length: 33 }, () => 'link.name eq a').join(' or ')],
  ])('too much %s', (_, filter) => {
    expect(refusal('Patient', filter).code).toBe('FHIR_SEARCH_TOO_COMPLEX');
  });
});

test('the length of a refusal is bounded, and reading the longest filter is quick', () => {
  const started = performance.now();
  const filters = [
    ' '.repeat(8000),
    `name eq "${'\\\\'.repeat(4000)}`,
    `${'a'.repeat(8000)} eq b`,
    `name ${'e'.repeat(8000)} x`,
  ];
  for (const filter of filters) expect(refusal('Patient', filter).message.length).toBeLessThan(500);
  expect(performance.now() - started).toBeLessThan(2000);
});
