import { validResources } from '../../../test/kit/valid-resources.js';
import { loadDefinitions } from '../definitions/index.js';
import { compileValidator } from './index.js';

const validate = compileValidator(loadDefinitions());

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each change goes to another place
type Draft = any;
type Kind = keyof ReturnType<typeof validResources>;

/** Breaks one thing in a valid resource; what is reported, as `code expression`. */
function broken(kind: Kind, change: (resource: Draft) => unknown, mode: 'structure' | 'full' = 'full') {
  const resource: Draft = validResources()[kind];
  change(resource);
  return validate(resource, { mode }).map(({ severity, code, expression }) =>
    severity === 'error' ? `${code} ${expression}` : `${severity} ${code} ${expression}`,
  );
}

const message = (kind: Kind, change: (resource: Draft) => unknown) => {
  const resource: Draft = validResources()[kind];
  change(resource);
  return validate(resource, { mode: 'full' })[0]?.message;
};

describe('valid resources', () => {
  it.each(Object.keys(validResources()) as Kind[])('%s has nothing to report', (kind) => {
    expect(broken(kind, () => undefined)).toEqual([]);
    expect(broken(kind, () => undefined, 'structure')).toEqual([]);
  });

  it('a resource may be its type alone', () => {
    expect(validate({ resourceType: 'Patient' }, { mode: 'full' })).toEqual([]);
  });
});

