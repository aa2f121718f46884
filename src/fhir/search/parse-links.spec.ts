import { FirekeepError } from '../../platform/errors/index.js';
import { loadDefinitions } from '../definitions/index.js';
import { parseSearch, type ParsedSearch, type SearchInput } from './parse-search.js';
import type { SearchExpression } from './query.js';

function parse(search: string, value: string, extra: Partial<SearchInput> = {}): ParsedSearch {
  const [type = '', name = ''] = search.split('?');
  return parseSearch({
    repository: 'default',
    types: [type],
    parameters: [[name, value]],
    handling: 'strict',
    definitions: loadDefinitions(),
    bases: ['https://fhir.example.org/r4'],
    zone: 'UTC',
    ...extra,
  });
}

const filterOf = (search: string, value: string): SearchExpression => parse(search, value).query.filter[0]!;

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof FirekeepError) return error.code;
    throw error;
  }
  return 'accepted';
}

const starts = (code: string, text: string, match: 'starts' | 'exact' = 'starts'): SearchExpression => ({
  kind: 'parameter',
  code,
  type: 'string',
  anyOf: [{ type: 'string', match, text }],
});
const token = (code: string, value: string): SearchExpression => ({
  kind: 'parameter',
  code,
  type: 'token',
  anyOf: [{ type: 'token', system: undefined, code: value }],
});

describe('a chain', () => {
  test('with a type', () => {
    expect(filterOf('Observation?subject:Patient.name', 'peter')).toEqual({
      kind: 'chain',
      code: 'subject',
      targets: ['Patient'],
      operand: starts('name', 'peter'),
    });
  });

  test('without a type leads to every type that has the parameter', () => {
    // Of Patient, Group, Device and Location, a Group has no name.
    const found = filterOf('Observation?subject.name', 'peter');
    expect(found).toMatchObject({ kind: 'chain', code: 'subject', operand: starts('name', 'peter') });
    expect(found.kind === 'chain' && [...found.targets].sort()).toEqual(['Location', 'Patient']);
  });

  test('of several references, with a modifier at the end', () => {
    expect(filterOf('Patient?general-practitioner:Practitioner.name:exact', 'Müller')).toEqual({
      kind: 'chain',
      code: 'general-practitioner',
      targets: ['Practitioner'],
      operand: starts('name', 'Müller', 'exact'),
    });
    expect(filterOf('Observation?patient.organization.name', 'a')).toEqual({
      kind: 'chain',
      code: 'patient',
      targets: ['Patient'],
      operand: {
        kind: 'chain',
        code: 'organization',
        targets: ['Organization'],
        operand: starts('name', 'a'),
      },
    });
  });

  test('to types where the parameter has several meanings asks each of them in its own', () => {
    // AuditEvent.entity.what is any resource; "version" is a token of most and a string of some.
    const mixed = filterOf('AuditEvent?entity.version', 'a');
    const kinds = (mixed.kind === 'or' ? mixed.operands : [mixed]).map((one) =>
      one.kind === 'chain' && one.operand.kind === 'parameter' ? one.operand.type : one.kind,
    );
    expect(new Set(kinds).size).toBe(kinds.length);
    expect(kinds).toContain('token');
  });

  test('reads id and time of what it leads to', () => {
    expect(filterOf('Observation?patient._id', 'a,b')).toMatchObject({
      kind: 'chain',
      operand: { kind: 'id', ids: ['a', 'b'] },
    });
    expect(filterOf('Observation?patient._lastUpdated', 'gt2024')).toMatchObject({
      kind: 'chain',
      operand: { kind: 'last-updated', prefix: 'gt' },
    });
  });

  test.each([
    ['of an unknown parameter', 'Observation?patient.nonsense', 'FHIR_SEARCH_UNKNOWN_PARAMETER'],
    ['by an unknown reference', 'Observation?nonsense.name', 'FHIR_SEARCH_UNKNOWN_PARAMETER'],
    [
      'of an unknown parameter two references away',
      'Observation?patient.organization.birthdate',
      'FHIR_SEARCH_UNKNOWN_PARAMETER',
    ],
    ['by what is no reference', 'Observation?status.name', 'FHIR_SEARCH_INVALID_PATH'],
    ['without an end', 'Observation?patient.', 'FHIR_SEARCH_INVALID_PATH'],
    ['without a start', 'Observation?.name', 'FHIR_SEARCH_INVALID_PATH'],
    ['with two types', 'Observation?subject:Patient:Group.name', 'FHIR_SEARCH_INVALID_PATH'],
    ['without the type after its colon', 'Observation?subject:.name', 'FHIR_SEARCH_INVALID_PATH'],
    [
      'with a type that it does not lead to',
      'Observation?subject:Encounter.status',
      'FHIR_SEARCH_UNSUPPORTED_MODIFIER',
    ],
    ['with a type that is none', 'Observation?subject:Nonsense.status', 'FHIR_SEARCH_UNSUPPORTED_MODIFIER'],
    [
      'of a parameter that is not evaluated',
      'Observation?patient.phonetic',
      'FHIR_SEARCH_UNSUPPORTED_PARAMETER',
    ],
    ['of a result parameter', 'Observation?patient._sort', 'FHIR_SEARCH_UNKNOWN_PARAMETER'],
    ['that is too long', `Organization?${'partof.'.repeat(9)}name`, 'FHIR_SEARCH_TOO_COMPLEX'],
  ])('%s is refused', (_, search, code) => {
    expect(codeOf(() => parse(search, 'a'))).toBe(code);
  });

  test('of the greatest length is read', () => {
    expect(codeOf(() => parse(`Organization?${'partof.'.repeat(8)}name`, 'a'))).toBe('accepted');
  });

  test('may not stand too often', () => {
    const parameters = Array.from({ length: 5 }, () => [`${'partof.'.repeat(7)}name`, 'a'] as const);
    expect(codeOf(() => parse('Organization?', 'a', { parameters }))).toBe('FHIR_SEARCH_TOO_COMPLEX');
  });

  test('of an unknown parameter is left out where the request is lenient', () => {
    const parsed = parse('Observation?patient.nonsense', 'a', { handling: 'lenient' });
    expect(parsed).toMatchObject({
      applied: [],
      query: { filter: [] },
      warnings: [{ code: 'not-supported' }],
    });
    expect(parsed.warnings[0]?.message).toContain('patient.nonsense');
  });
});

