import { FirekeepError } from '../../platform/errors/index.js';
import { loadDefinitions } from '../definitions/index.js';
import { parseCriteria } from './parse-criteria.js';
import { pageCounts } from './page-count.js';
import { parseSearch } from './parse-search.js';
import type { SearchInput, SearchParameterPair } from './parse-search.js';

const reading = {
  repository: 'default',
  definitions: loadDefinitions(),
  bases: ['https://fhir.example.org/r4', 'https://door.example.org/fhir/'],
  zone: 'UTC',
};

const limits = { counts: pageCounts(1000) };

function parse(type: string, parameters: SearchParameterPair[], options: Partial<SearchInput> = {}) {
  return parseSearch({ ...reading, types: [type], parameters, handling: 'lenient', limits, ...options });
}

function filterOf(type: string, name: string, value: string) {
  return parse(type, [[name, value]]).query.filter;
}

function testsOf(type: string, name: string, value: string) {
  const [expression] = filterOf(type, name, value);
  if (expression?.kind !== 'parameter') throw new Error('not a parameter');
  return expression.anyOf;
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof FirekeepError) {
      expect(error.status).toBe(400);
      return error.code;
    }
    throw error;
  }
  return 'accepted';
}

test('positions come with their distance in metres', () => {
  expect(filterOf('Location', 'near', '42.25|-83.69|11.2|km,1|2,-1|180|5,0|0|1|[mi_us]')).toEqual([
    {
      kind: 'near',
      code: 'near',
      circles: [
        { latitude: 42.25, longitude: -83.69, distance: 11_200 },
        { latitude: 1, longitude: 2, distance: 50_000 },
        { latitude: -1, longitude: 180, distance: 5000 },
        { latitude: 0, longitude: 0, distance: expect.closeTo(1609.347, 2) as number },
      ],
    },
  ]);
  expect(filterOf('Location', 'near:missing', 'true')).toEqual([
    { kind: 'not', operand: { kind: 'present', code: 'near', type: 'position' } },
  ]);
});

describe('words', () => {
  test('must all be there, of one of the alternatives', () => {
    const word = (term: string, prefix = false) => ({ term, prefix });
    expect(filterOf('Patient', '_text', 'High-pressure Müll* OR 高血圧,血')).toEqual([
      {
        kind: 'words',
        on: 'text',
        anyOf: [
          [word('high'), word('pressure'), word('mull', true)],
          [word('高血'), word('血圧')],
          [word('血', true)],
        ],
      },
    ]);
    expect(filterOf('Bundle', '_content', 'x')).toMatchObject([{ on: 'content' }]);
  });

  test('are refused where they are not indexed', () => {
    const refused = (name: string, text: 'none' | 'narrative') =>
      codeOf(() => parse('Patient', [[name, 'x']], { text }));
    expect(refused('_text', 'none')).toBe('FHIR_SEARCH_UNSUPPORTED_PARAMETER');
    expect(refused('_content', 'narrative')).toBe('FHIR_SEARCH_UNSUPPORTED_PARAMETER');
    expect(refused('_text', 'narrative')).toBe('accepted');
  });
});

describe('composites', () => {
  test('read each component as its own parameter does, with separators of theirs escaped', () => {
    expect(
      testsOf('Observation', 'combo-code-value-quantity', 'http://loinc.org|a\\$b$gt5.4||mg,c$1'),
    ).toEqual([
      {
        type: 'composite',
        components: [
          { type: 'token', system: 'http://loinc.org', code: 'a$b' },
          expect.objectContaining({ type: 'quantity', prefix: 'gt', value: 5.4, code: 'mg' }),
        ],
      },
      {
        type: 'composite',
        components: [{ type: 'token', system: undefined, code: 'c' }, expect.objectContaining({ value: 1 })],
      },
    ]);
    expect(testsOf('MolecularSequence', 'chromosome-variant-coordinate', '1$lt345$gt123')).toMatchObject([
      { components: [{ code: '1' }, { type: 'number', prefix: 'lt' }, { type: 'number', prefix: 'gt' }] },
    ]);
    expect(testsOf('DocumentReference', 'relationship', 'DocumentReference/1$replaces')).toMatchObject([
      { components: [{ type: 'reference', targetId: '1' }, { code: 'replaces' }] },
    ]);
  });

  test('can be missing', () => {
    expect(filterOf('Observation', 'code-value-quantity:missing', 'false')).toEqual([
      { kind: 'present', code: 'code-value-quantity', type: 'composite' },
    ]);
  });
});