describe('one mistake is reported once, at its place', () => {
  const cases: [what: string, Kind, (resource: Draft) => unknown, expected: string][] = [
    ['unknown element', 'patient', (r) => (r.nick = 'x'), 'structure Patient.nick'],
    ['unknown element inside', 'patient', (r) => (r.name[0].nick = 'x'), 'structure Patient.name[0].nick'],
    ['element of another version', 'patient', (r) => (r.fhir_comments = ['x']), 'structure Patient'],
    [
      'resourceType in an element',
      'patient',
      (r) => (r.name[0].resourceType = 'HumanName'),
      'structure Patient.name[0].resourceType',
    ],
    ['underscore sibling of a complex element', 'patient', (r) => (r._name = {}), 'structure Patient'],
    [
      'underscore sibling of an attribute',
      'patient',
      (r) => (r.extension[0]._url = { id: 'x' }),
      'structure Patient.extension[0]',
    ],
    ['missing element', 'observation', (r) => delete r.status, 'required Observation.status'],
    ['missing element inside', 'patient', (r) => delete r.link[0].type, 'required Patient.link[0].type'],
    [
      'missing choice',
      'questionnaire',
      (r) => delete r.item[0].item[0].enableWhen[0].answerBoolean,
      'required Questionnaire.item[0].item[0].enableWhen[0].answer',
    ],
    ['value in place of an array', 'patient', (r) => (r.name = r.name[0]), 'structure Patient.name'],
    [
      'primitive in place of an array',
      'patient',
      (r) => (r.name[0].suffix = 'Sr'),
      'structure Patient.name[0].suffix',
    ],
    [
      'array in place of a value',
      'patient',
      (r) => (r.birthDate = ['1815-12-10']),
      'structure Patient.birthDate',
    ],
    ['array in place of an object', 'observation', (r) => (r.code = [r.code]), 'structure Observation.code'],
    ['array in an array', 'patient', (r) => (r.name = [r.name]), 'structure Patient.name[0]'],
    ['empty array', 'patient', (r) => (r.name = []), 'structure Patient.name'],
    ['empty object', 'patient', (r) => (r.maritalStatus = {}), 'structure Patient.maritalStatus'],
    ['empty string', 'patient', (r) => (r.name[0].family = ''), 'structure Patient.name[0].family'],
    ['empty code', 'patient', (r) => (r.gender = ''), 'structure Patient.gender'],
    ['null', 'patient', (r) => (r.gender = null), 'structure Patient.gender'],
    ['null object', 'observation', (r) => (r.subject = null), 'structure Observation.subject'],
    [
      'id without content',
      'patient',
      (r) => (r.maritalStatus = { id: 'x' }),
      'invariant Patient.maritalStatus',
    ],
    ['two types of a choice', 'patient', (r) => (r.deceasedDateTime = '1852'), 'structure Patient.deceased'],
    [
      'two types of a choice by extensions',
      'patient',
      (r) => (r._deceasedDateTime = { extension: [{ url: 'x', valueCode: 'y' }] }),
      'structure Patient.deceased',
    ],
    [
      'unknown type of a choice',
      'patient',
      (r) => (r.multipleBirthString = 'x'),
      'structure Patient.multipleBirthString',
    ],
    ['string in place of a boolean', 'patient', (r) => (r.active = 'true'), 'structure Patient.active'],
    [
      'string in place of a number',
      'observation',
      (r) => (r.component[0].valueQuantity.value = '1'),
      'structure Observation.component[0].value.ofType(Quantity).value',
    ],
    [
      'object in place of a primitive',
      'patient',
      (r) => (r.gender = { value: 'male' }),
      'structure Patient.gender',
    ],
    ['primitive in place of an object', 'observation', (r) => (r.code = 'x'), 'structure Observation.code'],
    ['malformed date', 'patient', (r) => (r.birthDate = '10.12.1815'), 'value Patient.birthDate'],
    ['malformed id', 'patient', (r) => (r.id = 'a_b'), 'value Patient.id'],
    [
      'id of an element with white space',
      'patient',
      (r) => (r.name[0].id = 'a b'),
      'value Patient.name[0].id',
    ],
    ['number out of range', 'patient', (r) => (r.telecom[0].rank = 0), 'value Patient.telecom[0].rank'],
    ['code that the value set lacks', 'patient', (r) => (r.gender = 'Female'), 'code-invalid Patient.gender'],
    [
      'concept that the value set lacks',
      'bundle',
      (r) =>
        (r.entry[0].resource = {
          resourceType: 'AllergyIntolerance',
          patient: { display: 'x' },
          clinicalStatus: { text: 'active' },
        }),
      'code-invalid Bundle.entry[0].resource.clinicalStatus',
    ],
    [
      'nulls that are not aligned',
      'patient',
      (r) => (r.name[0]._given[1] = null),
      'structure Patient.name[0].given[1]',
    ],
    ['null without sibling', 'patient', (r) => delete r.name[0]._given, 'structure Patient.name[0].given[1]'],
    [
      'sibling arrays of different length',
      'patient',
      (r) => r.name[0].given.push('Augusta'),
      'structure Patient.name[0].given',
    ],
    [
      'sibling null without values',
      'patient',
      (r) => (r.name[0]._suffix = [null, { extension: [{ url: 'x', valueCode: 'y' }] }]),
      'structure Patient.name[0].suffix[0]',
    ],
    [
      'sibling without value and extension',
      'patient',
      (r) => ((r._gender = { id: 'g' }), delete r.gender),
      'invariant Patient.gender',
    ],
    [
      'sibling that holds a value',
      'patient',
      (r) => (r._gender = { value: 'male' }),
      'structure Patient.gender.value',
    ],
    ['sibling in an array', 'patient', (r) => (r._gender = [{ id: 'g' }]), 'structure Patient.gender'],
    [
      'mistake in an extension of a primitive',
      'patient',
      (r) => (r._birthDate.extension[0].valueDateTime = 'x'),
      'value Patient.birthDate.extension[0].value.ofType(dateTime)',
    ],
    [
      'mistake by content reference',
      'bundle',
      (r) => (r.entry[0].link = [{ relation: 'self' }]),
      'required Bundle.entry[0].link[0].url',
    ],
    [
      'comparator in a SimpleQuantity',
      'observation',
      (r) => (r.referenceRange[0].low.comparator = '<'),
      'structure Observation.referenceRange[0].low.comparator',
    ],
    [
      'reference to a wrong type',
      'observation',
      (r) => (r.subject.reference = 'Practitioner/1'),
      'value Observation.subject',
    ],
    [
      'absolute reference to a wrong type',
      'observation',
      (r) => (r.subject.reference = 'https://x.org/Practitioner/1/_history/2'),
      'value Observation.subject',
    ],
    [
      'conditional reference to a wrong type',
      'observation',
      (r) => (r.subject.reference = 'Practitioner?identifier=1'),
      'value Observation.subject',
    ],
    [
      'contained reference to a wrong type',
      'patient',
      (r) => (r.contained[0] = { resourceType: 'Practitioner', id: 'org' }),
      'value Patient.managingOrganization',
    ],
    [
      'type of a reference that is wrong',
      'observation',
      (r) => (r.performer[0].type = 'Device'),
      'value Observation.performer[0]',
    ],
    [
      'type of a reference against its text',
      'patient',
      (r) => (r.generalPractitioner[0].type = 'Organization'),
      'value Patient.generalPractitioner[0]',
    ],
    [
      'reference to an unknown type',
      'observation',
      (r) => (r.subject.reference = 'Person2/1'),
      'value Observation.subject',
    ],
    [
      'reference without id',
      'observation',
      (r) => (r.subject.reference = 'Patient'),
      'value Observation.subject',
    ],
    [
      'reference with a malformed id',
      'observation',
      (r) => (r.subject.reference = 'Patient/a b'),
      'value Observation.subject',
    ],
    [
      'reference to nothing contained',
      'observation',
      (r) => (r.subject.reference = '#gone'),
      'invariant Observation.subject',
    ],
    [
      'contained resource that nothing refers to (dom-3)',
      'patient',
      (r) => delete r.managingOrganization,
      'invariant Patient.contained[0]',
    ],
    [
      'contained in contained (dom-2)',
      'patient',
      (r) => (r.contained[0].contained = [{ resourceType: 'Patient', id: 'x' }]),
      'invariant Patient.contained[0].contained[0]',
    ],
    [
      'version of a contained resource (dom-4)',
      'patient',
      (r) => (r.contained[0].meta = { versionId: '1' }),
      'invariant Patient.contained[0].meta',
    ],
    [
      'label of a contained resource (dom-5)',
      'patient',
      (r) => (r.contained[0].meta = { security: [{ code: 'R' }] }),
      'invariant Patient.contained[0].meta',
    ],
    [
      'contained resource without id',
      'patient',
      (r) => r.contained.push({ resourceType: 'Patient' }),
      'required Patient.contained[1]',
    ],
    [
      'contained resources with one id',
      'patient',
      (r) => r.contained.push(r.contained[0]),
      'duplicate Patient.contained[1]',
    ],
    [
      'contained resource of an unknown type',
      'bundle',
      (r) => (r.entry[1].resource.contained = [{ resourceType: 'Foo', id: 'x' }]),
      'value Bundle.entry[1].resource.contained[0].resourceType',
    ],
    [
      'resource without type',
      'bundle',
      (r) => delete r.entry[1].resource.resourceType,
      'required Bundle.entry[1].resource.resourceType',
    ],
    [
      'resource that is no object',
      'bundle',
      (r) => (r.entry[1].resource = 'x'),
      'structure Bundle.entry[1].resource',
    ],
    [
      'abstract resource',
      'bundle',
      (r) => (r.entry[1].resource = { resourceType: 'DomainResource' }),
      'value Bundle.entry[1].resource.resourceType',
    ],
    [
      'extension without url',
      'patient',
      (r) => delete r.extension[0].url,
      'required Patient.extension[0].url',
    ],
    [
      'extension without content (ext-1)',
      'patient',
      (r) => delete r.extension[0].valueString,
      'invariant Patient.extension[0]',
    ],
    [
      'extension with value and extensions (ext-1)',
      'patient',
      (r) => (r.extension[0].extension = [{ url: 'a', valueCode: 'b' }]),
      'invariant Patient.extension[0]',
    ],
    [
      'narrative with a script (txt-1)',
      'patient',
      (r) => (r.text.div = '<div xmlns="http://www.w3.org/1999/xhtml"><script>1</script></div>'),
      'invariant Patient.text.div',
    ],
    [
      'narrative without content (txt-2)',
      'patient',
      (r) => (r.text.div = '<div xmlns="http://www.w3.org/1999/xhtml"> </div>'),
      'invariant Patient.text.div',
    ],
    ['narrative that is no string', 'patient', (r) => (r.text.div = 1), 'structure Patient.text.div'],
  ];

  it.each(cases)('%s', (_what, kind, change, expected) => {
    expect(broken(kind, change)).toEqual([expected]);
    expect(broken(kind, change, 'structure')).toEqual([expected]);
  });
});