describe('_list', () => {
  test('is what the entries of lists refer to', () => {
    expect(filterOf('Patient?_list', '42,43')).toEqual({
      kind: 'has',
      type: 'List',
      code: 'item',
      operand: { kind: 'id', ids: ['42', '43'] },
    });
    expect(filterOf('Observation?subject:Patient._list', '42')).toMatchObject({
      kind: 'chain',
      targets: ['Patient'],
      operand: { kind: 'has', type: 'List' },
    });
  });

  test.each([
    ['_list', '$current-allergies', 'FHIR_SEARCH_UNSUPPORTED_PARAMETER'],
    ['_list', 'a b', 'FHIR_SEARCH_INVALID_VALUE'],
    ['_list', '1,', 'FHIR_SEARCH_INVALID_VALUE'],
    ['_list:not', '1', 'FHIR_SEARCH_UNSUPPORTED_MODIFIER'],
  ])('%s=%s is refused', (name, value, code) => {
    expect(codeOf(() => parse(`Patient?${name}`, value, { handling: 'lenient' }))).toBe(code);
  });
});

describe('_has', () => {
  test('asks what refers here', () => {
    expect(filterOf('Patient?_has:Observation:patient:status', 'final')).toEqual({
      kind: 'has',
      type: 'Observation',
      code: 'patient',
      operand: token('status', 'final'),
    });
  });

  test('nests, and takes chains and modifiers', () => {
    expect(filterOf('Patient?_has:Observation:patient:_has:AuditEvent:entity:agent', 'a')).toMatchObject({
      kind: 'has',
      type: 'Observation',
      code: 'patient',
      operand: {
        kind: 'has',
        type: 'AuditEvent',
        code: 'entity',
        operand: { kind: 'parameter', code: 'agent' },
      },
    });
    expect(
      filterOf('Patient?_has:Observation:patient:performer:Practitioner.family:exact', 'A'),
    ).toMatchObject({
      kind: 'has',
      operand: { kind: 'chain', targets: ['Practitioner'], operand: starts('family', 'A', 'exact') },
    });
    expect(filterOf('Patient?_has:Observation:patient:status:not', 'final')).toEqual({
      kind: 'has',
      type: 'Observation',
      code: 'patient',
      operand: { kind: 'not', operand: token('status', 'final') },
    });
  });

  test('is followed by chains', () => {
    expect(filterOf('Encounter?subject:Patient._has:Group:member:_id', '102')).toEqual({
      kind: 'chain',
      code: 'subject',
      targets: ['Patient'],
      operand: { kind: 'has', type: 'Group', code: 'member', operand: { kind: 'id', ids: ['102'] } },
    });
  });

  test.each([
    ['alone', 'Patient?_has', 'FHIR_SEARCH_INVALID_PATH'],
    ['without a parameter', 'Patient?_has:Observation:patient', 'FHIR_SEARCH_INVALID_PATH'],
    ['with an empty parameter', 'Patient?_has:Observation:patient:', 'FHIR_SEARCH_INVALID_PATH'],
    ['of an unknown type', 'Patient?_has:Nonsense:patient:code', 'FHIR_SEARCH_UNKNOWN_PARAMETER'],
    ['by an unknown reference', 'Patient?_has:Observation:nonsense:code', 'FHIR_SEARCH_UNKNOWN_PARAMETER'],
    ['of an unknown parameter', 'Patient?_has:Observation:patient:nonsense', 'FHIR_SEARCH_UNKNOWN_PARAMETER'],
    ['by what is no reference', 'Patient?_has:Observation:status:code', 'FHIR_SEARCH_INVALID_PATH'],
    ['by what does not refer here', 'Patient?_has:Observation:encounter:code', 'FHIR_SEARCH_INVALID_PATH'],
    ['that nests too deep', `Patient?${'_has:Patient:link:'.repeat(9)}_id`, 'FHIR_SEARCH_TOO_COMPLEX'],
  ])('%s is refused', (_, search, code) => {
    expect(codeOf(() => parse(search, 'a'))).toBe(code);
  });
});
