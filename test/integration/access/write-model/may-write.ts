import { allReferences, patientIn, referencesAt, type Resource, type State } from './resource.js';

/*
 * What docs/access.md says of who may write what, read plainly: every right is looked at by itself, and every resource of
 * the state, each time anew. Written apart from the server, of which it imports nothing.
 */

export type Letter = 'c' | 'r' | 'u' | 'd' | 's';
export type Relation = 'careteam' | 'encounter';

/** Search criteria, with what they mean. */
export interface Criteria {
  readonly query: string;
  holds(resource: Resource): boolean;
}

export interface Scope {
  readonly context: 'patient' | 'user' | 'system';
  /** `*`: every one. */
  readonly type: string;
  readonly letters: string;
  readonly criteria: Criteria | null;
}

export interface Rule {
  readonly types: readonly string[];
  readonly letters: string;
  readonly criteria: Criteria | null;
  readonly compartment?: 'Patient' | 'Practitioner';
  readonly ownPatients?: readonly Relation[];
  readonly namesOthers?: true;
  readonly assigns?: true;
}

/** Who asks: a user with rules, or a client without a user, whom its scopes alone limit. */
export interface Subject {
  readonly kind: 'user' | 'client';
  readonly fhirUser: string | null;
  readonly rules: readonly Rule[];
  readonly scopes: readonly Scope[];
  /** In context; null: nobody. */
  readonly patient: string | null;
}

/** The built-in role `practitioner`, and what clients without a user have in place of rules. */
export const everything: Rule = { types: ['*'], letters: 'cruds', criteria: null, assigns: true };
/** The built-in role `patient`. */
export const ownRecord: Rule = { types: ['*'], letters: 'cruds', criteria: null, compartment: 'Patient' };

/** A scope together with a rule. */
interface Right {
  readonly scope: Scope;
  readonly rule: Rule;
}

/** Elements that the parameters `subject` and `patient` select. */
const aboutElements: Readonly<Record<string, readonly string[]>> = {
  Observation: ['subject'],
  Condition: ['subject'],
  AllergyIntolerance: ['patient'],
  CareTeam: ['subject'],
  Encounter: ['subject'],
  RelatedPerson: ['patient'],
};
/** What else is in the compartment. https://hl7.org/fhir/R4/compartmentdefinition-patient.html */
const memberElements: Readonly<Record<string, readonly string[]>> = {
  Observation: ['performer'],
  Condition: ['asserter'],
  AllergyIntolerance: ['recorder', 'asserter'],
  CareTeam: ['participant.member'],
  Patient: ['link.other'],
};
/** https://hl7.org/fhir/R4/compartmentdefinition-practitioner.html */
const practitionerElements: Readonly<Record<string, readonly string[]>> = {
  Observation: ['performer'],
  Condition: ['asserter'],
  AllergyIntolerance: ['recorder', 'asserter'],
  CareTeam: ['participant.member'],
  Encounter: ['participant.individual'],
  Patient: ['generalPractitioner'],
};

const ofType = (elements: Readonly<Record<string, readonly string[]>>, resource: Resource): string[] =>
  (elements[resource.resourceType] ?? []).flatMap((path) => referencesAt(resource, path));
const patientsAmong = (references: readonly string[]): string[] =>
  references.flatMap((reference) => patientIn(reference) ?? []);

/** The rights that cover a type by a letter, whatever they reach. */
function rightsFor(subject: Subject, type: string, letter: Letter): readonly Right[] {
  const { kind, fhirUser, patient } = subject;
  const scopes = subject.scopes.filter(
    ({ context, type: named, letters }) =>
      (named === '*' || named === type) &&
      letters.includes(letter) &&
      (context === 'patient' ? patient !== null : (context === 'system') === (kind === 'client')),
  );
  const rules = subject.rules.filter(
    ({ types, letters, compartment, ownPatients }) =>
      (types.includes('*') || types.includes(type)) &&
      letters.includes(letter) &&
      (compartment === undefined || fhirUser?.startsWith(`${compartment}/`) === true) &&
      (ownPatients === undefined || fhirUser !== null),
  );
  return scopes.flatMap((scope) => rules.map((rule) => ({ scope, rule })));
}

export function covers(subject: Subject, type: string, letter: Letter): boolean {
  return rightsFor(subject, type, letter).length > 0;
}

/** The sets of patients that a right is about; each of them limits it. */
function limitsOf(
  { scope, rule }: Right,
  { fhirUser, patient }: Subject,
  stored: State,
): readonly { readonly reached: readonly string[]; readonly own: boolean; readonly namesOthers: boolean }[] {
  const namesOthers = rule.namesOthers === true;
  const limits = [];
  if (scope.context === 'patient') limits.push({ reached: [patient ?? ''], own: false, namesOthers: false });
  if (rule.compartment === 'Patient') {
    limits.push({ reached: [fhirUser?.split('/')[1] ?? ''], own: false, namesOthers });
  }
  if (rule.ownPatients !== undefined) {
    const reached = ownPatients(fhirUser ?? '', rule.ownPatients, stored);
    limits.push({ reached, own: true, namesOthers });
  }
  return limits;
}