describe('rules of Bundles hold in both modes', () => {
  const cases: [rule: string, (resource: Draft) => unknown, expected: string][] = [
    ['bdl-1', (r) => (r.total = 1), 'invariant Bundle'],
    ['bdl-2', (r) => (r.entry[0].search = { mode: 'match' }), 'invariant Bundle'],
    ['bdl-3', (r) => delete r.entry[0].request, 'invariant Bundle'],
    ['bdl-4', (r) => (r.entry[0].response = { status: '200' }), 'invariant Bundle'],
    [
      'bdl-5',
      (r) => ((r.type = 'collection'), (r.entry = [{ fullUrl: 'http://x' }])),
      'invariant Bundle.entry[0]',
    ],
    [
      'bdl-8',
      (r) => (r.entry[1].fullUrl = 'http://example.org/fhir/Observation/bp/_history/1'),
      'invariant Bundle.entry[1]',
    ],
    [
      'bdl-11',
      (r) => (
        (r.type = 'document'),
        (r.timestamp = '2024-01-01T00:00:00Z'),
        (r.identifier = { system: 'urn:x', value: '1' }),
        (r.entry = [{ resource: { resourceType: 'Patient' } }])
      ),
      'invariant Bundle',
    ],
    [
      'bdl-12',
      (r) => ((r.type = 'message'), (r.entry = [{ resource: { resourceType: 'Patient' } }])),
      'invariant Bundle',
    ],
  ];

  it.each(cases)('%s', (_rule, change, expected) => {
    expect(broken('bundle', change, 'structure')).toEqual([expected]);
    expect(broken('bundle', change)).toEqual([expected]);
  });

  it('bdl-7: two entries with one fullUrl and version', () => {
    const change = (r: Draft) => {
      r.entry[1].resource = { resourceType: 'Patient', meta: { versionId: '1' } };
      r.entry[1].fullUrl = r.entry[0].fullUrl;
    };
    expect(broken('bundle', change, 'structure')).toEqual(['invariant Bundle']);
  });
});

