import type { RoleRule } from '../../../src/users/index.js';

/** A plain reading of what a set of scopes approves, written apart from the server's. */
export interface TestResource {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

interface Reference {
  readonly reference?: string;
}

/** Elements by which a resource is in the compartment of a patient. https://hl7.org/fhir/R4/compartmentdefinition-patient.html */
const memberElements: Readonly<Record<string, readonly string[]>> = {
  Observation: ['subject', 'performer'],
  Condition: ['subject', 'asserter'],
  Encounter: ['subject'],
  RelatedPerson: ['patient'],
  List: ['subject', 'source'],
  CareTeam: ['subject'],
  Composition: ['subject', 'author'],
};

export function isOfPatient(resource: TestResource, patient: string): boolean {
  if (resource.resourceType === 'Patient' && resource.id === patient) return true;
  const links = (resource.link ?? []) as readonly { readonly other: Reference }[];
  if (links.some(({ other }) => other.reference === `Patient/${patient}`)) return true;
  return (memberElements[resource.resourceType] ?? []).some((element) =>
    [resource[element] ?? []].flat().some((value) => (value as Reference).reference === `Patient/${patient}`),
  );
}

interface Coded {
  readonly coding?: readonly { readonly system?: string; readonly code?: string }[];
}

export function hasCategory(resource: TestResource, code: string): boolean {
  return ((resource.category ?? []) as readonly Coded[]).some(({ coding }) =>
    (coding ?? []).some((one) => one.code === code),
  );
}

/** In the charge of Practitioner/x, by a care team or an encounter. */
const inCharge = ['a', 'b', 'c'];

function isOfOwnPatient(resource: TestResource): boolean {
  if (resource.resourceType === 'Patient') return inCharge.includes(resource.id);
  return inCharge.some((id) => isOfPatient(resource, id));
}

const isFemale = ({ gender }: TestResource): boolean => gender === 'female';
/** Patients a and dora. */
const isOfFemale = ({ subject }: TestResource): boolean =>
  ['Patient/a', 'Patient/dora'].includes((subject as Reference | undefined)?.reference ?? '');

/** Someone who asks, and what they may see. */
export interface Approval {
  readonly name: string;
  readonly username: string;
  readonly scope: string;
  readonly patient?: string;
  /** Rules of a role of the user's own; absent: the user is one of the world's. */
  readonly rules?: readonly RoleRule[];
  sees(resource: TestResource): boolean;
}

export const approvals: readonly Approval[] = [
  {
    name: 'one patient',
    username: 'alice',
    scope: 'patient/*.cruds',
    patient: 'a',
    sees: (resource) => isOfPatient(resource, 'a'),
  },
  {
    name: 'laboratory results of one patient, and who that is',
    username: 'alice',
    scope: 'patient/Patient.rs patient/Observation.cruds?category=laboratory',
    patient: 'b',
    sees: (resource) =>
      isOfPatient(resource, 'b') &&
      (resource.resourceType === 'Patient' ||
        (resource.resourceType === 'Observation' && hasCategory(resource, 'laboratory'))),
  },
  {
    name: 'two categories of all patients, without the patients',
    username: 'alice',
    scope: 'user/Observation.cruds?category=laboratory user/Condition.rs?category=problem-list-item',
    sees: (resource) =>
      (resource.resourceType === 'Observation' && hasCategory(resource, 'laboratory')) ||
      (resource.resourceType === 'Condition' && hasCategory(resource, 'problem-list-item')),
  },
  {
    name: 'some types',
    username: 'alice',
    scope: 'user/Observation.cruds user/Encounter.rs user/Practitioner.rs',
    sees: ({ resourceType }) => ['Observation', 'Encounter', 'Practitioner'].includes(resourceType),
  },
  {
    name: 'a patient by role, whatever the scope',
    username: 'dora',
    scope: 'user/*.cruds',
    sees: (resource) => isOfPatient(resource, 'dora'),
  },
  {
    name: 'everything of one type and the rest of one patient',
    username: 'alice',
    scope: 'user/Practitioner.rs user/Organization.cruds patient/*.rs',
    patient: 'a',
    sees: (resource) =>
      ['Practitioner', 'Organization'].includes(resource.resourceType) || isOfPatient(resource, 'a'),
  },
  {
    name: 'the own patients by care team and encounter',
    username: 'ward',
    scope: 'user/*.cruds',
    rules: [{ types: ['*'], interactions: 'cruds', ownPatients: ['careteam', 'encounter'] }],
    sees: isOfOwnPatient,
  },
  {
    name: 'laboratory results of the own patients, within a scope of few types',
    username: 'laboratory',
    scope: 'user/Observation.cruds user/CareTeam.rs user/Encounter.rs user/Patient.rs',
    rules: [
      {
        ...{ types: ['Observation'], interactions: 'cruds', criteria: 'category=laboratory' },
        ownPatients: ['careteam', 'encounter'],
      },
      // What tells who is whose must be there in the repository that holds no more than is approved.
      { types: ['CareTeam', 'Encounter', 'Practitioner', 'Patient'], interactions: 'rs' },
    ],
    sees: (resource) =>
      ['CareTeam', 'Encounter', 'Patient'].includes(resource.resourceType) ||
      (resource.resourceType === 'Observation' &&
        hasCategory(resource, 'laboratory') &&
        isOfOwnPatient(resource)),
  },
  {
    name: 'what two rules with criteria say',
    username: 'criteria',
    scope: 'user/*.cruds',
    rules: [
      { types: ['Observation'], interactions: 'cruds', criteria: 'status=final' },
      { types: ['Patient'], interactions: 'rs', criteria: 'gender=female' },
      { types: ['Condition'], interactions: 'rs', criteria: 'subject:Patient.gender=female' },
    ],
    sees: (resource) =>
      (resource.resourceType === 'Observation' && resource.status === 'final') ||
      (resource.resourceType === 'Patient' && isFemale(resource)) ||
      (resource.resourceType === 'Condition' && isOfFemale(resource)),
  },
  {
    name: 'criteria of a scope that look through patients, of whom the role shows some',
    username: 'chained',
    scope: 'user/Observation.rs?subject:Patient.birthdate=ge1900 user/Patient.rs',
    rules: [
      { types: ['Observation'], interactions: 'cruds' },
      { types: ['Patient'], interactions: 'rs', criteria: 'gender=female' },
    ],
    sees: (resource) =>
      (resource.resourceType === 'Observation' && isOfFemale(resource)) ||
      (resource.resourceType === 'Patient' && isFemale(resource)),
  },
];
