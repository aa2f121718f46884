import { loadDefinitions } from '../../definitions/index.js';
import { extract } from './extract.js';
import type { ExtractionContext } from './extraction-context.js';

const context: ExtractionContext = { bases: ['https://fhir.example.org/r4', 'https://old.example.org/'] };

function valuesOf(code: string, resource: { resourceType: string } & Record<string, unknown>, own = context) {
  return extract(resource.resourceType, resource, own).find((found) => found.code === code)?.values;
}

const token = (system: string | null, code: string | null, text: string | null = null) => ({
  type: 'token',
  system,
  code,
  text,
  caseSensitive: true,
});

const local = (targetType: string, targetId: string) => ({
  type: 'reference',
  targetType,
  targetId,
  targetVersion: null,
  url: null,
  canonicalVersion: null,
  identifier: null,
});

const elsewhere = (url: string) => ({ ...local('', ''), targetType: null, targetId: null, url });

describe('token values', () => {
  const observation = (code: unknown) => ({ resourceType: 'Observation', code });

  it('give a code the system of the value set to which it is bound', () => {
    expect(valuesOf('gender', { resourceType: 'Patient', gender: 'male' })).toEqual([
      token('http://hl7.org/fhir/administrative-gender', 'male'),
    ]);
  });

  it('give a code outside its value set no system', () => {
    expect(valuesOf('gender', { resourceType: 'Patient', gender: 'Male' })).toEqual([token(null, 'Male')]);
  });

  it('tell the systems of a value set apart that draws on several', () => {
    expect(valuesOf('intent', { resourceType: 'Task', intent: 'unknown' })).toEqual([
      token('http://hl7.org/fhir/task-intent', 'unknown'),
    ]);
    expect(valuesOf('intent', { resourceType: 'Task', intent: 'order' })).toEqual([
      token('http://hl7.org/fhir/request-intent', 'order'),
    ]);
  });

  it('take every coding of a concept with its display, and the text of the concept once', () => {
    const code = { coding: [{ system: 's', code: 'a', display: 'A' }, { code: 'b' }], text: 'T' };
    expect(valuesOf('code', observation(code))).toEqual([token('s', 'a', 'A'), token(null, 'b', 'T')]);
    expect(valuesOf('code', observation({ ...code, coding: [{ code: 'a', display: 'A' }] }))).toEqual([
      token(null, 'a', 'A'),
      token(null, null, 'T'),
    ]);
    expect(valuesOf('code', observation({ text: 'T' }))).toEqual([token(null, null, 'T')]);
  });

  it('carry the codings and the text of an identifier type', () => {
    const type = { coding: [{ system: 'v2', code: 'MR' }, { display: 'no code' }], text: 'Record number' };
    const identifier = [{ system: 's', value: '1', type }];
    expect(valuesOf('identifier', { resourceType: 'Patient', identifier })).toEqual([
      { ...token('s', '1', 'Record number'), ofType: [{ system: 'v2', code: 'MR' }] },
    ]);
  });

  it('ignore case in contact points, booleans and systems that say so', () => {
    const patient = {
      resourceType: 'Patient',
      active: true,
      telecom: [
        { system: 'email', value: 'A@example.org' },
        { system: 'phone', value: '555' },
      ],
      communication: [{ language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'de-CH' }] } }],
    };
    const email = { ...token(null, 'A@example.org'), caseSensitive: false };
    expect(valuesOf('email', patient)).toEqual([email]);
    expect(valuesOf('telecom', patient)).toEqual([email, { ...email, code: '555' }]);
    expect(valuesOf('language', patient)).toMatchObject([{ code: 'de-CH', caseSensitive: false }]);
    expect(valuesOf('active', patient)).toEqual([
      { ...token('http://hl7.org/fhir/special-values', 'true'), caseSensitive: false },
    ]);
  });

  it('take strings, ids and URIs as they stand', () => {
    expect(valuesOf('version', { resourceType: 'ValueSet', version: '1.0 B' })).toEqual([
      token(null, '1.0 B'),
    ]);
    expect(valuesOf('event', { resourceType: 'MessageHeader', eventUri: 'urn:e' })).toEqual([
      token(null, 'urn:e'),
    ]);
  });

  it.each([
    [{}, 'false'],
    [{ deceasedBoolean: false }, 'false'],
    [{ deceasedBoolean: true }, 'true'],
    [{ deceasedDateTime: '2020' }, 'true'],
  ])('say of every patient whether it is deceased: %j', (deceased, expected) => {
    expect(valuesOf('deceased', { resourceType: 'Patient', ...deceased })).toMatchObject([
      { code: expected },
    ]);
  });

  it('say nothing about a patient whose death is marked as not known', () => {
    const patient = { resourceType: 'Patient', _deceasedBoolean: { extension: [{ url: 'u' }] } };
    expect(valuesOf('deceased', patient)).toBeUndefined();
  });
});