describe('what is allowed', () => {
  const cases: [what: string, Kind, (resource: Draft) => unknown][] = [
    [
      'extensions in place of a required value',
      'observation',
      (r) => ((r._status = { extension: [{ url: 'x', valueCode: 'y' }] }), delete r.status),
    ],
    ['an id beside a value', 'patient', (r) => (r._gender = { id: 'g' })],
    ['a choice with value and extensions', 'patient', (r) => (r._deceasedBoolean = { id: 'd' })],
    [
      'a contained resource that refers back with "#"',
      'observation',
      (r) =>
        (r.contained = [
          {
            resourceType: 'Provenance',
            id: 'p',
            recorded: '2024-01-01T00:00:00Z',
            target: [{ reference: '#' }],
            agent: [{ who: { display: 'x' } }],
          },
        ]),
    ],
    [
      'a contained resource behind a canonical',
      'bundle',
      (r) =>
        (r.entry[0].resource = {
          resourceType: 'QuestionnaireResponse',
          questionnaire: '#q',
          status: 'completed',
          contained: [{ resourceType: 'Questionnaire', id: 'q', status: 'draft' }],
        }),
    ],
    [
      'a concept that says why there is none',
      'bundle',
      (r) =>
        (r.entry[0].resource = {
          resourceType: 'AllergyIntolerance',
          patient: { display: 'x' },
          clinicalStatus: { extension: [{ url: 'x', valueCode: 'unknown' }] },
        }),
    ],
    [
      'any type behind urn:uuid',
      'observation',
      (r) => (r.subject.reference = 'urn:uuid:3a0707d3-549e-4467-b8b8-5a2ab3800efe'),
    ],
    [
      'a URL that is no FHIR address',
      'observation',
      (r) => (r.subject.reference = 'https://example.org/people/1'),
    ],
    [
      'the canonical URL as type of a reference',
      'observation',
      (r) => (r.subject.type = 'http://hl7.org/fhir/StructureDefinition/Patient'),
    ],
    ['codes of an open system', 'patient', (r) => (r.photo[0].contentType = 'image/x-new')],
  ];

  it.each(cases)('%s', (_what, kind, change) => {
    expect(broken(kind, change)).toEqual([]);
  });
});

describe('messages', () => {
  it.each<[string, Kind, (resource: Draft) => unknown]>([
    [
      '"birthdate" is not an element of Patient. Is "birthDate" meant?',
      'patient',
      (r) => (r.birthdate = 'x'),
    ],
    ['"contcat" is not an element of Patient. Is "contact" meant?', 'patient', (r) => (r.contcat = [])],
    ['"zzzzzz" is not an element of Patient.', 'patient', (r) => (r.zzzzzz = 1)],
    [
      '"deceasedString" is not an element: the types of Patient.deceased[x] are boolean, dateTime.',
      'patient',
      (r) => (r.deceasedString = 'x'),
    ],
    [
      '"Female" is not one of the codes that this element can have: male, female, other, unknown.',
      'patient',
      (r) => (r.gender = 'Female'),
    ],
    ['The element may repeat: an array is expected here, not an object.', 'patient', (r) => (r.name = {})],
    [
      'A reference to Device is not allowed here, only to Organization.',
      'patient',
      (r) => ((r.managingOrganization = { reference: 'Device/1' }), delete r.contained),
    ],
    [
      'A date of the calendar as YYYY, YYYY-MM or YYYY-MM-DD is expected here, not "2023-02-29".',
      'patient',
      (r) => (r.birthDate = '2023-02-29'),
    ],
  ])('%s', (expected, kind, change) => {
    expect(message(kind, change)).toBe(expected);
  });

  it('start at the place of a part', () => {
    const issues = validate(
      { resourceType: 'Patient', x: 1 },
      { mode: 'full', place: 'Bundle.entry[3].resource' },
    );
    expect(issues[0]?.expression).toBe('Bundle.entry[3].resource.x');
  });

  it('quote 64 characters of a value at most', () => {
    const text = message('patient', (r) => (r.birthDate = 'x'.repeat(100_000))) ?? '';
    expect(text.length).toBeLessThan(200);
  });

  it('say what is no resource', () => {
    const found = [[], { resourceType: 'Foo' }, {}, { resourceType: 1 }].map((value) =>
      validate(value, { mode: 'full' }).map(({ code, expression }) => `${code} ${expression}`),
    );
    expect(found).toEqual([
      ['structure Resource'],
      ['value Resource.resourceType'],
      ['required Resource.resourceType'],
      ['value Resource.resourceType'],
    ]);
  });
});
