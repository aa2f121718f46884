import { FirekeepError } from '../../platform/errors/index.js';
import { loadVocabulary } from '../definitions/index.js';
import { CodeSystem } from './code-system.js';
import { expandValueSet, type TerminologySource } from './expansion.js';
import { publishedCodeSystem, publishedValueSet } from './published-terminology.js';
import { valueSetDefinition } from './value-set-definition.js';

/** What FHIR R4 publishes, and resources of the test. */
function sourceOf(
  ...resources: { resourceType: string; url: string; [member: string]: unknown }[]
): TerminologySource {
  const find = (type: string, url: string) =>
    resources.find((one) => one.resourceType === type && one.url === url);
  return {
    patternSteps: 1_000_000,
    valueSet: (reference) =>
      Promise.resolve(
        valueSetDefinition(find('ValueSet', reference)) ??
          publishedValueSet(reference.split('|')[0] ?? '', null),
      ),
    codeSystem: (url) =>
      Promise.resolve(CodeSystem.from(find('CodeSystem', url)) ?? publishedCodeSystem(url)),
  };
}

const colours = {
  resourceType: 'CodeSystem',
  url: 'http://example.org/colours',
  content: 'complete',
  property: [
    { code: 'warm', type: 'boolean' },
    { code: 'parent', type: 'code' },
  ],
  concept: [
    {
      code: 'colour',
      concept: [
        {
          code: 'red',
          property: [{ code: 'warm', valueBoolean: true }],
          concept: [
            { code: 'crimson', property: [{ code: 'status', valueCode: 'retired' }] },
            { code: 'scarlet' },
          ],
        },
        { code: 'blue', property: [{ code: 'warm', valueBoolean: false }], concept: [{ code: 'navy' }] },
      ],
    },
    {
      code: 'violet',
      property: [
        { code: 'parent', valueCode: 'red' },
        { code: 'parent', valueCode: 'blue' },
      ],
    },
    { code: 'texture' },
  ],
};
const system = colours.url;

const valueSet = (compose: object, url = 'http://example.org/vs') => ({
  resourceType: 'ValueSet',
  url,
  compose,
});
const include = (...filter: object[]) => ({ include: [{ system, filter }] });

async function codesOf(
  compose: object,
  ...more: Parameters<typeof sourceOf>
): Promise<string[] | null | undefined> {
  const set = valueSet(compose);
  const expanded = await expandValueSet(set.url, sourceOf(colours, set, ...more));
  const codes = expanded.get(system);
  return codes === null || codes === undefined ? codes : [...codes].sort();
}

async function refusal(compose: object, ...more: Parameters<typeof sourceOf>): Promise<string> {
  const error: unknown = await codesOf(compose, ...more).catch((thrown: unknown) => thrown);
  if (error instanceof FirekeepError) {
    expect(error.status).toBe(422);
    return `${error.code}: ${error.message}`;
  }
  throw new Error('expanded');
}

