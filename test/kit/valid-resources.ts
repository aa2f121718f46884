/** Resources without any mistake, for tests that make one. Each call gives new objects. */
export function validResources() {
  return { patient: patient(), observation: observation(), questionnaire: questionnaire(), bundle: bundle() };
}

const coding = (system: string, code: string) => ({ coding: [{ system, code }] });

function patient() {
  return {
    resourceType: 'Patient',
    id: 'ada',
    meta: {
      versionId: '1',
      lastUpdated: '2024-02-29T10:00:00.123+01:00',
      tag: [{ system: 'http://example.org', code: 'x' }],
    },
    text: {
      status: 'generated',
      div: '<div xmlns="http://www.w3.org/1999/xhtml"><p>Ada <b>L</b> &amp; co</p></div>',
    },
    contained: [{ resourceType: 'Organization', id: 'org', name: 'Analytical Engines' }],
    extension: [{ url: 'http://example.org/eye-colour', valueString: 'grey' }],
    identifier: [
      {
        use: 'official',
        system: 'urn:oid:1.2.36',
        value: '12345',
        period: { start: '2001', end: '2002-05' },
      },
    ],
    active: true,
    name: [
      {
        use: 'official',
        family: 'Lovelace',
        given: ['Ada', null],
        _given: [null, { extension: [{ url: 'http://example.org/absent', valueCode: 'masked' }] }],
      },
    ],
    telecom: [{ system: 'phone', value: '+44 20 7946 0958', rank: 1 }],
    gender: 'female',
    birthDate: '1815-12-10',
    _birthDate: {
      extension: [{ url: 'http://example.org/birth-time', valueDateTime: '1815-12-10T14:35:45-05:00' }],
    },
    deceasedBoolean: false,
    multipleBirthInteger: 2,
    photo: [{ contentType: 'image/gif', data: 'R0lGODlhAQ==' }],
    contact: [{ name: { family: 'Byron' }, gender: 'male' }],
    communication: [{ language: coding('urn:ietf:bcp:47', 'en'), preferred: true }],
    generalPractitioner: [
      { reference: 'Practitioner/1', type: 'Practitioner', display: 'Dr X' },
      { display: 'someone' },
    ],
    managingOrganization: { reference: '#org' },
    link: [{ other: { reference: 'http://example.org/fhir/Patient/2' }, type: 'seealso' }],
  };
}

function observation() {
  const mmHg = { unit: 'mm[Hg]', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' };
  return {
    resourceType: 'Observation',
    id: 'bp',
    status: 'final',
    category: [coding('http://terminology.hl7.org/CodeSystem/observation-category', 'vital-signs')],
    code: { ...coding('http://loinc.org', '85354-9'), text: 'Blood pressure' },
    subject: { reference: 'Patient/ada' },
    effectivePeriod: { start: '2024-01-01', end: '2024-01-01T12:00:00Z' },
    issued: '2024-01-01T12:00:00.5Z',
    performer: [{ reference: 'urn:uuid:3a0707d3-549e-4467-b8b8-5a2ab3800efe' }],
    component: [
      { code: coding('http://loinc.org', '8480-6'), valueQuantity: { value: 120.5, ...mmHg } },
      { code: coding('http://loinc.org', '8462-4'), dataAbsentReason: { text: 'not measured' } },
    ],
    referenceRange: [{ low: { value: 90, ...mmHg }, high: { value: 140, ...mmHg } }],
  };
}

function questionnaire() {
  return {
    resourceType: 'Questionnaire',
    url: 'http://example.org/Questionnaire/q',
    name: 'Intake',
    status: 'active',
    subjectType: ['Patient'],
    item: [
      {
        linkId: '1',
        type: 'group',
        item: [
          {
            linkId: '1.1',
            type: 'choice',
            answerOption: [{ valueString: 'a' }, { valueString: 'b' }],
            enableWhen: [{ question: '1.2', operator: 'exists', answerBoolean: true }],
          },
          { linkId: '1.2', type: 'string', maxLength: 20 },
        ],
      },
      { linkId: '2', type: 'display', text: 'Thanks' },
    ],
  };
}

function bundle() {
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      {
        fullUrl: 'urn:uuid:3a0707d3-549e-4467-b8b8-5a2ab3800efe',
        resource: patient(),
        request: { method: 'POST', url: 'Patient' },
      },
      {
        fullUrl: 'http://example.org/fhir/Observation/bp',
        resource: observation(),
        request: { method: 'PUT', url: 'Observation/bp' },
      },
      { request: { method: 'DELETE', url: 'Patient/old' } },
    ],
  };
}
