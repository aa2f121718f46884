// A population of patients with their records over ten years, from a seed: patient n is the same whatever the size.
import {
  cities,
  conditions,
  encounterClasses,
  family,
  given,
  medications,
  observations,
  rareObservation,
} from './vocabulary.mjs';
import { Chance } from './random.mjs';

const DAY = 86_400_000;
/** Records lie within ten years before this day. */
export const LAST_DAY = Date.UTC(2025, 11, 31);
export const YEARS = 10;
/** Patients that one practitioner and one organization stand for. */
const PATIENTS_A_PRACTITIONER = 40;
const PATIENTS_AN_ORGANIZATION = 250;

export const systems = {
  loinc: 'http://loinc.org',
  snomed: 'http://snomed.info/sct',
  rxnorm: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  mrn: 'urn:firekeep:bench:mrn',
};

const terminology = 'http://terminology.hl7.org/CodeSystem';
const coding = (system, code, display) => ({ coding: [{ system, code, display }], text: display });
const reference = (type, id, display) => ({ reference: `${type}/${id}`, ...(display && { display }) });
const day = (time) => new Date(time).toISOString().slice(0, 10);
const instant = (time) => new Date(time).toISOString().replace('Z', '+00:00');

/** Record number of patient `n`. */
export const recordNumber = (n) => `MRN-${String(n).padStart(8, '0')}`;

function personName(chance, gender) {
  const names = [chance.skewed(given[gender]), chance.pick(given[gender])];
  return { use: 'official', family: chance.skewed(family), given: names };
}

function organization(n) {
  const chance = new Chance(0x0a000000 + n);
  return {
    resourceType: 'Organization',
    id: `o${n}`,
    identifier: [{ system: 'urn:firekeep:bench:organization', value: String(n) }],
    active: true,
    type: [coding(`${terminology}/organization-type`, 'prov', 'Healthcare Provider')],
    name: `${chance.pick(cities)} ${chance.pick(['Hospital', 'Medical Center', 'Clinic'])} ${n}`,
    telecom: [{ system: 'phone', value: `617-555-${String(n % 10_000).padStart(4, '0')}` }],
    address: [{ line: [`${n} Main Street`], city: chance.pick(cities), state: 'MA', country: 'US' }],
  };
}

function practitioner(n) {
  const chance = new Chance(0x0b000000 + n);
  const gender = chance.pick(['female', 'male']);
  return {
    resourceType: 'Practitioner',
    id: `d${n}`,
    identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: String(1_000_000_000 + n) }],
    active: true,
    name: [{ ...personName(chance, gender), prefix: ['Dr.'] }],
    gender,
  };
}

/** One patient's resources: the Patient first, the others in the order of their dates. */
class PatientRecord {
  constructor(n, seed) {
    this.n = n;
    this.id = `p${n}`;
    this.chance = new Chance(Math.imul(n + 1, 0x9e3779b1) ^ seed);
    this.practitioner = reference('Practitioner', `d${Math.floor(n / PATIENTS_A_PRACTITIONER)}`);
    this.organization = reference('Organization', `o${Math.floor(n / PATIENTS_AN_ORGANIZATION)}`);
    this.subject = reference('Patient', this.id);
    this.others = 0;
  }

  resources() {
    const { chance } = this;
    const list = [this.patient()];
    const times = Array.from({ length: chance.between(2, 9) }, () => this.someTime()).sort((a, b) => a - b);
    for (const [visit, time] of times.entries()) {
      const encounter = this.encounter(visit, time);
      const context = reference('Encounter', encounter.id);
      list.push(encounter);
      for (let count = chance.between(1, 10); count > 0; count -= 1)
        list.push(this.observation(context, time));
      if (chance.happens(0.5)) list.push(this.condition(context, time));
      for (let count = chance.between(0, 2); count > 0; count -= 1) list.push(this.request(context, time));
    }
    return list;
  }

  someTime() {
    return (
      LAST_DAY - this.chance.between(0, YEARS * 365) * DAY + this.chance.between(8 * 60, 18 * 60) * 60_000
    );
  }

  nextId(letter) {
    return `${this.id}-${letter}${this.others++}`;
  }

