import fc from 'fast-check';
import {
  canonical,
  code,
  coding,
  concept,
  dateTime,
  day,
  decimal,
  identifier,
  instant,
  maybe,
  period,
  pick,
  quantity,
  range,
  reference,
  some,
  url,
  word,
} from './vocabulary.js';

/** Bodies without ids. Members that are undefined are left out when a body is written. */
type Body = Record<string, unknown>;

const meta = maybe(
  fc.record({
    profile: some(canonical),
    tag: some(coding),
    security: some(coding, 1),
    source: maybe(url),
  }),
);

function resource(type: string, elements: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Body> {
  return fc.record({ resourceType: fc.constant(type), meta, ...elements });
}

const name = fc
  .record({ family: maybe(word), given: some(word), text: maybe(word), prefix: some(word, 1) })
  .filter(({ family, given, text }) => (family ?? given ?? text) !== undefined);
const address = fc.record({ line: some(word), city: word, postalCode: maybe(code), country: maybe(word) });
const telecom = fc.record({
  system: pick('email', 'phone'),
  value: pick('A@Example.org', 'b@example.org', '+41 1'),
});
const gender = maybe(pick('male', 'female', 'other', 'unknown'));

const patient = resource('Patient', {
  identifier: some(identifier),
  active: maybe(fc.boolean()),
  name: some(name),
  telecom: some(telecom),
  gender,
  birthDate: maybe(day),
  deceasedBoolean: maybe(fc.boolean()),
  address: some(address),
  generalPractitioner: some(reference('Practitioner', 'Organization')),
  link: some(fc.record({ other: reference('Patient'), type: fc.constant('seealso') }), 1),
  managingOrganization: maybe(reference('Organization')),
});
const practitioner = resource('Practitioner', {
  identifier: some(identifier),
  active: maybe(fc.boolean()),
  name: some(name, 1),
  gender,
});
const organization = resource('Organization', {
  identifier: some(identifier),
  active: maybe(fc.boolean()),
  name: maybe(word),
  alias: some(word),
  type: some(concept),
  partOf: maybe(reference('Organization')),
});

/** One choice of `value[x]` or `effective[x]` by its suffix. */
function choice(element: string, kinds: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Body> {
  return fc.oneof(
    fc.constant({}),
    ...Object.entries(kinds).map(([suffix, value]) => value.map((one) => ({ [element + suffix]: one }))),
  );
}

const value = choice('value', {
  Quantity: quantity,
  CodeableConcept: concept,
  String: word,
  DateTime: dateTime,
  Period: period,
});
const component = fc.tuple(fc.record({ code: concept }), value).map(([one, more]) => ({ ...one, ...more }));
const timing = fc.record({ event: fc.array(dateTime, { minLength: 1, maxLength: 3 }) });

const observation = fc
  .tuple(
    resource('Observation', {
      identifier: some(identifier),
      status: pick('final', 'amended', 'preliminary'),
      category: some(concept),
      code: concept,
      subject: maybe(reference('Patient', 'Group', 'Location')),
      encounter: maybe(reference('Encounter')),
      performer: some(reference('Practitioner', 'Organization', 'Patient')),
      hasMember: some(reference('Observation')),
      component: some(component),
    }),
    value,
    choice('effective', { DateTime: dateTime, Period: period, Instant: instant, Timing: timing }),
  )
  .map(([body, one, other]): Body => ({ ...body, ...one, ...other }));
const encounter = resource('Encounter', {
  status: pick('planned', 'finished'),
  class: coding,
  type: some(concept),
  subject: maybe(reference('Patient', 'Group')),
  period: maybe(period),
  location: some(fc.record({ location: reference('Location'), period: maybe(period) })),
  participant: some(fc.record({ individual: reference('Practitioner') }), 1),
  serviceProvider: maybe(reference('Organization')),
  partOf: maybe(reference('Encounter')),
});
const age = fc.record({ value: decimal, system: pick('http://unitsofmeasure.org'), code: pick('a', 'mo') });
const condition = fc
  .tuple(
    resource('Condition', {
      clinicalStatus: maybe(concept),
      code: maybe(concept),
      subject: reference('Patient', 'Group'),
      encounter: maybe(reference('Encounter')),
      asserter: maybe(reference('Practitioner', 'Patient')),
      recordedDate: maybe(dateTime),
      evidence: some(fc.record({ code: some(concept), detail: some(reference('Observation', 'Condition')) })),
    }),
    choice('onset', { DateTime: dateTime, Age: age, Period: period, Range: range, String: word }),
  )
  .map(([body, more]) => ({ ...body, ...more }));
const medicationRequest = resource('MedicationRequest', {
  identifier: some(identifier),
  status: pick('active', 'completed'),
  intent: pick('order', 'plan'),
  medicationCodeableConcept: concept,
  subject: reference('Patient', 'Group'),
  encounter: maybe(reference('Encounter')),
  authoredOn: maybe(dateTime),
  requester: maybe(reference('Practitioner', 'Organization', 'Patient')),
});
const location = resource('Location', {
  identifier: some(identifier),
  status: maybe(pick('active', 'inactive')),
  name: maybe(word),
  alias: some(word),
  type: some(concept),
  address: maybe(address),
  position: maybe(
    fc.record({
      longitude: pick(8.54, 8.55, 9, -179.99, 179.99, 0),
      latitude: pick(47.37, 47.38, 47, 89.9, -33.9),
    }),
  ),
  managingOrganization: maybe(reference('Organization')),
  partOf: maybe(reference('Location')),
});
const listed = reference('Patient', 'Observation', 'Condition', 'MedicationRequest');
const list = resource('List', {
  status: pick('current', 'retired'),
  mode: fc.constant('working'),
  title: maybe(word),
  code: maybe(concept),
  subject: maybe(reference('Patient', 'Group')),
  date: maybe(dateTime),
  entry: some(fc.record({ item: listed }), 4),
});
const characteristic = fc
  .tuple(
    fc.record({ code: concept, exclude: fc.boolean() }),
    choice('value', { CodeableConcept: concept, Boolean: fc.boolean() }),
  )
  .map(([one, more]) => ({ ...one, ...more }));
const group = resource('Group', {
  type: fc.constant('person'),
  actual: fc.constant(true),
  code: maybe(concept),
  member: some(fc.record({ entity: reference('Patient', 'Practitioner') })),
  characteristic: some(characteristic, 3),
});
const prediction = fc
  .tuple(
    fc.record({ outcome: maybe(concept) }),
    choice('probability', { Decimal: pick(0, 0.5, 0.95, 1), Range: range }),
  )
  .map(([one, more]) => ({ ...one, ...more }));
const riskAssessment = resource('RiskAssessment', {
  identifier: some(identifier),
  status: pick('final', 'amended'),
  subject: reference('Patient', 'Group'),
  occurrenceDateTime: maybe(dateTime),
  prediction: some(prediction),
});
const questionnaireResponse = resource('QuestionnaireResponse', {
  questionnaire: maybe(canonical),
  status: pick('completed', 'amended'),
  subject: maybe(reference('Patient', 'Group')),
  authored: maybe(dateTime),
  author: maybe(reference('Practitioner', 'Patient')),
});
/** A date of one value, and one of several. */
const immunization = resource('Immunization', {
  identifier: some(identifier),
  status: pick('completed', 'not-done'),
  vaccineCode: concept,
  patient: reference('Patient'),
  occurrenceDateTime: maybe(dateTime),
  reaction: some(fc.record({ date: dateTime }), 4),
});
const valueSet = resource('ValueSet', {
  url: maybe(url),
  identifier: some(identifier),
  version: maybe(pick('1.0', '2')),
  name: maybe(word),
  title: maybe(word),
  status: pick('active', 'draft'),
  date: maybe(dateTime),
});

/** Arbitrary bodies by type, in the proportions of a world. */
export const resources: readonly { readonly type: string; readonly body: fc.Arbitrary<Body> }[] = [
  { type: 'Patient', body: patient },
  { type: 'Practitioner', body: practitioner },
  { type: 'Organization', body: organization },
  { type: 'Observation', body: observation },
  { type: 'Observation', body: observation },
  { type: 'Encounter', body: encounter },
  { type: 'Condition', body: condition },
  { type: 'MedicationRequest', body: medicationRequest },
  { type: 'Location', body: location },
  { type: 'List', body: list },
  { type: 'Group', body: group },
  { type: 'RiskAssessment', body: riskAssessment },
  { type: 'QuestionnaireResponse', body: questionnaireResponse },
  { type: 'ValueSet', body: valueSet },
  { type: 'Immunization', body: immunization },
];
