import { past } from './may-write.js';
import type { Resource, State } from './resource.js';
import { keyOf } from './resource.js';

export const patients = ['p1', 'p2', 'p3', 'p4'] as const;
export const keySystem = 'urn:key';

export const to = (reference: string) => ({ reference });
export const who = { x: 'Practitioner/x', y: 'Practitioner/y' } as const;

const lab = [{ coding: [{ code: 'laboratory' }] }];
const vitals = [{ coding: [{ code: 'vital-signs' }] }];
export const categories = [lab, vitals];

/** Each has a key by which criteria find it, and a word that no request has: where that shows, the resource is shown. */
function stored(resourceType: string, id: string, elements: object): Resource {
  return {
    ...{ resourceType, id },
    identifier: [
      { system: keySystem, value: id },
      { system: 'urn:secret', value: secretOf(id) },
    ],
    ...elements,
  };
}

export function secretOf(id: string): string {
  return `secret-of-${id}.`;
}

const observation = (id: string, elements: object): Resource =>
  stored('Observation', id, { status: 'final', category: lab, code: { text: 'Weight' }, ...elements });
const ofPatient = (patient: string, n: number): readonly Resource[] => [
  observation(`o-${patient}`, { subject: to(`Patient/${patient}`) }),
  observation(`v-${patient}`, {
    ...{ status: 'preliminary', category: vitals, subject: to(`Patient/${patient}`) },
    performer: [to(n % 2 === 0 ? who.x : who.y)],
  }),
  stored('Condition', `c-${patient}`, { subject: to(`Patient/${patient}`), asserter: to(who.x) }),
  stored('AllergyIntolerance', `a-${patient}`, { patient: to(`Patient/${patient}`) }),
];

export const resources: readonly Resource[] = [
  stored('Practitioner', 'x', {}),
  stored('Practitioner', 'y', {}),
  stored('Patient', 'p1', { gender: 'female', generalPractitioner: [to(who.x)] }),
  stored('Patient', 'p2', { gender: 'male', link: [{ other: to('Patient/p1'), type: 'seealso' }] }),
  stored('Patient', 'p3', { gender: 'female' }),
  stored('Patient', 'p4', { gender: 'male', generalPractitioner: [to(who.y)] }),
  ...patients.flatMap(ofPatient),
  // Of one, and named by another.
  observation('o-mixed', { subject: to('Patient/p2'), performer: [to('Patient/p1')] }),
  observation('o-performed', { performer: [to('Patient/p1')] }),
  observation('o-group', { subject: to('Group/g'), performer: [to('Patient/p1')] }),
  stored('Condition', 'c-mixed', { subject: to('Patient/p2'), asserter: to('Patient/p1') }),
  stored('AllergyIntolerance', 'a-mixed', { patient: to('Patient/p2'), recorder: to('Patient/p1') }),
  stored('RelatedPerson', 'r-p1', { patient: to('Patient/p1') }),
  stored('RelatedPerson', 'r-p2', { patient: to('Patient/p2') }),
  ...(
    [
      ['t-p1', 'active', 'p1', who.x, {}],
      ['t-p2', 'active', 'p2', who.y, {}],
      ['t-p3', 'inactive', 'p3', who.x, {}],
      ['t-ended', 'active', 'p3', who.x, { period: { end: past } }],
    ] as const
  ).map(([id, status, patient, member, more]) =>
    stored('CareTeam', id, {
      ...{ status, subject: to(`Patient/${patient}`), participant: [{ member: to(member) }] },
      ...more,
    }),
  ),
  stored('CareTeam', 't-left', {
    ...{ status: 'active', subject: to('Patient/p2') },
    participant: [{ member: to(who.x), period: { end: past } }],
  }),
  ...(
    [
      ['e-p2', 'in-progress', 'p2', who.y],
      ['e-p3', 'finished', 'p3', who.x],
      ['e-p4', 'in-progress', 'p4', who.x],
    ] as const
  ).map(([id, status, patient, individual]) =>
    stored('Encounter', id, {
      ...{ status, class: { code: 'AMB' }, subject: to(`Patient/${patient}`) },
      participant: [{ individual: to(individual) }],
    }),
  ),
];

/** Deleted before anything is asked. */
export const gone = observation('o-gone', { subject: to('Patient/p1') });

export const initial: State = new Map([
  ...resources.map((resource) => [keyOf(resource), resource] as const),
  [keyOf(gone), null],
]);