describe('values', () => {
  test.each([
    ['code', 'a', { system: undefined, code: 'a' }],
    ['system|code', 's|a', { system: 's', code: 'a' }],
    ['|code', '|a', { system: null, code: 'a' }],
    ['system|', 's|', { system: 's', code: undefined }],
    ['escaped bar', 's\\|t|a\\|b', { system: 's|t', code: 'a|b' }],
    ['escaped comma, dollar and backslash', 'a\\,b\\$c\\\\d', { system: undefined, code: 'a,b$c\\d' }],
  ])('a token as %s', (_, value, expected) => {
    expect(testsOf('Patient', 'identifier', value)).toEqual([{ type: 'token', ...expected }]);
  });

  test('commas are alternatives, repetitions must all hold', () => {
    expect(testsOf('Patient', 'gender', 'male,female')).toHaveLength(2);
    expect(
      parse('Patient', [
        ['gender', 'male'],
        ['gender', 'female'],
      ]).query.filter,
    ).toHaveLength(2);
  });

  test.each([
    ['2024', Date.UTC(2024, 0, 1), Date.UTC(2025, 0, 1) - 1],
    ['2024-02', Date.UTC(2024, 1, 1), Date.UTC(2024, 2, 1) - 1],
    ['2024-02-29', Date.UTC(2024, 1, 29), Date.UTC(2024, 2, 1) - 1],
    ['2024-02-29T10:30', Date.UTC(2024, 1, 29, 10, 30), Date.UTC(2024, 1, 29, 10, 31) - 1],
    ['2024-02-29T10:30:15Z', Date.UTC(2024, 1, 29, 10, 30, 15), Date.UTC(2024, 1, 29, 10, 30, 16) - 1],
    ['2024-02-29T10:30:15+02:00', Date.UTC(2024, 1, 29, 8, 30, 15), Date.UTC(2024, 1, 29, 8, 30, 16) - 1],
    ['2024-02-29T10:30:15 02:00', Date.UTC(2024, 1, 29, 8, 30, 15), Date.UTC(2024, 1, 29, 8, 30, 16) - 1],
  ])('a date %s is the range of its precision', (text, low, high) => {
    expect(testsOf('Patient', 'birthdate', text)).toEqual([{ type: 'date', prefix: 'eq', low, high }]);
    expect(filterOf('Patient', '_lastUpdated', `ge${text}`)).toEqual([
      { kind: 'last-updated', prefix: 'ge', low, high },
    ]);
  });

  test('a date without a zone is of the zone that is set', () => {
    const [expression] = parse('Patient', [['birthdate', '2024-07-01']], { zone: '+02:00' }).query.filter;
    expect(expression).toMatchObject({ anyOf: [{ low: Date.UTC(2024, 5, 30, 22) }] });
  });

  test('numbers stand for the range of their digits, ap for a tenth around', () => {
    expect(testsOf('RiskAssessment', 'probability', '100,gt0.50,ap100')).toEqual([
      { type: 'number', prefix: 'eq', value: 100, low: 99.5, high: 100.5 },
      { type: 'number', prefix: 'gt', value: 0.5, low: 0.495, high: 0.505 },
      { type: 'number', prefix: 'ap', value: 100, low: 90, high: 110 },
    ]);
  });

  test.each([
    ['5.4', undefined, undefined],
    ['5.4|http://example.org/units|mg', 'http://example.org/units', 'mg'],
    ['5.4|http://unitsofmeasure.org|[IU]', 'http://unitsofmeasure.org', '[IU]'],
    ['5.4||mg', undefined, 'mg'],
    ['5.4|http://unitsofmeasure.org|', 'http://unitsofmeasure.org', undefined],
  ])('a quantity %s', (text, system, code) => {
    expect(testsOf('Observation', 'value-quantity', text)).toEqual([
      { type: 'quantity', prefix: 'eq', value: 5.4, low: 5.35, high: 5.45, system, code },
    ]);
  });

  test('a quantity in a unit of UCUM is looked for in base units, beside others that are not', () => {
    const ucum = 'http://unitsofmeasure.org';
    const canonical = {
      kind: 'parameter',
      code: 'value-quantity:canonical',
      type: 'quantity',
      anyOf: [
        { type: 'quantity', prefix: 'gt', value: 310.15, low: 309.65, high: 310.65, system: ucum, code: 'K' },
      ],
    };
    expect(filterOf('Observation', 'value-quantity', `gt37|${ucum}|Cel`)).toEqual([canonical]);
    expect(filterOf('Observation', 'value-quantity', `gt37|${ucum}|Cel,5||x`)).toMatchObject([
      { kind: 'or', operands: [{ code: 'value-quantity', anyOf: [{ value: 5, code: 'x' }] }, canonical] },
    ]);
    expect(filterOf('Observation', 'code-value-quantity', `8310-5$gt37|${ucum}|Cel`)).toMatchObject([
      {
        code: 'code-value-quantity:canonical',
        anyOf: [{ components: [{ code: '8310-5' }, { value: 310.15, code: 'K' }] }],
      },
    ]);
  });

  test.each([
    ['23', { targetType: undefined, targetId: '23', url: undefined }],
    ['Patient/23', { targetType: 'Patient', targetId: '23', url: undefined }],
    ['https://fhir.example.org/r4/Patient/23', { targetType: 'Patient', targetId: '23', url: undefined }],
    ['https://door.example.org/fhir/Patient/23', { targetType: 'Patient', targetId: '23', url: undefined }],
    ['Patient/23/_history/2', { targetType: 'Patient', targetId: '23', targetVersion: '2', url: undefined }],
    [
      'https://other.example.org/Patient/23',
      { targetType: undefined, targetId: undefined, url: 'https://other.example.org/Patient/23' },
    ],
    [
      'https://fhir.example.org/r4evil/Patient/23',
      { targetType: undefined, targetId: undefined, url: 'https://fhir.example.org/r4evil/Patient/23' },
    ],
    ['urn:uuid:1', { targetType: undefined, targetId: undefined, url: 'urn:uuid:1' }],
    [
      'https://other.example.org/q|1.0',
      {
        targetType: undefined,
        targetId: undefined,
        url: 'https://other.example.org/q',
        canonicalVersion: '1.0',
      },
    ],
  ])('a reference %s', (text, expected) => {
    expect(testsOf('Observation', 'subject', text)).toEqual([{ type: 'reference', ...expected }]);
  });

  test('a type modifier narrows a reference', () => {
    const expected = [{ type: 'reference', targetType: 'Patient', targetId: '23', url: undefined }];
    expect(testsOf('Observation', 'subject:Patient', '23')).toEqual(expected);
    expect(testsOf('Observation', 'subject:Patient', 'Patient/23')).toEqual(expected);
    expect(codeOf(() => filterOf('Observation', 'subject:Patient', 'Group/23'))).toBe(
      'FHIR_SEARCH_INVALID_VALUE',
    );
    expect(codeOf(() => filterOf('Observation', 'subject:Practitioner', '23'))).toBe(
      'FHIR_SEARCH_UNSUPPORTED_MODIFIER',
    );
  });

  test('strings are folded, save for :exact', () => {
    expect(testsOf('Patient', 'name', "O'Brién")).toEqual([
      { type: 'string', match: 'starts', text: 'obrien' },
    ]);
    expect(testsOf('Patient', 'name:contains', 'É')).toEqual([
      { type: 'string', match: 'contains', text: 'e' },
    ]);
    expect(testsOf('Patient', 'name:exact', 'Éric')).toEqual([
      { type: 'string', match: 'exact', text: 'Éric' },
    ]);
  });

  test(':missing asks whether there is a value', () => {
    const present = { kind: 'present', code: 'birthdate', type: 'date' };
    expect(filterOf('Patient', 'birthdate:missing', 'false')).toEqual([present]);
    expect(filterOf('Patient', 'birthdate:missing', 'true')).toEqual([{ kind: 'not', operand: present }]);
  });

  test('_id, _tag, _profile, _security and _source are known to every type', () => {
    expect(filterOf('Basic', '_id', 'a,b')).toEqual([{ kind: 'id', ids: ['a', 'b'] }]);
    expect(testsOf('Basic', '_tag', 's|t')).toMatchObject([{ type: 'token' }]);
    expect(testsOf('Basic', '_security', 's|t')).toMatchObject([{ type: 'token' }]);
    expect(testsOf('Basic', '_profile', 'http://example.org/p')).toEqual([
      { type: 'uri', uri: 'http://example.org/p' },
    ]);
    expect(testsOf('Basic', '_source', 'urn:x')).toEqual([{ type: 'uri', uri: 'urn:x' }]);
  });

  test('every plain parameter of every type can be searched', () => {
    const samples: Record<string, string> = {
      token: 'a',
      string: 'a',
      date: '2024',
      number: '1',
      quantity: '1',
      reference: 'a',
      uri: 'urn:a',
    };
    let searched = 0;
    for (const type of reading.definitions.resourceTypes) {
      for (const parameter of reading.definitions.searchParameters(type)) {
        const sample = samples[parameter.type];
        if (sample === undefined || parameter.expression === null || parameter.usage !== 'normal') continue;
        expect(filterOf(type, parameter.code, sample)).toHaveLength(1);
        searched++;
      }
    }
    expect(searched).toBeGreaterThan(1500);
  });
});