/** What a right says of a resource that is looked at. */
function reads(right: Right, resource: Resource, subject: Subject, stored: State): boolean {
  const { scope, rule } = right;
  if (scope.criteria?.holds(resource) === false || rule.criteria?.holds(resource) === false) return false;
  if (rule.compartment === 'Practitioner') {
    const { resourceType, id = '' } = resource;
    const names = [...ofType(practitionerElements, resource), `${resourceType}/${id}`];
    if (!names.includes(subject.fhirUser ?? '')) return false;
  }
  return limitsOf(right, subject, stored).every(({ reached, own }) => {
    const self = resource.resourceType === 'Patient' ? [resource.id ?? ''] : [];
    const linked = [...ofType(aboutElements, resource), ...ofType(memberElements, resource)];
    // Those whom an own patient links to are not meant.
    const named = own && self.length > 0 ? self : [...self, ...patientsAmong(linked)];
    return named.some((id) => reached.includes(id));
  });
}

/** What a right says of a resource as it is before or behind a write. */
function writes(right: Right, resource: Resource, subject: Subject, stored: State): boolean {
  if (!reads(right, resource, subject, stored)) return false;
  return limitsOf(right, subject, stored).every(({ reached, namesOthers }) => {
    const references = ofType(aboutElements, resource);
    if (references.some((reference) => patientIn(reference) === undefined)) return false;
    const self = resource.resourceType === 'Patient' ? [resource.id ?? ''] : [];
    const about = [...self, ...patientsAmong(references)];
    if (namesOthers) return about.every((id) => reached.includes(id));
    const members = ofType(memberElements, resource);
    if (members.some((reference) => reference.startsWith('Group/'))) return false;
    return [...about, ...patientsAmong(allReferences(resource))].every((id) => reached.includes(id));
  });
}

/** Whether the subject may read or, by `s`, find a stored resource. */
export function maySee(subject: Subject, letter: 'r' | 's', resource: Resource, stored: State): boolean {
  return rightsFor(subject, resource.resourceType, letter).some((right) =>
    reads(right, resource, subject, stored),
  );
}

/** Whether every resource of the type is within reach by the letter. */
export function seesAll(subject: Subject, type: string, letter: Letter): boolean {
  return rightsFor(subject, type, letter).some(
    ({ scope, rule }) =>
      scope.context !== 'patient' &&
      scope.criteria === null &&
      rule.criteria === null &&
      rule.compartment === undefined &&
      rule.ownPatients === undefined,
  );
}

/** What happens to one resource. */
export interface Change {
  readonly letter: 'c' | 'u' | 'd';
  /** Undefined: there is none, or it was deleted. */
  readonly before: Resource | undefined;
  /** Undefined: it is deleted. */
  readonly after: Resource | undefined;
}

/**
 * Whether a change may be made.
 *
 * @param stored what is stored before the whole request
 */
export function mayWrite(subject: Subject, { letter, before, after }: Change, stored: State): boolean {
  const type = (before ?? after)?.resourceType ?? '';
  const rights = rightsFor(subject, type, letter);
  const within = (resource: Resource, of: readonly Right[]) =>
    of.some((right) => writes(right, resource, subject, stored));
  // An id that the client chooses tells whether it is taken.
  if (before === undefined && letter === 'u' && !seesAll(subject, type, 'u')) return false;
  if (before !== undefined && !within(before, rights)) return false;
  if (after === undefined) return true;
  const assigning = rights.filter(({ scope, rule }) => scope.context !== 'patient' && rule.assigns === true);
  return within(after, assigns(before, after) ? assigning : rights);
}

/** Whether somebody becomes a participant of a patient by a change, or for longer. */
function assigns(before: Resource | undefined, after: Resource): boolean {
  const had = before === undefined ? [] : participations(before);
  return participations(after).some(
    ({ of, isOver }) => !had.some((one) => one.of === of && (isOver || !one.isOver)),
  );
}

/** Long ago; no other date is used. */
export const past = '2020-01-01';

interface Timed {
  readonly period?: { readonly end?: string };
}

const isOver = ({ period }: Timed): boolean => period?.end === past;

interface Participation {
  /** `Practitioner/x of p1` */
  readonly of: string;
  /** Its time, or that of the whole, has ended. */
  readonly isOver: boolean;
}

/** Who is a participant of whom, by the status of the whole. */
function participations(resource: Resource): readonly Participation[] {
  const { resourceType, status, participant = [] } = resource;
  const open =
    resourceType === 'CareTeam'
      ? status === undefined || status === 'active'
      : resourceType === 'Encounter' && status === 'in-progress';
  if (!open) return [];
  const patients = patientsAmong(ofType(aboutElements, resource));
  return (participant as readonly (Timed & Record<string, { reference: string }>)[]).flatMap((one) => {
    const who = (one.member ?? one.individual)?.reference;
    const ended = isOver(resource as Timed) || isOver(one);
    return who === undefined
      ? []
      : patients.map((patient) => ({ of: `${who} of ${patient}`, isOver: ended }));
  });
}

/** The patients of whom somebody is a participant now. */
export function ownPatients(who: string, by: readonly Relation[], stored: State): readonly string[] {
  const types: readonly string[] = by.map((relation) => (relation === 'careteam' ? 'CareTeam' : 'Encounter'));
  const all = [...stored.values()].filter((resource) => resource !== null);
  const now = all
    .filter(({ resourceType }) => types.includes(resourceType))
    .flatMap((resource) => participations(resource).filter((one) => !one.isOver));
  return [...stored.keys()].flatMap((key) => {
    const patient = /^Patient\/(.+)$/.exec(key)?.[1];
    return patient !== undefined && now.some(({ of }) => of === `${who} of ${patient}`) ? [patient] : [];
  });
}