describe('string values', () => {
  it('take every part of a name and of an address', () => {
    const text = (exact: string, normalized: string) => ({ type: 'string', exact, normalized });
    const name = [
      { text: 'Dr. Ann B. Cé', family: 'Cé', given: ['Ann', 'B.'], prefix: ['Dr.'], suffix: ['MD'] },
    ];
    expect(valuesOf('name', { resourceType: 'Patient', name })).toEqual([
      text('Dr. Ann B. Cé', 'dr ann b ce'),
      text('Cé', 'ce'),
      text('Ann', 'ann'),
      text('B.', 'b'),
      text('Dr.', 'dr'),
      text('MD', 'md'),
    ]);
    const address = [
      { line: ['1 Way', 'Top'], city: 'X', district: 'D', state: 'S', postalCode: '0', country: 'CH' },
    ];
    const found = valuesOf('address', { resourceType: 'Patient', address });
    expect(found?.map((value) => 'exact' in value && value.exact)).toEqual(
      ['1 Way', 'Top', 'X', 'D', 'S', '0', 'CH'], // prettier-ignore
    );
  });

  it('hold a value once', () => {
    const name = [{ family: 'A', given: ['A', 'B', 'A'] }];
    expect(valuesOf('name', { resourceType: 'Patient', name })).toHaveLength(2);
  });
});

describe('date values', () => {
  const encounter = (period: unknown) => ({ resourceType: 'Encounter', period });

  it('cover the precision of a date', () => {
    expect(valuesOf('birthdate', { resourceType: 'Patient', birthDate: '2024-02' })).toEqual([
      { type: 'date', low: Date.UTC(2024, 1, 1), high: Date.UTC(2024, 2, 1) - 1 },
    ]);
  });

  it('are taken in the zone of the server where they have no offset', () => {
    const zoned = { ...context, timeZone: 'Europe/Berlin' };
    expect(valuesOf('birthdate', { resourceType: 'Patient', birthDate: '2024-02-01' }, zoned)).toMatchObject([
      { low: Date.UTC(2024, 0, 31, 23) },
    ]);
  });

  it('leave the open end of a period open', () => {
    expect(valuesOf('date', encounter({ start: '2020' }))).toEqual([
      { type: 'date', low: Date.UTC(2020, 0), high: Number.MAX_SAFE_INTEGER },
    ]);
    expect(valuesOf('date', encounter({ end: '2020' }))).toEqual([
      { type: 'date', low: Number.MIN_SAFE_INTEGER, high: Date.UTC(2021, 0) - 1 },
    ]);
  });

  it.each([{}, { start: 'x', end: '2020' }, { start: '2021', end: '2020' }, { start: null }, 'x', null])(
    'are none for the period %j',
    (period) => {
      expect(valuesOf('date', encounter(period))).toBeUndefined();
    },
  );

  it('take the outer limits of a timing', () => {
    const occurrenceTiming = {
      event: ['2020-03-01', '2020-01-01', 'x'],
      repeat: { boundsPeriod: { start: '2020-02', end: '2020-06' }, frequency: 1 },
    };
    expect(valuesOf('occurrence', { resourceType: 'ServiceRequest', occurrenceTiming })).toEqual([
      { type: 'date', low: Date.UTC(2020, 0, 1), high: Date.UTC(2020, 6, 1) - 1 },
    ]);
    const withoutDates = { repeat: { boundsDuration: { value: 1 } } };
    expect(
      valuesOf('occurrence', { resourceType: 'ServiceRequest', occurrenceTiming: withoutDates }),
    ).toBeUndefined();
  });
});