describe('what is refused', () => {
  test.each([
    ['an empty alternative', 'gender', 'male,,female', 'FHIR_SEARCH_INVALID_VALUE'],
    ['a dangling escape', 'gender', 'male\\', 'FHIR_SEARCH_INVALID_VALUE'],
    ['an escape of nothing', 'gender', 'ma\\le', 'FHIR_SEARCH_INVALID_VALUE'],
    ['a bar alone', 'identifier', '|', 'FHIR_SEARCH_INVALID_VALUE'],
    ['three parts of a token', 'identifier', 'a|b|c', 'FHIR_SEARCH_INVALID_VALUE'],
    ['30 February', 'birthdate', '2024-02-30', 'FHIR_SEARCH_INVALID_VALUE'],
    ['an unknown prefix', 'birthdate', 'xx2024', 'FHIR_SEARCH_INVALID_VALUE'],
    ['a prefix alone', 'birthdate', 'ge', 'FHIR_SEARCH_INVALID_VALUE'],
    ['an id that is none', '_id', 'a b', 'FHIR_SEARCH_INVALID_VALUE'],
    ['a reference that is none', 'organization', 'Nonsense/1', 'FHIR_SEARCH_INVALID_VALUE'],
    ['an unknown modifier', 'name:phonetic', 'a', 'FHIR_SEARCH_UNSUPPORTED_MODIFIER'],
    ['a modifier of another type', 'gender:exact', 'male', 'FHIR_SEARCH_UNSUPPORTED_MODIFIER'],
    ['an unknown modifier of _id', '_id:above', 'a', 'FHIR_SEARCH_UNSUPPORTED_MODIFIER'],
    [':of-type without a system', 'identifier:of-type', '|MR|1', 'FHIR_SEARCH_INVALID_VALUE'],
    [':of-type without a value', 'identifier:of-type', 'http://s|MR', 'FHIR_SEARCH_INVALID_VALUE'],
    ['an empty modifier', 'name:', 'a', 'FHIR_SEARCH_UNSUPPORTED_MODIFIER'],
    [':missing=maybe', 'name:missing', 'maybe', 'FHIR_SEARCH_INVALID_VALUE'],
    ['_filter behind a chain', 'organization._filter', 'name eq a', 'FHIR_SEARCH_UNSUPPORTED_PARAMETER'],
    ['_filter with a modifier', '_filter:not', 'name eq a', 'FHIR_SEARCH_UNSUPPORTED_PARAMETER'],
    ['_text of a phrase', '_text', '"a b"', 'FHIR_SEARCH_INVALID_VALUE'],
    ['_text without a word', '_text', '+ -', 'FHIR_SEARCH_INVALID_VALUE'],
    ['_text with an operator', '_text', 'a NOT b', 'FHIR_SEARCH_INVALID_VALUE'],
    ['_text with nothing behind OR', '_text', 'a OR', 'FHIR_SEARCH_INVALID_VALUE'],
    ['_text with a star in front', '_text', '*a', 'FHIR_SEARCH_INVALID_VALUE'],
    ['_text:contains', '_text:contains', 'a', 'FHIR_SEARCH_UNSUPPORTED_MODIFIER'],
    ['_content of many words', '_content', 'a b c d '.repeat(9), 'FHIR_SEARCH_TOO_COMPLEX'],
    ['_contained=true', '_contained', 'true', 'FHIR_SEARCH_UNSUPPORTED_PARAMETER'],
    ['a phonetic parameter', 'phonetic', 'a', 'FHIR_SEARCH_UNSUPPORTED_PARAMETER'],
    ['_count of no number', '_count', '-1', 'FHIR_SEARCH_INVALID_VALUE'],
    ['_total of no kind', '_total', 'some', 'FHIR_SEARCH_INVALID_VALUE'],
  ])('%s, under either handling', (_, name, value, code) => {
    for (const handling of ['strict', 'lenient'] as const) {
      expect(codeOf(() => parse('Patient', [[name, value]], { handling }))).toBe(code);
    }
  });

  test.each([
    ['code-value-quantity', 'a'],
    ['code-value-quantity', 'a$1$2'],
    ['code-value-quantity', 'a$'],
    ['code-value-quantity', '$1'],
    ['code-value-quantity', 'a$b'],
    ['code-value-quantity', 'a$1|mg'],
    ['code-value-date', 'a$yesterday'],
    ['code-value-string', `a$${'x'.repeat(256)}`],
    ['code-value-string', `a$${'é'.repeat(128)}ß`],
  ])('a composite %s=%s', (name, value) => {
    expect(codeOf(() => filterOf('Observation', name, value))).toBe(
      name === 'code-value-string' && value.includes('é') ? 'accepted' : 'FHIR_SEARCH_INVALID_VALUE',
    );
  });

  test('a version in a composite', () => {
    expect(
      codeOf(() => filterOf('DocumentReference', 'relationship', 'DocumentReference/1/_history/2$signs')),
    ).toBe('FHIR_SEARCH_INVALID_VALUE');
  });

  test.each([
    '1',
    '91|0',
    '1|181',
    '1|2|-1',
    '1|2|3|kg',
    '1|2|3|mi',
    '1|2|3|Cel',
    '1|2||km',
    '1|2|3|km|5',
    'a|b',
    'NaN|2',
  ])('near=%s', (value) => {
    expect(codeOf(() => filterOf('Location', 'near', value))).toBe('FHIR_SEARCH_INVALID_VALUE');
  });

  test('numbers and quantities that are none', () => {
    for (const value of ['a', '1e999', 'gt', '1|2', '1|a|b|c', '0x10', '']) {
      expect(codeOf(() => parse('Observation', [['value-quantity', value]], { handling: 'strict' }))).toBe(
        'FHIR_SEARCH_INVALID_VALUE',
      );
    }
  });

  test('a result parameter twice', () => {
    const twice: SearchParameterPair[] = [
      ['_count', '1'],
      ['_count', '2'],
    ];
    expect(codeOf(() => parse('Patient', twice))).toBe('FHIR_SEARCH_REPEATED_PARAMETER');
  });

  test('more than the bounds allow', () => {
    const many = Array.from({ length: 65 }, (): SearchParameterPair => ['gender', 'male']);
    expect(codeOf(() => parse('Patient', many))).toBe('FHIR_SEARCH_TOO_COMPLEX');
    const values = Array.from({ length: 1001 }, (_, n) => n).join(',');
    expect(codeOf(() => filterOf('Patient', 'identifier', values))).toBe('FHIR_SEARCH_TOO_COMPLEX');
    expect(codeOf(() => filterOf('Patient', 'identifier', 'x'.repeat(3000)))).toBe('FHIR_SEARCH_TOO_COMPLEX');
    expect(codeOf(() => filterOf('Patient', 'nonsense', 'x'.repeat(200_000)))).toBe(
      'FHIR_SEARCH_TOO_COMPLEX',
    );
    expect(codeOf(() => filterOf('Patient', '_sort', '_id,_id,_id,_id,_id,_id'))).toBe(
      'FHIR_SEARCH_TOO_COMPLEX',
    );
  });

  test('messages hold no more of the input than is needed', () => {
    try {
      parse('Patient', [['n'.repeat(5000), 'a']], { handling: 'strict' });
      throw new Error('accepted');
    } catch (error) {
      expect((error as Error).message.length).toBeLessThan(300);
    }
  });
});

