import fc from 'fast-check';
import { past, type Criteria } from './may-write.js';
import { referencesAt, type Resource } from './resource.js';
import { categories, gone, keySystem, patients, resources, to, who } from './stored.js';
import { types } from './subjects.js';

const ids = new Map<string, readonly string[]>(
  types.map((type) => [
    type,
    [...resources, gone].filter(({ resourceType }) => resourceType === type).map(({ id = '' }) => id),
  ]),
);
/** What is stored before each case. */
export const ofStored = (type: string, id: string): Resource | undefined =>
  resources.find((one) => one.resourceType === type && one.id === id);

/** A type of resource. */
export const type = fc.oneof(
  { weight: 4, arbitrary: fc.constant('Observation') },
  { weight: 3, arbitrary: fc.constantFrom('AllergyIntolerance', 'CareTeam', 'Condition') },
  { weight: 2, arbitrary: fc.constantFrom(...types) },
);
/** An id of a type, mostly one that is stored. */
export const idOf = (of: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...(ids.get(of) ?? [])) },
    { weight: 1, arbitrary: fc.constant('unheard-of') },
  );
export const patient = fc.constantFrom(...patients.map((id) => `Patient/${id}`));
const person = fc.oneof(
  { weight: 3, arbitrary: patient },
  { weight: 2, arbitrary: fc.constantFrom(who.x, who.y) },
);
const subject = fc.oneof(
  { weight: 12, arbitrary: patient },
  { weight: 1, arbitrary: fc.constant('Group/g') },
);
export const maybe = <T>(arbitrary: fc.Arbitrary<T>, percent: number): fc.Arbitrary<T | undefined> =>
  fc.nat(99).chain((n) => (n < percent ? arbitrary : fc.constant(undefined)));
const references = (arbitrary: fc.Arbitrary<string>) => arbitrary.map((reference) => [to(reference)]);
const reference = (arbitrary: fc.Arbitrary<string>) => arbitrary.map(to);
/** As `person`, in other words too: of a version, and of another server. */
const named = fc.oneof(
  { weight: 6, arbitrary: person },
  { weight: 1, arbitrary: patient.map((one) => `${one}/_history/1`) },
  { weight: 1, arbitrary: patient.map((one) => `https://elsewhere.example/fhir/${one}`) },
);
const maybePast = maybe(fc.constant({ end: past }), 15);

type Elements = Readonly<Record<string, fc.Arbitrary<unknown>>>;

/** Elements of bodies; those without a value are left out. */
export const elements: Readonly<Record<string, Elements>> = {
  Observation: {
    status: fc.constantFrom('final', 'preliminary'),
    category: fc.constantFrom(...categories),
    code: fc.constant({ text: 'Weight' }),
    subject: maybe(reference(subject), 90),
    performer: maybe(references(named), 40),
    extension: maybe(
      patient.map((one) => [{ url: 'urn:about', valueReference: to(one) }]),
      10,
    ),
  },
  Condition: {
    subject: reference(subject),
    asserter: maybe(reference(named), 40),
    recorder: maybe(reference(named), 20),
  },
  AllergyIntolerance: {
    patient: reference(patient),
    recorder: maybe(reference(named), 40),
    asserter: maybe(reference(named), 20),
  },
  CareTeam: {
    status: fc.constantFrom('active', 'active', 'inactive'),
    subject: maybe(reference(patient), 90),
    period: maybePast,
    participant: fc
      .array(fc.tuple(person, maybePast), { maxLength: 2 })
      .map((all) => all.map(([member, period]) => ({ member: to(member), period })))
      .map((all) => (all.length === 0 ? undefined : all)),
  },
  Encounter: {
    status: fc.constantFrom('in-progress', 'in-progress', 'finished'),
    class: fc.constant({ code: 'AMB' }),
    subject: maybe(reference(patient), 90),
    period: maybePast,
    participant: maybe(
      fc.constantFrom(who.x, who.y).map((individual) => [{ individual: to(individual) }]),
      70,
    ),
  },
  RelatedPerson: { patient: reference(patient) },
  Patient: {
    gender: fc.constantFrom('female', 'male'),
    generalPractitioner: maybe(references(fc.constantFrom(who.x, who.y)), 40),
    link: maybe(
      patient.map((other) => [{ other: to(other), type: 'seealso' }]),
      30,
    ),
  },
  Practitioner: { gender: fc.constantFrom('female', 'male') },
};

/** A body of its own, told from all others by an identifier. */
export const body = (of: string): fc.Arbitrary<Resource> =>
  fc
    .record({ n: fc.nat(1_000_000_000), rest: fc.record(elements[of] ?? {}) })
    .map(({ n, rest }) =>
      plain({ resourceType: of, identifier: [{ system: sentSystem, value: `${n}` }], ...rest }),
    );

export const sentSystem = 'urn:sent';

/** Without what has no value. */
export function plain(resource: object): Resource {
  return JSON.parse(JSON.stringify(resource)) as Resource;
}

const byKey = (id: string): Criteria => ({
  query: `identifier=${keySystem}|${id}`,
  holds: ({ identifier }) =>
    (identifier as readonly { system: string; value: string }[]).some(
      ({ system, value }) => system === keySystem && value === id,
    ),
});
/** Criteria that find one resource, or none; some find several. */
export const criteria = (of: string): fc.Arbitrary<Criteria> =>
  fc.oneof(
    { weight: 4, arbitrary: idOf(of).map(byKey) },
    {
      weight: 1,
      arbitrary: ['Observation', 'Condition', 'CareTeam', 'Encounter'].includes(of)
        ? patient.map((one): Criteria => ({
            query: `subject=${one}`,
            holds: (resource) => referencesAt(resource, 'subject').includes(one),
          }))
        : fc.constant(byKey('unheard-of')),
    },
  );
