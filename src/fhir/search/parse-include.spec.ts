import { loadDefinitions } from '../definitions/index.js';
import { includeText } from './parse-include.js';
import { parseSearch } from './parse-search.js';
import type { ParsedSearch, SearchParameterPair } from './parse-search.js';

const parse = (
  parameters: readonly SearchParameterPair[],
  { handling = 'strict' }: { readonly handling?: 'strict' | 'lenient' } = {},
): ParsedSearch =>
  parseSearch({
    repository: 'default',
    types: ['Observation'],
    parameters,
    handling,
    definitions: loadDefinitions(),
    bases: [],
    zone: 'UTC',
  });

describe('includes', () => {
  it.each([
    ['_include', 'Observation:subject', [false, false, 'Observation', 'subject', null]],
    ['_include', 'Observation:subject:Patient', [false, false, 'Observation', 'subject', 'Patient']],
    ['_include', 'Observation:*', [false, false, 'Observation', null, null]],
    ['_include', '*', [false, false, null, null, null]],
    ['_include:iterate', 'Patient:link:Patient', [false, true, 'Patient', 'link', 'Patient']],
    ['_revinclude', 'Provenance:target', [true, false, 'Provenance', 'target', null]],
    ['_revinclude', 'DiagnosticReport:*', [true, false, 'DiagnosticReport', null, null]],
    ['_revinclude:iterate', 'Encounter:subject', [true, true, 'Encounter', 'subject', null]],
  ] as const)('%s=%s is read and stays in the self link', (name, value, expected) => {
    const { query, applied, warnings } = parse([[name, value]]);
    const [reverse, iterate, type, code, target] = expected;
    expect(query.includes).toMatchObject([{ reverse, iterate, type, code, target }]);
    expect(query.filter).toEqual([]);
    expect([applied, warnings]).toEqual([[[name, value]], []]);
    expect(query.includes?.map(includeText)).toEqual([`${name}=${value}`]);
  });

  it.each([
    ['_include', 'Observation:status', 'FHIR_SEARCH_INVALID_VALUE'],
    ['_include', 'Observation:subject:Practitioner', 'FHIR_SEARCH_INVALID_VALUE'],
    ['_include', 'Observation', 'FHIR_SEARCH_INVALID_VALUE'],
    ['_include', 'Observation:', 'FHIR_SEARCH_INVALID_VALUE'],
    ['_include', ':subject', 'FHIR_SEARCH_INVALID_VALUE'],
    ['_include', 'Observation:subject:', 'FHIR_SEARCH_INVALID_VALUE'],
    ['_include', 'Observation:subject:Patient:x', 'FHIR_SEARCH_INVALID_VALUE'],
    ['_include:recurse', 'Observation:subject', 'FHIR_SEARCH_UNSUPPORTED_MODIFIER'],
    ['_include:logical', 'Observation:subject', 'FHIR_SEARCH_UNSUPPORTED_MODIFIER'],
    ['_revinclude.x', 'Observation:subject', 'FHIR_SEARCH_UNSUPPORTED_MODIFIER'],
  ])('%s=%s is refused under either handling', (name, value, code) => {
    for (const handling of ['strict', 'lenient'] as const) {
      expect(() => parse([[name, value]], { handling })).toThrow(expect.objectContaining({ code }));
    }
  });

  it.each([
    ['_include', 'Nonsense:subject'],
    ['_include', 'Observation:nonsense'],
    ['_include', 'Observation:subject:Nonsense'],
    ['_include', 'Patient:general-practitioner'],
    ['_revinclude', 'Encounter:subject'],
    ['_revinclude', 'Coverage:*'],
  ])('%s=%s leads nowhere: left out with a warning, refused under strict handling', (name, value) => {
    expect(() => parse([[name, value]])).toThrow(
      expect.objectContaining({ code: 'FHIR_SEARCH_INCLUDE_UNKNOWN' }),
    );
    const { query, applied, warnings } = parse([[name, value]], { handling: 'lenient' });
    expect([query.includes, applied, warnings.length]).toEqual([undefined, [], 1]);
  });

  it('are bounded in number, and not had together with narratives alone', () => {
    const many = Array.from({ length: 21 }, (): [string, string] => ['_include', 'Observation:subject']);
    expect(() => parse(many)).toThrow(expect.objectContaining({ code: 'FHIR_SEARCH_TOO_COMPLEX' }));
    const text: [string, string][] = [
      ['_include', '*'],
      ['_summary', 'text'],
    ];
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'FHIR_SEARCH_UNSUPPORTED_PARAMETER' }));
  });
});