describe('handling', () => {
  test('strict refuses an unknown parameter, lenient leaves it out of self with a warning', () => {
    expect(codeOf(() => parse('Patient', [['frob', '1']], { handling: 'strict' }))).toBe(
      'FHIR_SEARCH_UNKNOWN_PARAMETER',
    );
    const parsed = parse('Patient', [
      ['frob', '1'],
      ['gender', 'male'],
    ]);
    expect(parsed.applied).toEqual([['gender', 'male']]);
    expect(parsed.warnings).toMatchObject([
      { severity: 'warning', message: expect.stringContaining('frob') },
    ]);
    expect(parsed.query.filter).toHaveLength(1);
  });

  test('names of JavaScript are no parameters', () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      expect(codeOf(() => parse('Patient', [[name, '1']], { handling: 'strict' }))).toBe(
        'FHIR_SEARCH_UNKNOWN_PARAMETER',
      );
    }
  });

  test('a parameter without a value says nothing', () => {
    expect(codeOf(() => parse('Patient', [['gender', '']], { handling: 'strict' }))).toBe(
      'FHIR_SEARCH_INVALID_VALUE',
    );
    const parsed = parse('Patient', [['gender', '']]);
    expect(parsed.query.filter).toEqual([]);
    expect(parsed.applied).toEqual([]);
    expect(parsed.warnings).toHaveLength(1);
  });

  test('an unknown sort key is left out, the others stay', () => {
    const parsed = parse('Patient', [['_sort', '-birthdate,frob,_id']]);
    expect(parsed.applied).toEqual([['_sort', '-birthdate,_id']]);
    expect(parsed.query.sort).toEqual([
      { code: 'birthdate', type: 'date', descending: true },
      { code: '_id', type: 'id', descending: false },
    ]);
    expect(parsed.warnings).toHaveLength(1);
  });

  test('_elements and _summary stay in links and leave the matches alone', () => {
    const parsed = parse('Patient', [
      ['_elements', 'id'],
      ['_summary', 'true'],
    ]);
    expect(parsed.applied).toEqual([
      ['_elements', 'id'],
      ['_summary', 'true'],
    ]);
    expect(parsed.warnings).toEqual([]);
  });
});

