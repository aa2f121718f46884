import type { JsonObject } from '../../src/fhir/validation/json-object.js';

const patient = (rest: object) => ({ resourceType: 'Patient', ...rest });
const observation = (rest: object) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'x' },
  ...rest,
});
const item = (rest: object) => ({
  resourceType: 'Questionnaire',
  status: 'draft',
  item: [{ linkId: '1', type: 'string', ...rest }],
});
const mg = { system: 'http://unitsofmeasure.org', code: 'mg' };
const code = { coding: [{ system: 's', code: 'c' }] };

/** Resources that break one invariant each, and what is reported: severity, code, expression and key. */
export const brokenInvariants: readonly (readonly [expected: string, resource: JsonObject])[] = [
  ['error invariant Patient.contact[0] pat-1', patient({ contact: [{ gender: 'male' }] })],
  ['error invariant Patient.telecom[0] cpt-2', patient({ telecom: [{ value: '1' }] })],
  ['error invariant Patient.photo[0] att-1', patient({ photo: [{ data: 'QUJD' }] })],
  [
    'error invariant Patient.name[0].period per-1',
    patient({ name: [{ period: { start: '2020', end: '2019' } }] }),
  ],
  ['error invariant Observation obs-6', observation({ valueString: 'x', dataAbsentReason: { text: 'y' } })],
  ['error invariant Observation obs-7', observation({ code, valueString: 'x', component: [{ code }] })],
  [
    'error invariant Observation.referenceRange[0] obs-3',
    observation({ referenceRange: [{ appliesTo: [code] }] }),
  ],
  [
    'error invariant Observation.value.ofType(Quantity) qty-3',
    observation({ valueQuantity: { value: 1, code: 'mg' } }),
  ],
  [
    'error invariant Observation.value.ofType(Range) rng-2',
    observation({ valueRange: { low: { value: 2, ...mg }, high: { value: 1, ...mg } } }),
  ],
  [
    'error invariant Observation.value.ofType(Ratio) rat-1',
    observation({ valueRatio: { numerator: { value: 1 } } }),
  ],
  [
    'error invariant Observation.effective.ofType(Timing).repeat tim-1',
    observation({ effectiveTiming: { repeat: { duration: 1 } } }),
  ],
  [
    'error invariant Observation.effective.ofType(Timing).repeat tim-9',
    observation({ effectiveTiming: { repeat: { when: ['CM'], offset: 5 } } }),
  ],
  ['error invariant Questionnaire.item[0] que-1', item({ type: 'group' })],
  ['error invariant Questionnaire.item[0] que-5', item({ type: 'boolean', answerValueSet: 'http://x' })],
  [
    'error invariant Questionnaire.item[0] que-12',
    item({
      type: 'string',
      enableWhen: [1, 2, 3].map((n) => ({ question: `${n}`, operator: '=', answerBoolean: true })),
    }),
  ],
  [
    'error invariant Questionnaire.item[0].enableWhen[0] que-7',
    item({ enableWhen: [{ question: '1', operator: 'exists', answerString: 'x' }] }),
  ],
  [
    'error invariant Questionnaire que-2',
    {
      resourceType: 'Questionnaire',
      status: 'draft',
      item: [{ linkId: '1', type: 'group', item: [{ linkId: '1', type: 'string' }] }],
    },
  ],
  [
    'warning invariant Questionnaire que-0',
    { resourceType: 'Questionnaire', status: 'draft', name: 'not a name' },
  ],
  [
    'error invariant CodeSystem csd-1',
    {
      resourceType: 'CodeSystem',
      status: 'draft',
      content: 'complete',
      concept: [{ code: 'a', concept: [{ code: 'b', concept: [{ code: 'a' }] }] }],
    },
  ],
  [
    'error invariant Organization.telecom[1] org-3',
    {
      resourceType: 'Organization',
      name: 'x',
      telecom: [
        { system: 'phone', value: '1' },
        { system: 'phone', value: '2', use: 'home' },
      ],
    },
  ],
  ['error invariant Organization org-1', { resourceType: 'Organization', active: true }],
  [
    'error invariant RiskAssessment.prediction[0] ras-2',
    {
      resourceType: 'RiskAssessment',
      status: 'final',
      subject: { display: 'x' },
      prediction: [{ probabilityDecimal: 101 }],
    },
  ],
  [
    'error invariant RiskAssessment.prediction[0].probability.ofType(Range) ras-1',
    {
      resourceType: 'RiskAssessment',
      status: 'final',
      subject: { display: 'x' },
      prediction: [{ probabilityRange: { low: { value: 1 } } }],
    },
  ],
  [
    'error invariant Task inv-1',
    {
      resourceType: 'Task',
      status: 'draft',
      intent: 'order',
      authoredOn: '2020-01-02',
      lastModified: '2020-01-01',
    },
  ],
  [
    'error invariant ValueSet.compose.exclude[0] vsd-1',
    {
      resourceType: 'ValueSet',
      status: 'draft',
      compose: { include: [{ system: 's' }], exclude: [{ version: '1' }] },
    },
  ],
  [
    'error invariant ValueSet.expansion.contains[0] vsd-9',
    {
      resourceType: 'ValueSet',
      status: 'draft',
      expansion: { timestamp: '2020', contains: [{ display: 'x' }] },
    },
  ],
  [
    'error invariant MessageDefinition.focus[0] md-1',
    {
      resourceType: 'MessageDefinition',
      status: 'draft',
      date: '2020',
      eventCoding: { code: 'x' },
      focus: [{ code: 'Patient', min: 0, max: 'many' }],
    },
  ],
  [
    'error invariant ImplementationGuide ig-2',
    {
      resourceType: 'ImplementationGuide',
      url: 'http://x',
      name: 'X',
      status: 'draft',
      packageId: 'x',
      fhirVersion: ['4.0.1'],
      definition: { resource: [{ reference: { display: 'x' }, fhirVersion: ['1.0.2'] }] },
    },
  ],
  [
    'warning invariant Condition con-3',
    { resourceType: 'Condition', subject: { display: 'x' }, category: [{ text: 'x' }] },
  ],
];