describe('number and quantity values', () => {
  const observation = (value: Record<string, unknown>) => ({ resourceType: 'Observation', ...value });
  const max = Number.MAX_VALUE;

  it('carry value, unit and implicit precision', () => {
    const valueQuantity = { value: 5.4, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' };
    expect(valuesOf('value-quantity', observation({ valueQuantity }))).toEqual([
      {
        type: 'quantity',
        low: 5.35,
        high: 5.45,
        ...valueQuantity,
        canonical: { value: 0.0054, low: 0.00535, high: 0.00545, code: 'g' },
      },
    ]);
  });

  it('convert the first 64 units of a resource', () => {
    const component = Array.from({ length: 70 }, (_, n) => ({
      valueQuantity: { value: 1, system: 'http://unitsofmeasure.org', code: `m{${n}}` },
    }));
    const values = valuesOf('component-value-quantity', observation({ component }));
    expect(values?.filter((value) => 'canonical' in value)).toHaveLength(64);
    expect(values).toHaveLength(70);
  });

  it('take the precision from the text of the decimal where it is known', () => {
    const valueQuantity = { value: 2 };
    const texts = {
      ...context,
      decimalText: (owner: object, key: string | number) =>
        owner === valueQuantity && key === 'value' ? '2.00' : undefined,
    };
    expect(valuesOf('value-quantity', observation({ valueQuantity }), texts)).toMatchObject([
      { value: 2, low: 1.995, high: 2.005 },
    ]);
    const nonsense = { ...context, decimalText: () => 'x' };
    expect(valuesOf('value-quantity', observation({ valueQuantity }), nonsense)).toMatchObject([
      { low: 1.5, high: 2.5 },
    ]);
  });

  it.each([
    ['<', -max, 5],
    ['<=', -max, 5.5],
    ['>', 5, max],
    ['>=', 4.5, max],
    ['?', 4.5, 5.5],
  ])('open the range to the side of the comparator %s', (comparator, low, high) => {
    const valueQuantity = { value: 5, comparator };
    expect(valuesOf('value-quantity', observation({ valueQuantity }))).toMatchObject([
      { value: 5, low, high },
    ]);
  });

  it('take the currency of money as its unit', () => {
    const totalNet = { value: 1.5, currency: 'CHF' };
    expect(valuesOf('totalnet', { resourceType: 'Invoice', totalNet })).toMatchObject([
      { value: 1.5, system: 'urn:iso:std:iso:4217', code: 'CHF', unit: null },
    ]);
  });

  it('span a range, open where an end is absent', () => {
    const range = (onsetRange: unknown) => valuesOf('onset-age', { resourceType: 'Condition', onsetRange });
    const years = (value: number) => ({ value, code: 'a', system: 'http://unitsofmeasure.org' });
    expect(range({ low: years(10), high: years(20) })).toMatchObject([
      { value: 15, low: 9.5, high: 20.5, code: 'a' },
    ]);
    expect(range({ low: years(10) })).toMatchObject([{ value: 10, low: 9.5, high: max, code: 'a' }]);
    expect(range({ high: years(20) })).toMatchObject([{ value: 20, low: -max, high: 20.5, code: 'a' }]);
    expect(range({ low: years(20), high: years(10) })).toBeUndefined();
    expect(range({ low: years(10), high: { ...years(20), code: 'mo' } })).toBeUndefined();
    expect(range({})).toBeUndefined();
  });

  it('take the bounds of sampled data', () => {
    const valueSampledData = {
      origin: { value: 10, code: 'mV' },
      factor: 2,
      data: '1 E -3 U 4 L',
      dimensions: 1,
    };
    expect(valuesOf('value-quantity', observation({ valueSampledData }))).toMatchObject([
      { value: 11, low: 4, high: 18, code: 'mV' },
    ]);
  });

  it('take integers and decimals as numbers', () => {
    expect(valuesOf('variant-start', { resourceType: 'MolecularSequence', variant: [{ start: 7 }] })).toEqual(
      [{ type: 'number', value: 7, low: 6.5, high: 7.5 }],
    );
    const prediction = [{ probabilityDecimal: 0.25 }, { probabilityRange: { high: { value: 1 } } }];
    expect(valuesOf('probability', { resourceType: 'RiskAssessment', prediction })).toMatchObject([
      { type: 'number', value: 0.25 },
      { type: 'number', value: 1, low: -max },
    ]);
  });

  it.each(['5', null, Infinity, NaN, {}, [5]])('are none for the value %p', (value) => {
    expect(valuesOf('value-quantity', observation({ valueQuantity: { value } }))).toBeUndefined();
  });
});

describe('reference values', () => {
  const subject = (reference: unknown, more: object = {}) =>
    valuesOf('subject', { resourceType: 'Observation', subject: { reference, ...more } });

  it.each(['Patient/1', 'https://fhir.example.org/r4/Patient/1', 'https://old.example.org/Patient/1'])(
    'are local for %s',
    (reference) => {
      expect(subject(reference)).toEqual([local('Patient', '1')]);
    },
  );

  it('keep the version apart', () => {
    expect(subject('Patient/1/_history/2')).toEqual([{ ...local('Patient', '1'), targetVersion: '2' }]);
    expect(subject('http://x.org/Patient/1/_history/2')).toEqual([
      { ...elsewhere('http://x.org/Patient/1'), targetVersion: '2', statedType: 'Patient' },
    ]);
  });

  it.each([
    'https://fhir.example.org/r4x/Patient/1',
    'https://fhir.example.org/r4/deeper/Patient/1',
    'https://fhir.example.org/r4/Nonsense/1',
    'http://fhir.example.org/r4/Patient/1',
    'https://evil.org/https://fhir.example.org/r4/Patient/1',
    'urn:uuid:59bc5dbb-1957-47ef-b6b5-25952e6bfdab',
  ])('are URLs for %s', (reference) => {
    expect(subject(reference)).toMatchObject([elsewhere(reference)]);
  });

  it.each([
    [{ reference: 'https://x.org/Patient/1' }, 'Patient'],
    [{ reference: 'https://x.org/Practitioner/1' }, 'Practitioner'],
    [{ reference: 'https://x.org/Practitioner/1', type: 'Patient' }, 'Patient'],
    [{ reference: 'urn:uuid:59bc5dbb-1957-47ef-b6b5-25952e6bfdab' }, null],
    [{ reference: 'urn:uuid:59bc5dbb-1957-47ef-b6b5-25952e6bfdab', type: 'Group' }, 'Group'],
    [{ reference: 'Patient?identifier=1' }, null],
    [{ identifier: { value: '1' } }, null],
    [{ identifier: { value: '1' }, type: 'Practitioner' }, 'Practitioner'],
    [{ identifier: { value: '1' }, type: 'nobody' }, null],
    [{ reference: '#p' }, 'Patient'],
    [{ reference: '#d' }, 'Practitioner'],
    [{ reference: '#d', type: 'Patient' }, 'Patient'],
    [{ reference: '#gone' }, null],
    [{ display: 'Dr. Who' }, undefined],
    [{ type: 'Patient' }, undefined],
    [{ reference: 'Practitioner/1', type: 'Patient' }, undefined],
  ])('that lead out of the repository say of what type they are: %j', (reference, stated) => {
    const contained = [
      { resourceType: 'Patient', id: 'p' },
      { resourceType: 'Practitioner', id: 'd' },
    ];
    const [value] = valuesOf('subject', { resourceType: 'Observation', subject: reference, contained }) ?? [];
    expect([value?.type, value && 'statedType' in value ? value.statedType : undefined]).toEqual([
      'reference',
      stated,
    ]);
  });

  const nowhere = { targetType: null, targetId: null, targetVersion: null, url: null, identifier: null };

  it.each(['#p', 'Patient', 'Patient/', 'Nonsense/1', 'Patient?identifier=1', '/Patient/1', '../Patient/1'])(
    'are there, but lead nowhere, for %j',
    (reference) => {
      expect(subject(reference)).toMatchObject([nowhere]);
    },
  );

  it.each(['', 1, undefined])('are none for %j', (reference) => {
    expect(subject(reference)).toBeUndefined();
  });

  it('are there where there is a display or a type alone', () => {
    expect(subject(undefined, { display: 'Dr. Who' })).toMatchObject([nowhere]);
    expect(subject(undefined, { type: 'Patient' })).toMatchObject([nowhere]);
  });

  it('carry the identifier, also without a literal reference', () => {
    const identifier = { system: 's', value: 'v' };
    expect(subject('Patient/1', { identifier })).toEqual([{ ...local('Patient', '1'), identifier }]);
    expect(subject(undefined, { identifier })).toMatchObject([{ targetId: null, url: null, identifier }]);
  });

  it('resolve to a type by the text, by Reference.type, or because there is no other', () => {
    const patient = (reference: object) =>
      valuesOf('patient', { resourceType: 'Observation', subject: reference });
    expect(patient({ reference: 'Patient/1' })).toHaveLength(1);
    expect(patient({ reference: 'http://x.org/Patient/1' })).toHaveLength(1);
    expect(patient({ reference: 'urn:uuid:1', type: 'Patient' })).toHaveLength(1);
    expect(patient({ reference: 'urn:uuid:1' })).toBeUndefined();
    expect(patient({ reference: 'Group/1', type: 'Patient' })).toBeUndefined();
    expect(
      valuesOf('patient', { resourceType: 'AllergyIntolerance', patient: { reference: 'urn:uuid:1' } }),
    ).toHaveLength(1);
  });

  it('take canonicals with their version apart', () => {
    const questionnaire = 'http://example.org/q|1.0#item';
    expect(valuesOf('questionnaire', { resourceType: 'QuestionnaireResponse', questionnaire })).toEqual([
      { ...elsewhere('http://example.org/q'), canonicalVersion: '1.0' },
    ]);
  });

  it("take the resource in a Bundle's first entry by its full URL, else by type and id", () => {
    const composition = (first: object) =>
      valuesOf('composition', { resourceType: 'Bundle', entry: [first, { fullUrl: 'urn:x' }] });
    const resource = { resourceType: 'Composition', id: 'c' };
    expect(composition({ resource })).toEqual([local('Composition', 'c')]);
    expect(composition({ fullUrl: 'urn:uuid:1', resource })).toEqual([elsewhere('urn:uuid:1')]);
    expect(composition({ resource: { resourceType: 'Patient', id: 'c' } })).toBeUndefined();
  });
});

describe('uri values', () => {
  it('stand as written; a canonical is found without its version as well', () => {
    const meta = { profile: ['http://example.org/p|1'], source: 'http://example.org/s#f' };
    expect(valuesOf('_profile', { resourceType: 'Patient', meta })).toEqual([
      { type: 'uri', uri: 'http://example.org/p|1' },
      { type: 'uri', uri: 'http://example.org/p' },
    ]);
    expect(valuesOf('_source', { resourceType: 'Patient', meta })).toEqual([
      { type: 'uri', uri: 'http://example.org/s#f' },
    ]);
  });
});

describe('composite values', () => {
  const coded = (...codes: string[]) => ({ coding: codes.map((code) => ({ code })) });
  const pairs = (code: string, resource: { resourceType: string } & Record<string, unknown>) =>
    valuesOf(code, resource)?.map((value) =>
      value.type === 'composite'
        ? value.components.map((c) => ('code' in c && c.type === 'token' ? c.code : c))
        : [],
    );

  it('pair values of the same element only', () => {
    const observation = {
      resourceType: 'Observation',
      code: coded('outer'),
      component: [
        { code: coded('a', 'b'), valueCodeableConcept: coded('1') },
        { code: coded('c'), valueCodeableConcept: coded('2', '3') },
        { code: coded('d') },
      ],
    };
    const components = [['a', '1'], ['b', '1'], ['c', '2'], ['c', '3']]; // prettier-ignore
    expect(pairs('component-code-value-concept', observation)).toEqual(components);
    expect(pairs('combo-code-value-concept', observation)).toEqual(components);
    expect(pairs('code-value-concept', observation)).toBeUndefined();
    expect(pairs('code-value-concept', { ...observation, valueCodeableConcept: coded('0') })).toEqual([
      ['outer', '0'],
    ]);
  });

  it('take date and period, whatever the case of the type in the definition', () => {
    const observation = { resourceType: 'Observation', code: coded('a') };
    expect(pairs('code-value-date', { ...observation, valueDateTime: '2020' })).toHaveLength(1);
    expect(pairs('code-value-date', { ...observation, valuePeriod: { start: '2020' } })).toHaveLength(1);
  });

  it('reach from an element to its resource', () => {
    const sequence = {
      resourceType: 'MolecularSequence',
      referenceSeq: { chromosome: coded('1') },
      variant: [{ start: 5, end: 6 }, { start: 7 }],
    };
    expect(pairs('chromosome-variant-coordinate', sequence)).toEqual([
      ['1', expect.objectContaining({ value: 5 }), expect.objectContaining({ value: 6 })],
    ]);
  });

  it('pair the target of a document with the kind of relation', () => {
    const relatesTo = [{ code: 'replaces', target: { reference: 'DocumentReference/1' } }];
    expect(pairs('relationship', { resourceType: 'DocumentReference', relatesTo })).toEqual([
      [local('DocumentReference', '1'), 'replaces'],
    ]);
  });

  it('stop at ten thousand pairs', () => {
    const many = coded(...Array.from({ length: 2000 }, (_, n) => String(n)));
    const observation = { resourceType: 'Observation', code: many, valueCodeableConcept: many };
    expect(valuesOf('code-value-concept', observation)).toHaveLength(10_000);
  });

  it('exist for every composite of the specification', () => {
    const definitions = loadDefinitions();
    const composites = definitions.resourceTypes.flatMap((type) =>
      definitions.searchParameters(type).filter((parameter) => parameter.type === 'composite'),
    );
    expect(new Set(composites.map((parameter) => parameter.url)).size).toBe(46);
  });
});

describe('extract', () => {
  it('leaves out what stands in the row of the resource and what has no values', () => {
    const patient = { resourceType: 'Patient', id: '1', meta: { lastUpdated: '2020-01-01T00:00:00Z' } };
    expect(extract('Patient', patient, context).map(({ code }) => code)).toEqual(['deceased']);
  });

  it('leaves phonetic parameters out, and takes positions that there are', () => {
    const codes = extract(
      'Location',
      { resourceType: 'Location', name: 'X', position: { longitude: 1, latitude: 2 } },
      context,
    ).map(({ code }) => code);
    expect(codes).toEqual(['name', 'near']);
    const at = (latitude: number, longitude: unknown) =>
      valuesOf('near', { resourceType: 'Location', position: { latitude, longitude } });
    expect(at(-33.9, 18.4)).toEqual([{ type: 'position', latitude: -33.9, longitude: 18.4 }]);
    expect([at(91, 0), at(0, -181), at(0, undefined), at(0, '1')]).toEqual(Array(4).fill(undefined));
    const patient = { resourceType: 'Patient', name: [{ family: 'X' }] };
    expect(valuesOf('phonetic', patient)).toBeUndefined();
    expect(valuesOf('name', patient)).toHaveLength(1);
  });

  it('leaves contained resources out', () => {
    const contained = [{ resourceType: 'Patient', id: 'p', name: [{ family: 'X' }], gender: 'male' }];
    const observation = { resourceType: 'Observation', contained, subject: { reference: '#p' } };
    expect(extract('Observation', observation, context)).toMatchObject([
      { code: 'subject', values: [{ targetId: null, url: null }] },
    ]);
  });

  it.each(['Nonsense', '__proto__', 'constructor', 'HumanName', 'Observation.component', 'Resource', ''])(
    'gives nothing for the type %j',
    (type) => {
      expect(extract(type, { resourceType: type, id: '1', name: [{ family: 'X' }] }, context)).toEqual([]);
    },
  );
});
