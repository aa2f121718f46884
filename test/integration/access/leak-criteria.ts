import { hasCategory, type TestResource } from './approved.js';
import { resources } from './leak-resources.js';

/** Search criteria with a plain reading of what they mean. */
export interface TestCriteria {
  readonly type: string;
  readonly query: string;
  /** Types that it looks at beside its own. */
  readonly through: readonly string[];
  /** @param sees which other resources may be looked at */
  holds(resource: TestResource, sees: (other: TestResource) => boolean): boolean;
}

interface Reference {
  readonly reference?: string;
}

const references = (value: unknown): readonly string[] =>
  (value === undefined ? [] : [value].flat()).flatMap((one) => (one as Reference).reference ?? []);

/** Whether one of the references leads to a resource that may be looked at and fulfils it. */
function leads(
  value: unknown,
  sees: (other: TestResource) => boolean,
  fulfils: (other: TestResource) => boolean,
): boolean {
  const named = references(value);
  return resources.some(
    (other) => named.includes(`${other.resourceType}/${other.id}`) && sees(other) && fulfils(other),
  );
}

function isReferredTo(
  resource: TestResource,
  sees: (other: TestResource) => boolean,
  from: (other: TestResource) => unknown,
): boolean {
  const self = `${resource.resourceType}/${resource.id}`;
  return resources.some((other) => references(from(other)).includes(self) && sees(other));
}

const codeOf = ({ code }: TestResource): string | undefined =>
  (code as { coding?: { code?: string }[] } | undefined)?.coding?.[0]?.code;
const participants = ({ participant }: TestResource): readonly unknown[] =>
  ((participant ?? []) as { individual?: Reference; member?: Reference }[]).map(
    ({ individual, member }) => individual ?? member,
  );

const alone = (type: string, query: string, holds: (resource: TestResource) => boolean): TestCriteria => ({
  ...{ type, query, through: [], holds },
});
const through = (type: string, query: string, other: string, holds: TestCriteria['holds']): TestCriteria => ({
  ...{ type, query, through: [other], holds },
});
const isFemale = ({ gender }: TestResource): boolean => gender === 'female';
const ofWoman: TestCriteria['holds'] = ({ subject }, sees) => leads(subject, sees, isFemale);

const all: readonly TestCriteria[] = [
  alone('Observation', 'category=laboratory', (one) => hasCategory(one, 'laboratory')),
  alone('Observation', 'status=final', ({ status }) => status === 'final'),
  alone('Observation', 'code=718-7', (one) => codeOf(one) === '718-7'),
  alone(
    'Observation',
    'status=final&category=vital-signs',
    (one) => one.status === 'final' && hasCategory(one, 'vital-signs'),
  ),
  alone(
    'Observation',
    'category=laboratory,vital-signs',
    (one) => hasCategory(one, 'laboratory') || hasCategory(one, 'vital-signs'),
  ),
  alone('Observation', 'date=ge2020-05-01', (one) => String(one.effectiveDateTime) >= '2020-05-01'),
  alone('Observation', 'performer=Patient/a', ({ performer }) => references(performer).includes('Patient/a')),
  alone('Observation', 'derived-from:missing=true', ({ derivedFrom }) => derivedFrom === undefined),
  alone('Observation', 'status:not=final', ({ status }) => status !== 'final'),
  through('Observation', 'subject:Patient.gender=female', 'Patient', ofWoman),
  through('Observation', 'patient.birthdate=ge1952', 'Patient', ({ subject }, sees) =>
    leads(subject, sees, ({ birthDate }) => String(birthDate) >= '1952'),
  ),
  through('Observation', 'encounter.participant=Practitioner/x', 'Encounter', ({ encounter }, sees) =>
    leads(encounter, sees, (one) => references(participants(one)).includes('Practitioner/x')),
  ),
  through('Observation', '_has:List:item:status=current', 'List', (resource, sees) =>
    isReferredTo(resource, sees, ({ resourceType, entry }) =>
      resourceType === 'List' ? ((entry ?? []) as { item: Reference }[]).map(({ item }) => item) : [],
    ),
  ),
  alone('Condition', 'category=problem-list-item', (one) => hasCategory(one, 'problem-list-item')),
  alone('Condition', 'asserter:missing=true', ({ asserter }) => asserter === undefined),
  through('Condition', 'subject:Patient.gender=female', 'Patient', ofWoman),
  alone('Patient', 'gender=female', isFemale),
  alone('Patient', '_id=a', ({ id }) => id === 'a'),
  alone('Patient', 'birthdate=ge1951', ({ birthDate }) => String(birthDate) >= '1951'),
  alone('Patient', 'general-practitioner=Practitioner/x', ({ generalPractitioner }) =>
    references(generalPractitioner).includes('Practitioner/x'),
  ),
  through('Patient', 'organization.name=Clinic', 'Organization', ({ managingOrganization }, sees) =>
    leads(managingOrganization, sees, ({ name }) => name === 'Clinic'),
  ),
  through('Patient', '_has:Encounter:patient:participant=Practitioner/x', 'Encounter', (resource, sees) =>
    isReferredTo(resource, sees, (other) =>
      other.resourceType === 'Encounter' && references(participants(other)).includes('Practitioner/x')
        ? other.subject
        : undefined,
    ),
  ),
  alone('Encounter', 'status=finished', ({ status }) => status === 'finished'),
  alone('Encounter', 'participant=Practitioner/x', (one) =>
    references(participants(one)).includes('Practitioner/x'),
  ),
  through('Encounter', 'subject:Patient.gender=female', 'Patient', ofWoman),
  alone('CareTeam', 'participant=Practitioner/x', (one) =>
    references(participants(one)).includes('Practitioner/x'),
  ),
  alone('List', 'item=Observation/o-a-0', ({ entry }) =>
    ((entry ?? []) as { item: Reference }[]).some(({ item }) => item.reference === 'Observation/o-a-0'),
  ),
  alone('RelatedPerson', 'patient=Patient/a', ({ patient }) => references(patient).includes('Patient/a')),
];

export function criteriaOf(type: string): readonly TestCriteria[] {
  return all.filter((criteria) => criteria.type === type);
}
