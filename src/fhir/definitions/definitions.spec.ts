import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { choiceProperty, loadDefinitions, loadInvariants } from './index.js';

const definitions = loadDefinitions();

describe('types', () => {
  it('are the 146 resource types of R4', () => {
    expect(definitions.fhirVersion).toBe('4.0.1');
    expect(definitions.resourceTypes).toHaveLength(146);
    expect(definitions.isResourceType('Patient')).toBe(true);
  });

  it.each(['Resource', 'DomainResource', 'HumanName', 'patient', '__proto__', 'constructor', ''])(
    'do not count %j as a resource type',
    (name) => {
      expect(definitions.isResourceType(name)).toBe(false);
      expect(definitions.searchParameters(name)).toEqual([]);
    },
  );

  it('know every element with the inherited ones first, in the order of the specification', () => {
    expect([...(definitions.type('Account')?.elements.keys() ?? [])].slice(0, 10)).toEqual([
      'id',
      'meta',
      'implicitRules',
      'language',
      'text',
      'contained',
      'extension',
      'modifierExtension',
      'identifier',
      'status',
    ]);
  });

  it('give cardinality, choice types, targets, bindings and membership in the summary', () => {
    const patient = definitions.type('Patient');
    expect(patient?.elements.get('link')).toMatchObject({ min: 0, max: Infinity, summary: true });
    expect(patient?.elements.get('gender')?.binding).toBe(
      'http://hl7.org/fhir/ValueSet/administrative-gender',
    );
    expect(patient?.elements.get('deceased')?.types.map((type) => type.code)).toEqual([
      'boolean',
      'dateTime',
    ]);
    expect(patient?.elements.get('generalPractitioner')?.types[0]?.targets).toEqual([
      'Organization',
      'Practitioner',
      'PractitionerRole',
    ]);
    expect(patient?.properties.get(choiceProperty('deceased', 'dateTime'))?.type.code).toBe('dateTime');
    expect(definitions.type('Observation')?.elements.get('status')?.min).toBe(1);
  });

  it('follow content references to the element that they name', () => {
    expect(definitions.type('Questionnaire.item')?.elements.get('item')?.types[0]?.code).toBe(
      'Questionnaire.item',
    );
    expect(definitions.type('Observation.component')?.elements.get('referenceRange')?.types[0]?.code).toBe(
      'Observation.referenceRange',
    );
  });

  it('name only types that exist', () => {
    const seen = new Set<string>();
    const visit = (name: string): void => {
      if (seen.has(name)) return;
      seen.add(name);
      const type = definitions.type(name);
      if (!type) throw new Error(`no type ${name}`);
      for (const element of type.elements.values()) for (const { code } of element.types) visit(code);
    };
    definitions.resourceTypes.forEach(visit);
    expect(seen.size).toBeGreaterThan(600);
  });

  it('have the regex of primitives', () => {
    expect(definitions.type('id')?.regex).toBe('[A-Za-z0-9\\-\\.]{1,64}');
  });
});

describe('search parameters', () => {
  it('are all of the specification, and none but those', () => {
    const urls = new Set(
      definitions.resourceTypes.flatMap((type) => definitions.searchParameters(type).map(({ url }) => url)),
    );
    expect(urls.size).toBe(1375);
    expect([...urls].every((url) => url.startsWith('http://hl7.org/fhir/SearchParameter/'))).toBe(true);
  });

  it('include those of Resource and DomainResource', () => {
    expect(definitions.searchParameter('Patient', '_tag')?.type).toBe('token');
    expect(definitions.searchParameter('Patient', '_text')?.expression).toBeNull();
    expect(definitions.searchParameter('Bundle', '_text')).toBeUndefined();
    expect(definitions.searchParameter('Patient', 'nonsense')).toBeUndefined();
    expect(definitions.searchParameter('Patient', '__proto__')).toBeUndefined();
  });

  it('name parameters that exist as components of composites', () => {
    const components = definitions.resourceTypes.flatMap((type) =>
      definitions.searchParameters(type).flatMap((parameter) => parameter.components),
    );
    expect(components.length).toBeGreaterThan(90);
    expect(components.filter(({ definition }) => !definitions.searchParameterByUrl(definition))).toEqual([]);
  });

  it('tell what may be included in both directions', () => {
    expect(definitions.includes('Observation').map(({ code }) => code)).toContain('subject');
    expect(definitions.revincludes('Patient')).toContainEqual(
      expect.objectContaining({
        type: 'Observation',
        parameter: expect.objectContaining({ code: 'patient' }),
      }),
    );
    expect(definitions.revincludes('nonsense')).toEqual([]);
  });
});

describe('compartments', () => {
  it('are the five of R4 and name reference parameters that exist', () => {
    expect([...definitions.compartments.keys()].sort()).toEqual([
      'Device',
      'Encounter',
      'Patient',
      'Practitioner',
      'RelatedPerson',
    ]);
    for (const [compartment, members] of definitions.compartments) {
      for (const [type, codes] of members) {
        for (const code of codes.filter((name) => name !== '{def}')) {
          const parameter = definitions.searchParameter(type, code);
          expect([compartment, type, code, parameter?.type]).toEqual([compartment, type, code, 'reference']);
        }
      }
    }
  });
});

describe('terminology', () => {
  it('expands required value sets', () => {
    const gender = definitions.valueSet('http://hl7.org/fhir/ValueSet/administrative-gender');
    expect([...(gender?.get('http://hl7.org/fhir/administrative-gender') ?? [])]).toEqual([
      'male',
      'female',
      'other',
      'unknown',
    ]);
    expect(definitions.valueSet('http://hl7.org/fhir/ValueSet/mimetypes')?.get('urn:ietf:bcp:13')).toBeNull();
    expect(definitions.valueSet('http://hl7.org/fhir/ValueSet/nonsense')).toBeUndefined();
  });

  it('knows which systems ignore case', () => {
    expect(definitions.isCaseSensitive('http://unitsofmeasure.org')).toBe(true);
    expect(definitions.isCaseSensitive('http://snomed.info/sct')).toBe(false);
    expect(definitions.isCaseSensitive('urn:ietf:bcp:47')).toBe(false);
  });
});

describe('invariants', () => {
  it('stand where they are declared', () => {
    expect(
      loadInvariants()
        .get('Element')
        ?.map(({ key }) => key),
    ).toEqual(['ele-1']);
    expect(
      loadInvariants()
        .get('Patient.contact')
        ?.map(({ key }) => key),
    ).toEqual(['pat-1']);
    expect(
      loadInvariants()
        .get('DomainResource')
        ?.map(({ key }) => key),
    ).toContain('dom-3');
  });
});

describe('the committed data', () => {
  it('are what the published definitions give', () => {
    const script = join(__dirname, '../../../scripts/definitions.mjs');
    expect(() => execFileSync(process.execPath, [script, '--check'])).not.toThrow();
  });
});