describe('compose', () => {
  const everything = ['blue', 'colour', 'crimson', 'navy', 'red', 'scarlet', 'texture', 'violet'];
  const filter = (property: string, op: string, value: string) => ({ property, op, value });

  test.each([
    ['a whole system', { include: [{ system }] }, everything],
    [
      'listed concepts',
      { include: [{ system, concept: [{ code: 'red' }, { code: 'nowhere' }] }] },
      ['nowhere', 'red'],
    ],
    [
      'is-a, through nesting and parents',
      include(filter('concept', 'is-a', 'red')),
      ['crimson', 'red', 'scarlet', 'violet'],
    ],
    ['descendent-of', include(filter('concept', 'descendent-of', 'blue')), ['navy', 'violet']],
    ['is-not-a', include(filter('concept', 'is-not-a', 'colour')), ['texture']],
    ['generalizes', include(filter('concept', 'generalizes', 'violet')), ['blue', 'colour', 'red', 'violet']],
    ['= of a property', include(filter('warm', '=', 'true')), ['red']],
    ['exists', include(filter('warm', 'exists', 'true')), ['blue', 'red']],
    [
      'exists false',
      include(filter('warm', 'exists', 'false')),
      everything.filter((code) => code !== 'red' && code !== 'blue'),
    ],
    ['in', include(filter('code', 'in', 'red, navy')), ['navy', 'red']],
    [
      'not-in',
      include(filter('code', 'not-in', 'red,navy'), filter('concept', 'is-a', 'red')),
      ['crimson', 'scarlet', 'violet'],
    ],
    [
      'regex, of the whole code',
      include(filter('code', 'regex', '.*re.|b.*')),
      ['blue', 'red', 'texture'].filter((c) => /^(.*re.|b.*)$/.test(c)),
    ],
    ['parent =', include(filter('parent', '=', 'blue')), ['navy', 'violet']],
    ['two filters', include(filter('concept', 'is-a', 'red'), filter('concept', 'is-a', 'blue')), ['violet']],
    [
      'exclude',
      { include: [{ system }], exclude: [{ system, filter: [filter('concept', 'is-a', 'colour')] }] },
      ['texture'],
    ],
    [
      'no inactive ones',
      { inactive: false, ...include(filter('concept', 'is-a', 'red')) },
      ['red', 'scarlet', 'violet'],
    ],
  ])('%s', async (_, compose, expected) => {
    expect(await codesOf(compose)).toEqual(expected);
  });

  test('value sets in value sets intersect with the system beside them, and unite over includes', async () => {
    const reds = valueSet(include(filter('concept', 'is-a', 'red')), 'http://example.org/reds');
    const blues = valueSet(include(filter('concept', 'is-a', 'blue')), 'http://example.org/blues');
    expect(await codesOf({ include: [{ valueSet: [reds.url, blues.url] }] }, reds, blues)).toEqual([
      'violet',
    ]);
    expect(
      await codesOf({ include: [{ valueSet: [reds.url] }, { valueSet: [blues.url] }] }, reds, blues),
    ).toHaveLength(6);
    expect(
      await codesOf(
        { include: [{ system, concept: [{ code: 'red' }, { code: 'navy' }], valueSet: [reds.url] }] },
        reds,
      ),
    ).toEqual(['red']);
  });

  test('a system whose codes are not known counts with any of them', async () => {
    const set = valueSet({
      include: [{ system: 'http://loinc.org' }, { system, concept: [{ code: 'red' }] }],
    });
    const expanded = await expandValueSet(set.url, sourceOf(set));
    expect(expanded.get('http://loinc.org')).toBeNull();
    expect(expanded.get(system)).toEqual(new Set(['red']));
  });

  test('implicit value sets are all of a system, or a concept with what is below it', async () => {
    const all = await expandValueSet('http://snomed.info/sct?fhir_vs', sourceOf());
    expect([...all]).toEqual([['http://snomed.info/sct', null]]);
    const below = await expandValueSet(`${system}?fhir_vs=isa/blue`, sourceOf(colours));
    expect([...(below.get(system) ?? [])].sort()).toEqual(['blue', 'navy', 'violet']);
  });
});

describe('a stored expansion', () => {
  const url = 'http://example.org/expanded';
  const contains = [
    { system, abstract: true, code: 'colour', contains: [{ system, code: 'red' }] },
    { system, code: 'blue' },
  ];
  const set = (expansion: object) => ({ resourceType: 'ValueSet', url, expansion });

  test('counts where nothing says how the set is composed', async () => {
    const expanded = await expandValueSet(url, sourceOf(set({ contains })));
    expect([...(expanded.get(system) ?? [])].sort()).toEqual(['blue', 'red']);
  });

  test('is refused where it is a part', async () => {
    await expect(expandValueSet(url, sourceOf(set({ total: 9, contains })))).rejects.toThrow(
      'a part of it only',
    );
  });
});

