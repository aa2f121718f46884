import type { TestResource } from './approved.js';

const patients = ['a', 'b', 'dora', 'c'] as const;
const to = (type: string, id: string) => ({ reference: `${type}/${id}` });
const coded = (system: string, code: string) => ({ coding: [{ system, code }] });
const categories = ['laboratory', 'vital-signs', 'social-history'] as const;
const codes = ['718-7', '8867-4', '8302-2'] as const;
const at = (n: number): string => `2020-0${1 + (n % 9)}-1${n % 10}T10:00:00Z`;

function ofPatient(patient: string, p: number): TestResource[] {
  const other = patients[(p + 1) % patients.length] ?? 'a';
  const observations = Array.from({ length: 7 }, (_, n): TestResource => {
    const subject = n === 5 ? {} : { subject: to('Patient', patient) };
    // Of another patient, and performed by this one; of this one, and performed by another.
    const performer =
      n === 4 ? [to('Patient', other)] : n === 5 ? [to('Patient', patient)] : [to('Practitioner', 'x')];
    return {
      ...{
        resourceType: 'Observation',
        id: `o-${patient}-${n}`,
        status: n % 2 === 0 ? 'final' : 'preliminary',
      },
      category: [
        coded('http://terminology.hl7.org/CodeSystem/observation-category', categories[n % 3] ?? ''),
      ],
      code: coded('http://loinc.org', codes[(n + p) % 3] ?? ''),
      ...subject,
      performer,
      encounter: to('Encounter', `e-${patient}`),
      ...(n === 3 ? { device: to('Device', 'scale') } : {}),
      effectiveDateTime: at(n + p),
      valueQuantity: { value: 10 * p + n, unit: 'g/dL', system: 'http://unitsofmeasure.org', code: 'g/dL' },
      ...(n > 1 ? { derivedFrom: [to('Observation', `o-${n % 2 === 0 ? other : patient}-0`)] } : {}),
    };
  });
  return [
    {
      ...{ resourceType: 'Patient', id: patient, active: true, gender: p % 2 === 0 ? 'female' : 'male' },
      name: [{ family: `Family${patient}`, given: ['Kim'] }],
      birthDate: `19${50 + p}-01-02`,
      identifier: [{ system: 'urn:mrn', value: `m-${patient}` }],
      generalPractitioner: [to('Practitioner', p % 2 === 0 ? 'x' : 'y')],
      managingOrganization: to('Organization', 'org'),
      link: [{ other: to('Patient', other), type: 'seealso' }],
    },
    {
      ...{
        resourceType: 'Encounter',
        id: `e-${patient}`,
        status: 'in-progress',
        subject: to('Patient', patient),
      },
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      location: [{ location: to('Location', p % 2 === 0 ? 'ward' : 'far') }],
      participant: [{ individual: to('Practitioner', patient === 'c' ? 'x' : 'y') }],
      period: { start: at(p) },
    },
    ...['problem-list-item', 'encounter-diagnosis'].map((category, n): TestResource => ({
      ...{ resourceType: 'Condition', id: `c-${patient}-${n}`, subject: to('Patient', patient) },
      clinicalStatus: coded('http://terminology.hl7.org/CodeSystem/condition-clinical', 'active'),
      category: [coded('http://terminology.hl7.org/CodeSystem/condition-category', category)],
      code: coded('http://snomed.info/sct', `3834100${p}`),
      encounter: to('Encounter', `e-${patient}`),
      ...(n === 1 ? { asserter: to('Patient', other) } : {}),
    })),
    {
      ...{ resourceType: 'CareTeam', id: `t-${patient}`, status: 'active', subject: to('Patient', patient) },
      participant: [{ member: to('Practitioner', ['a', 'b'].includes(patient) ? 'x' : 'y') }],
    },
    { ...{ resourceType: 'RelatedPerson', id: `r-${patient}` }, patient: to('Patient', patient) },
    {
      ...{ resourceType: 'List', id: `l-${patient}`, status: 'current', mode: 'working' },
      subject: to('Patient', patient),
      entry: [{ item: to('Observation', `o-${patient}-0`) }, { item: to('Observation', `o-${other}-0`) }],
    },
    {
      ...{ resourceType: 'Composition', id: `k-${patient}`, status: 'final', title: 'Letter' },
      ...{ type: coded('http://loinc.org', '11503-0'), subject: to('Patient', patient), date: at(p) },
      author: [to('Practitioner', p % 2 === 0 ? 'x' : 'y')],
      custodian: to('Organization', 'org'),
      section: [
        { title: 'Own', entry: [to('Observation', `o-${patient}-0`), to('Observation', 'nobody')] },
        {
          title: 'Others',
          section: [
            { title: 'Deep', entry: [to('Observation', `o-${other}-0`), to('Condition', `c-${other}-0`)] },
          ],
        },
      ],
    },
    // Of what has the patient's id and is none.
    {
      ...{
        resourceType: 'Observation',
        id: `g-${patient}`,
        status: 'final',
        code: coded('http://loinc.org', codes[0]),
      },
      ...{ subject: to('Group', patient), performer: [to('Organization', patient)] },
    },
    ...observations,
  ];
}

const category = 'http://terminology.hl7.org/CodeSystem/observation-category';

/** Several patients whose resources refer to one another's, and resources of nobody. */
export const resources: readonly TestResource[] = [
  { resourceType: 'Organization', id: 'org', name: 'Clinic' },
  { resourceType: 'Practitioner', id: 'x', name: [{ family: 'Xu' }] },
  { resourceType: 'Practitioner', id: 'y', name: [{ family: 'Young' }] },
  {
    ...{ resourceType: 'Location', id: 'ward', name: 'Ward' },
    position: { latitude: 48.2, longitude: 16.4 },
  },
  {
    ...{ resourceType: 'Location', id: 'far', name: 'Far ward' },
    position: { latitude: -33.9, longitude: 151.2 },
  },
  { resourceType: 'Device', id: 'scale', type: { text: 'Scale' }, patient: to('Patient', 'a') },
  {
    ...{ resourceType: 'ValueSet', id: 'values', status: 'active', url: 'urn:values' },
    compose: { include: [{ system: category, concept: [{ code: 'laboratory' }] }] },
  },
  ...['a', 'b'].map((id) => ({
    ...{ resourceType: 'Binary', id: `scan-${id}`, contentType: 'text/plain', data: 'c2VjcmV0' },
    securityContext: to('Patient', id),
  })),
  ...patients.flatMap(ofPatient),
];
