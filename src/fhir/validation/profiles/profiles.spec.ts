import { StepBudget } from '../../budgets/index.js';
import { loadDefinitions, loadProfiles } from '../../definitions/index.js';
import type { JsonObject } from '../json-object.js';
import { checkResourceProfile, Findings, readProfile, type Profile } from './index.js';

const definitions = loadDefinitions();
const base = 'http://hl7.org/fhir/StructureDefinition/';

function profileOf(definition: JsonObject | undefined): Profile {
  const profile = definition && readProfile(definition);
  if (profile === undefined || typeof profile === 'string')
    throw new Error(profile ?? 'There is no profile.');
  return profile;
}

/** What a profile says: severity, code and place of each issue. */
function issues(profile: Profile, resource: JsonObject, others: readonly Profile[] = []): string[][] {
  const findings = new Findings();
  const byUrl = new Map(others.map((other) => [other.url, other]));
  const source = {
    profile: (url: string) => byUrl.get(url) ?? published(url),
    valueSet: (url: string) => definitions.valueSet(url) ?? `There is no value set "${url}".`,
  };
  const steps = new StepBudget(500_000);
  checkResourceProfile(
    { definitions, source, findings, steps },
    profile,
    resource,
    String(resource.resourceType),
  );
  return findings.issues.map(({ severity, code, expression }) => [severity, code, expression]);
}

function published(url: string): Profile | undefined {
  const found = loadProfiles().profile(url);
  return found && profileOf(found);
}

const errors = (all: string[][]): string[][] => all.filter(([severity]) => severity === 'error');

/** A profile of a type from what it asks of elements: path, with a slice `path:name`, and the rest. */
function profile(type: string, elements: readonly JsonObject[], more: JsonObject = {}): Profile {
  return profileOf({
    resourceType: 'StructureDefinition',
    url: 'urn:test:profile',
    type,
    kind: 'resource',
    snapshot: { element: [{ id: type, path: type }, ...elements] },
    ...more,
  });
}
const element = (id: string, more: JsonObject): JsonObject => ({
  id,
  path: id.replace(/:[^.]+/g, ''),
  ...(/:([^.]+)$/.test(id) ? { sliceName: /:([^.]+)$/.exec(id)?.[1] } : {}),
  ...more,
});

const loinc = 'http://loinc.org';
const concept = (system: string, code: string) => ({ coding: [{ system, code }] });
const category = concept('http://terminology.hl7.org/CodeSystem/observation-category', 'vital-signs');
const mmHg = (value: number) => ({
  value,
  unit: 'mmHg',
  system: 'http://unitsofmeasure.org',
  code: 'mm[Hg]',
});
const pressure = {
  resourceType: 'Observation',
  status: 'final',
  category: [category],
  code: concept(loinc, '85354-9'),
  subject: { reference: 'Patient/1' },
  effectiveDateTime: '2024-05-01',
  component: [
    { code: concept(loinc, '8480-6'), valueQuantity: mmHg(120) },
    { code: concept(loinc, '8462-4'), valueQuantity: mmHg(80) },
  ],
};

describe('the profiles of FHIR R4', () => {
  it('are found by their URL', () => {
    expect(published(`${base}bp`)).toMatchObject({ url: `${base}bp`, type: 'Observation' });
    expect(loadProfiles().profile('urn:nothing')).toBeUndefined();
  });

  it('take a blood pressure that is one', () => {
    expect(errors(issues(profileOf(loadProfiles().profile(`${base}bp`)), pressure))).toEqual([]);
    expect(errors(issues(profileOf(loadProfiles().profile(`${base}vitalsigns`)), pressure))).toEqual([]);
  });

  it.each<[string, JsonObject, string[]]>([
    ['no category', { category: undefined }, ['error', 'required', 'Observation.category']],
    [
      'another category',
      { category: [concept('http://terminology.hl7.org/CodeSystem/observation-category', 'laboratory')] },
      ['error', 'required', 'Observation.category'],
    ],
    ['no time', { effectiveDateTime: undefined }, ['error', 'required', 'Observation.effective']],
    [
      'one component only',
      { component: pressure.component.slice(0, 1) },
      ['error', 'required', 'Observation.component'],
    ],
    [
      'a unit that is none of a pressure',
      {
        component: [
          pressure.component[0],
          { code: concept(loinc, '8462-4'), valueQuantity: { ...mmHg(80), code: 'kPa' } },
        ],
      },
      ['error', 'value', 'Observation.component[1].value.ofType(Quantity).code'],
    ],
    [
      'a reference to what has no vital signs',
      { subject: { reference: 'Group/1' } },
      ['error', 'structure', 'Observation.subject'],
    ],
    [
      'a component without value and reason (vs-3)',
      { component: [{ code: concept(loinc, '8480-6') }, pressure.component[1]] },
      ['error', 'invariant', 'Observation.component[0]'],
    ],
  ])('refuse one with %s', (_what, change, expected) => {
    const changed = JSON.parse(JSON.stringify({ ...pressure, ...change })) as JsonObject;
    expect(issues(profileOf(loadProfiles().profile(`${base}bp`)), changed)).toContainEqual(expected);
  });

  it('check extensions by their URL, in resources and in primitives', () => {
    const place = profileOf(loadProfiles().profile(`${base}patient-birthTime`));
    const own = profile('Patient', [
      element('Patient.birthDate.extension:time', {
        min: 1,
        max: '1',
        type: [{ code: 'Extension', profile: [place.url] }],
      }),
    ]);
    const birth = (extension: object[]) => ({
      resourceType: 'Patient',
      birthDate: '2000-01-01',
      _birthDate: { extension },
    });
    expect(issues(own, birth([{ url: place.url, valueDateTime: '2000-01-01T10:00:00Z' }]))).toEqual([]);
    expect(issues(own, birth([{ url: 'urn:other', valueString: 'x' }]))).toEqual([
      ['error', 'required', 'Patient.birthDate.extension'],
    ]);
    expect(errors(issues(own, birth([{ url: place.url, valueString: '10:00' }])))).toEqual([
      ['error', 'structure', 'Patient.birthDate.extension[0].value.ofType(string)'],
    ]);
  });
});