describe('refusals say what is missing', () => {
  test.each([
    [
      'a filter of a system that is not here',
      { include: [{ system: 'http://loinc.org', filter: [{ property: 'parent', op: '=', value: 'X' }] }] },
      /FHIR_VALUE_SET_NOT_EXPANDABLE.*http:\/\/loinc.org are not all known/,
    ],
    [
      'a concept that is not there',
      include({ property: 'concept', op: 'is-a', value: 'green' }),
      /names a concept that the system does not have/,
    ],
    ['a property that is not there', include({ property: 'taste', op: '=', value: 'x' }), /names a property/],
    [
      'a pattern that is not understood',
      include({ property: 'code', op: 'regex', value: '(?=a)' }),
      /a pattern that is not understood/,
    ],
    [
      'an operator that is unknown',
      include({ property: 'code', op: 'like', value: 'a' }),
      /an operator that is not known/,
    ],
    [
      'a value set that is not here',
      { include: [{ valueSet: ['http://example.org/none'] }] },
      /FHIR_VALUE_SET_UNKNOWN.*http:\/\/example.org\/none/,
    ],
    ['itself', { include: [{ valueSet: ['http://example.org/vs'] }] }, /is made of itself/],
    [
      'what is taken from an unknown system',
      {
        include: [{ system: 'http://loinc.org' }],
        exclude: [{ system: 'http://loinc.org', concept: [{ code: 'a' }] }],
      },
      /leaves out codes/,
    ],
    [
      'too many codes',
      { include: [{ system, concept: Array.from({ length: 100_001 }, (_, n) => ({ code: `c${n}` })) }] },
      /FHIR_TERMINOLOGY_TOO_LARGE/,
    ],
  ])('%s', async (_, compose, message) => {
    expect(await refusal(compose)).toMatch(message);
  });

  test('a hierarchy of parts says nothing of kinds', async () => {
    const parts = { ...colours, url: 'http://example.org/parts', hierarchyMeaning: 'part-of' };
    const compose = {
      include: [{ system: parts.url, filter: [{ property: 'concept', op: 'is-a', value: 'red' }] }],
    };
    expect(await refusal(compose, parts)).toMatch(/the hierarchy of the system says none/);
  });
});

describe('value sets of FHIR R4', () => {
  const expansion = (name: string) => expandValueSet(`http://hl7.org/fhir/ValueSet/${name}`, sourceOf());

  test('administrative-gender', async () => {
    expect([...(await expansion('administrative-gender'))]).toEqual([
      ['http://hl7.org/fhir/administrative-gender', new Set(['male', 'female', 'other', 'unknown'])],
    ]);
  });

  test('v3-ActEncounterCode goes by is-a of a concept that is none to choose', async () => {
    const [[url, codes] = []] = await expandValueSet(
      'http://terminology.hl7.org/ValueSet/v3-ActEncounterCode',
      sourceOf(),
    );
    expect(url).toBe('http://terminology.hl7.org/CodeSystem/v3-ActCode');
    for (const code of ['AMB', 'EMER', 'IMP', 'ACUTE', 'VR']) expect(codes).toContain(code);
    expect(codes).not.toContain('ACCTRECEIVABLE');
  });

  test('are expanded, save those that filter systems which FHIR does not publish', async () => {
    const missing = new Set<string>();
    let expanded = 0;
    for (const url of loadVocabulary().valueSets) {
      try {
        await expandValueSet(url, sourceOf());
        expanded++;
      } catch (error) {
        if (!(error instanceof FirekeepError)) throw error;
        const [, system] = /code system (\S+) are not/.exec(error.message) ?? [];
        missing.add(system ?? `${error.code} ${error.message.split('"')[1]}`);
      }
    }
    expect(expanded).toBe(1_258);
    expect([...missing].sort()).toEqual([
      // A property that the published code system doesn't have.
      'FHIR_VALUE_SET_NOT_EXPANDABLE http://hl7.org/fhir/ValueSet/example-filter',
      'FHIR_VALUE_SET_UNKNOWN http://hl7.org/fhir/ValueSet/dicom-cid29',
      'FHIR_VALUE_SET_UNKNOWN http://hl7.org/fhir/ValueSet/usps-state',
      'http://loinc.org',
      'http://snomed.info/sct',
      'http://unitsofmeasure.org',
      'http://unstats.un.org/unsd/methods/m49/m49.htm',
      'urn:iso:std:iso:3166',
    ]);
  });
});
