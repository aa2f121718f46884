// Patients with records of chosen sizes among a population, and texts of as many bytes to compare with.
import { population } from '../search/population.mjs';

const DAY = 86_400_000;
const last = Date.UTC(2025, 11, 31);
const reference = (type, id) => ({ reference: `${type}/${id}` });
const loinc = (code) => ({ coding: [{ system: 'http://loinc.org', code, display: `Measurement ${code}` }] });
const categories = ['laboratory', 'vital-signs'];

/** Codes of a patient's observations. */
export const codes = 60;

function observation(patient, n) {
  const subject = reference('Patient', patient);
  return {
    ...{ resourceType: 'Observation', id: `${patient}-b${n}`, status: 'final' },
    category: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/observation-category',
            code: categories[n % codes < codes / 2 ? 0 : 1],
          },
        ],
      },
    ],
    code: loinc(`${1000 + (n % codes)}-${n % 10}`),
    subject,
    encounter: reference('Encounter', `${patient}-e${n % 40}`),
    effectiveDateTime: new Date(last - ((n * 7919) % 3650) * DAY).toISOString(),
    issued: new Date(last - ((n * 7919) % 3650) * DAY + 3_600_000).toISOString(),
    performer: [reference('Practitioner', `d${n % 3}`)],
    valueQuantity: {
      value: (n % 500) / 10,
      unit: 'mmol/L',
      system: 'http://unitsofmeasure.org',
      code: 'mmol/L',
    },
  };
}

/** A patient with a record of so many resources: encounters, conditions and, the most of it, observations. */
export function record(id, size) {
  const subject = reference('Patient', id);
  const encounters = Array.from({ length: 40 }, (_, n) => ({
    ...{ resourceType: 'Encounter', id: `${id}-e${n}`, status: 'finished', subject },
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    participant: [{ individual: reference('Practitioner', `d${n % 3}`) }],
    period: { start: new Date(last - n * 90 * DAY).toISOString() },
    serviceProvider: reference('Organization', 'o0'),
  }));
  const conditions = Array.from({ length: Math.floor(size / 20) }, (_, n) => ({
    ...{
      resourceType: 'Condition',
      id: `${id}-c${n}`,
      subject,
      encounter: reference('Encounter', `${id}-e${n % 40}`),
    },
    code: { coding: [{ system: 'http://snomed.info/sct', code: String(3_834_100 + n) }] },
    recordedDate: new Date(last - n * DAY).toISOString(),
  }));
  const rest = size - 1 - encounters.length - conditions.length;
  return [
    {
      ...{ resourceType: 'Patient', id, name: [{ family: 'Record', given: [id] }], gender: 'female' },
      managingOrganization: reference('Organization', 'o0'),
      generalPractitioner: [reference('Practitioner', 'd0')],
    },
    ...encounters,
    ...conditions,
    ...Array.from({ length: rest }, (_, n) => observation(id, n)),
  ];
}

/** One resource of so many bytes. */
export function bytesOnly(id, bytes) {
  return {
    resourceType: 'Binary',
    id,
    contentType: 'text/plain',
    data: 'A'.repeat(Math.floor(bytes / 4) * 4),
  };
}

const documented = Array.from({ length: 200 }, (_, n) => reference('Observation', `r500-b${n}`));
/** A document of 200 entries in sections of two levels. */
export const composition = {
  ...{ resourceType: 'Composition', id: 'document', status: 'final', title: 'Letter', date: '2025-12-31' },
  type: loinc('11503-0'),
  subject: reference('Patient', 'r500'),
  author: [reference('Practitioner', 'd0')],
  section: [
    { title: 'Results', section: [{ entry: documented.slice(0, 100) }, { entry: documented.slice(100) }] },
  ],
};

/** @param {number} size resources of the population around them */
export function* groups(size, texts) {
  yield* population(size, 1);
  yield record('r500', 500);
  yield record('r5000', 5_046 + 265);
  yield record('r10000', 10_000);
  yield [composition];
  yield texts;
}