describe('a profile', () => {
  const patient = { resourceType: 'Patient', name: [{ family: 'A', given: ['B'] }], gender: 'male' };

  it.each<[string, JsonObject, string[] | undefined]>([
    ['a minimum', element('Patient.birthDate', { min: 1 }), ['error', 'required', 'Patient.birthDate']],
    ['a maximum', element('Patient.name', { max: '0' }), ['error', 'structure', 'Patient.name']],
    [
      'a minimum inside',
      element('Patient.name.use', { min: 1 }),
      ['error', 'required', 'Patient.name[0].use'],
    ],
    ['a minimum inside of what is absent', element('Patient.contact.name', { min: 1 }), undefined],
    [
      'a fixed value',
      element('Patient.gender', { fixedCode: 'female' }),
      ['error', 'value', 'Patient.gender'],
    ],
    ['a fixed value that it has', element('Patient.gender', { fixedCode: 'male' }), undefined],
    [
      'a pattern',
      element('Patient.name', { patternHumanName: { given: ['C'] } }),
      ['error', 'value', 'Patient.name[0]'],
    ],
    ['a pattern that it has', element('Patient.name', { patternHumanName: { given: ['B'] } }), undefined],
    [
      'a length',
      element('Patient.name.family', { maxLength: 0 }),
      ['error', 'too-long', 'Patient.name[0].family'],
    ],
    [
      'a rule',
      element('Patient.name', {
        constraint: [{ key: 'x-1', severity: 'error', human: 'Text', expression: 'text.exists()' }],
      }),
      ['error', 'invariant', 'Patient.name[0]'],
    ],
    [
      'a rule that can not be evaluated',
      element('Patient.name', {
        constraint: [{ key: 'x-2', severity: 'error', human: 'Odd', expression: 'odd(%%) or' }],
      }),
      ['information', 'not-supported', 'Patient.name[0]'],
    ],
    [
      'codes of a value set that is known',
      element('Patient.gender', {
        binding: { strength: 'required', valueSet: 'http://hl7.org/fhir/ValueSet/link-type' },
      }),
      ['error', 'code-invalid', 'Patient.gender'],
    ],
    [
      'codes of a value set that is not known',
      element('Patient.gender', { binding: { strength: 'required', valueSet: 'urn:x' } }),
      ['information', 'not-supported', 'Patient.gender'],
    ],
    [
      'a profile of a type that is not known',
      element('Patient.name', { type: [{ code: 'HumanName', profile: ['urn:x'] }] }),
      ['information', 'not-supported', 'Patient.name[0]'],
    ],
    [
      'an element that there is not',
      element('Patient.height', { min: 1 }),
      ['information', 'not-supported', 'Patient'],
    ],
  ])('asks for %s', (_what, one, expected) => {
    expect(issues(profile('Patient', [one]), patient)).toEqual(expected === undefined ? [] : [expected]);
  });

  const sliced = (slicing: JsonObject, rest: readonly JsonObject[]) =>
    profile('Patient', [element('Patient.identifier', { slicing }), ...rest]);
  const identifiers = (...systems: string[]) => ({
    resourceType: 'Patient',
    identifier: systems.map((system) => ({ system, value: '1' })),
  });

  it('slices by values and patterns, closed, open at the end and in order', () => {
    const rest = [
      element('Patient.identifier:a', { min: 1, max: '1' }),
      element('Patient.identifier:a.system', { fixedUri: 'urn:a' }),
      element('Patient.identifier:b', { max: '1', patternIdentifier: { system: 'urn:b' } }),
    ];
    const slicing = { discriminator: [{ type: 'value', path: 'system' }], rules: 'closed', ordered: true };
    expect(issues(sliced(slicing, rest), identifiers('urn:a', 'urn:b'))).toEqual([]);
    expect(issues(sliced(slicing, rest), identifiers('urn:b', 'urn:a', 'urn:a', 'urn:c'))).toEqual([
      ['error', 'structure', 'Patient.identifier'],
      ['error', 'structure', 'Patient.identifier[1]'],
      ['error', 'structure', 'Patient.identifier[2]'],
      ['error', 'structure', 'Patient.identifier[3]'],
    ]);
    const atEnd = { ...slicing, rules: 'openAtEnd', ordered: false };
    expect(issues(sliced(atEnd, rest), identifiers('urn:a', 'urn:c'))).toEqual([]);
    expect(issues(sliced(atEnd, rest), identifiers('urn:c', 'urn:a'))).toEqual([
      ['error', 'structure', 'Patient.identifier[1]'],
    ]);
  });

  it('says which slices it can not tell apart', () => {
    const slice = element('Patient.identifier:a', { min: 1 });
    for (const discriminator of [
      { type: 'profile', path: '$this' },
      { type: 'value', path: 'system.where(true)' },
      { type: 'value', path: 'system' },
    ]) {
      const slicing = { discriminator: [discriminator], rules: 'closed' };
      expect(issues(sliced(slicing, [slice]), identifiers('urn:a'))).toEqual([
        ['information', 'not-supported', 'Patient.identifier'],
      ]);
      expect(issues(sliced(slicing, [slice]), { resourceType: 'Patient' })).toEqual([
        ['error', 'required', 'Patient.identifier'],
      ]);
    }
  });

  it('slices by existence and by type', () => {
    const slicing = { discriminator: [{ type: 'exists', path: 'period' }], rules: 'open' };
    const dated = [
      element('Patient.identifier:dated', { min: 1 }),
      element('Patient.identifier:dated.period', { min: 1 }),
    ];
    expect(issues(sliced(slicing, dated), identifiers('urn:a'))).toEqual([
      ['error', 'required', 'Patient.identifier'],
    ]);
    const valued = profile('Observation', [
      element('Observation.value[x]:valueQuantity', { min: 1, type: [{ code: 'Quantity' }] }),
    ]);
    const observation = { resourceType: 'Observation', status: 'final', code: { text: 'c' } };
    expect(issues(valued, { ...observation, valueQuantity: { value: 1 } })).toEqual([]);
    expect(issues(valued, { ...observation, valueString: '1' })).toEqual([
      ['error', 'required', 'Observation.value'],
    ]);
  });

  it('without a snapshot adds to what it builds on', () => {
    const differential = { element: [{ path: 'Patient' }, { path: 'Patient.gender', min: 1 }] };
    const built = profile('Patient', [], { snapshot: undefined, differential, baseDefinition: 'urn:base' });
    const named = profile('Patient', [element('Patient.name', { min: 1 })], { url: 'urn:base' });
    const empty = { resourceType: 'Patient' };
    expect(issues(built, empty, [named])).toEqual([
      ['error', 'required', 'Patient.name'],
      ['error', 'required', 'Patient.gender'],
    ]);
    expect(issues(built, empty)).toEqual([
      ['information', 'not-supported', 'Patient'],
      ['error', 'required', 'Patient.gender'],
    ]);
  });

  it('that contains itself ends', () => {
    const own = profile('Patient', [], {
      url: 'urn:self',
      snapshot: undefined,
      differential: { element: [{ path: 'Patient' }] },
      baseDefinition: 'urn:self',
    });
    expect(issues(own, { resourceType: 'Patient' }, [own])).toEqual([
      ['information', 'not-supported', 'Patient'],
    ]);
  });

  it('of another type fits nothing', () => {
    expect(issues(profile('Group', []), patient)).toEqual([['error', 'structure', 'Patient']]);
    expect(issues(profile('DomainResource', []), patient)).toEqual([]);
  });

  it.each<[string, JsonObject]>([
    ['no url', { url: undefined }],
    ['a logical model', { kind: 'logical' }],
    ['no elements', { snapshot: undefined }],
  ])('is none with %s', (_what, change) => {
    const definition = {
      url: 'urn:x',
      type: 'Patient',
      kind: 'resource',
      snapshot: { element: [{ path: 'Patient' }] },
    };
    expect(typeof readProfile({ ...definition, ...change })).toBe('string');
  });
});