  patient() {
    const { chance, n } = this;
    const gender = chance.pick(['female', 'male']);
    const name = personName(chance, gender);
    return {
      resourceType: 'Patient',
      id: this.id,
      identifier: [
        {
          use: 'usual',
          type: coding(`${terminology}/v2-0203`, 'MR', 'Medical record number'),
          system: systems.mrn,
          value: recordNumber(n),
        },
      ],
      active: true,
      name: [name],
      telecom: [{ system: 'phone', use: 'home', value: `617-555-${String(n % 10_000).padStart(4, '0')}` }],
      gender,
      birthDate: day(Date.UTC(1930, 0, 1) + chance.between(0, 90 * 365) * DAY),
      address: [
        {
          use: 'home',
          line: [`${chance.between(1, 999)} ${chance.pick(family)} Street`],
          city: chance.skewed(cities),
          state: 'MA',
          postalCode: `0${chance.between(1000, 2799)}`,
          country: 'US',
        },
      ],
      communication: [{ language: coding('urn:ietf:bcp:47', 'en-US', 'English') }],
      generalPractitioner: [this.practitioner],
      managingOrganization: this.organization,
    };
  }

  encounter(visit, time) {
    const { chance } = this;
    const code = chance.pick(encounterClasses);
    return {
      resourceType: 'Encounter',
      id: `${this.id}-e${visit}`,
      status: 'finished',
      class: { system: `${terminology}/v3-ActCode`, code },
      type: [coding(systems.snomed, '185349003', 'Encounter for check up')],
      subject: this.subject,
      participant: [{ individual: this.practitioner }],
      period: {
        start: instant(time),
        end: instant(time + (code === 'IMP' ? chance.between(2, 10) * DAY : 45 * 60_000)),
      },
      serviceProvider: this.organization,
    };
  }

  observation(context, time) {
    const { chance } = this;
    const what = chance.happens(0.0001) ? rareObservation : chance.skewed(observations);
    const value = (low, high) => ({
      value: Number((low + chance.next() * (high - low)).toFixed(1)),
      unit: what.unit,
      system: 'http://unitsofmeasure.org',
      code: what.unit,
    });
    const values =
      what.code === '85354-9'
        ? {
            component: [
              {
                code: coding(systems.loinc, '8462-4', 'Diastolic Blood Pressure'),
                valueQuantity: value(60, 95),
              },
              {
                code: coding(systems.loinc, '8480-6', 'Systolic Blood Pressure'),
                valueQuantity: value(100, 180),
              },
            ],
          }
        : { valueQuantity: value(what.low, what.high) };
    return {
      resourceType: 'Observation',
      id: this.nextId('b'),
      status: chance.happens(0.98) ? 'final' : 'amended',
      category: [coding(`${terminology}/observation-category`, what.category, what.category)],
      code: coding(systems.loinc, what.code, what.display),
      subject: this.subject,
      encounter: context,
      effectiveDateTime: instant(time),
      issued: instant(time + 3_600_000),
      performer: [this.practitioner],
      ...values,
    };
  }

  condition(context, time) {
    const { chance } = this;
    const [code, display] = chance.skewed(conditions);
    const isOver = chance.happens(0.4);
    return {
      resourceType: 'Condition',
      id: this.nextId('c'),
      clinicalStatus: coding(`${terminology}/condition-clinical`, isOver ? 'resolved' : 'active', undefined),
      verificationStatus: coding(`${terminology}/condition-ver-status`, 'confirmed', 'Confirmed'),
      category: [coding(`${terminology}/condition-category`, 'encounter-diagnosis', 'Encounter Diagnosis')],
      code: coding(systems.snomed, code, display),
      subject: this.subject,
      encounter: context,
      onsetDateTime: instant(time),
      ...(isOver && { abatementDateTime: instant(time + chance.between(5, 200) * DAY) }),
      recordedDate: instant(time),
    };
  }

  request(context, time) {
    const { chance } = this;
    const [code, display] = chance.skewed(medications);
    return {
      resourceType: 'MedicationRequest',
      id: this.nextId('m'),
      status: chance.pick(['active', 'stopped', 'completed']),
      intent: 'order',
      medicationCodeableConcept: coding(systems.rxnorm, code, display),
      subject: this.subject,
      encounter: context,
      authoredOn: instant(time),
      requester: this.practitioner,
      dosageInstruction: [
        { sequence: 1, text: 'once a day', timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } } },
      ],
    };
  }
}

/**
 * Groups of resources, all of which refer to the same group or an earlier one, until there are at least `size`.
 *
 * @param {number} size resources
 * @param {number} seed
 */
export function* population(size, seed) {
  let made = 0;
  for (let n = 0; made < size; n += 1) {
    const group = [];
    if (n % PATIENTS_AN_ORGANIZATION === 0) group.push(organization(n / PATIENTS_AN_ORGANIZATION));
    if (n % PATIENTS_A_PRACTITIONER === 0) group.push(practitioner(n / PATIENTS_A_PRACTITIONER));
    group.push(...new PatientRecord(n, seed).resources());
    made += group.length;
    yield group;
  }
}