describe('result parameters', () => {
  test.each([
    [[], 20, 'none'],
    [[['_count', '5']], 5, 'none'],
    [[['_count', '100000']], 1000, 'none'],
    [[['_count', '0']], 0, 'none'],
    [[['_summary', 'count']], 0, 'none'],
    [[['_summary', 'false']], 20, 'none'],
    [[['_total', 'accurate']], 20, 'accurate'],
  ] as [SearchParameterPair[], number, string][])('%j', (parameters, count, total) => {
    const { query } = parse('Patient', parameters);
    expect(query).toMatchObject({ count, total });
  });

  test('_format and _pretty stay in links and change nothing', () => {
    const parsed = parse('Patient', [['_format', 'json']]);
    expect(parsed.applied).toEqual([['_format', 'json']]);
    expect(parsed.query.filter).toEqual([]);
  });
});

describe('criteria', () => {
  test('are decoded and parsed strictly', () => {
    const query = parseCriteria('Practitioner', '?identifier=http://hl7.org/fhir/sid/us-npi%7C99', reading);
    expect(query.filter).toEqual([
      {
        kind: 'parameter',
        code: 'identifier',
        type: 'token',
        anyOf: [{ type: 'token', system: 'http://hl7.org/fhir/sid/us-npi', code: '99' }],
      },
    ]);
    expect(codeOf(() => parseCriteria('Practitioner', 'frob=1', reading))).toBe(
      'FHIR_SEARCH_UNKNOWN_PARAMETER',
    );
  });

  test.each(['', '?', '&', 'identifier='])('%j would match everything and is refused', (text) => {
    expect(codeOf(() => parseCriteria('Patient', text, reading))).not.toBe('accepted');
  });

  test('hold no result parameters and no broken encoding', () => {
    expect(codeOf(() => parseCriteria('Patient', 'name=a&_count=1', reading))).toBe(
      'FHIR_SEARCH_CRITERIA_CONTROL',
    );
    expect(codeOf(() => parseCriteria('Patient', 'name=%E0%A4', reading))).toBe('FHIR_SEARCH_ENCODING');
  });
});
