// What is asked in the search benchmark: names, and addresses below the base for the n-th request of a run.
import { Chance } from './random.mjs';
import { recordNumber, systems } from './population.mjs';

const loinc = (code) => encodeURIComponent(`${systems.loinc}|${code}`);
const snomed = (code) => encodeURIComponent(`${systems.snomed}|${code}`);

const codes = [
  '8867-4',
  '85354-9',
  '29463-7',
  '39156-5',
  '2339-0',
  '4548-4',
  '2093-3',
  '718-7',
  '3016-3',
  '1742-6',
];
const diagnoses = ['59621000', '44054006', '22298006', '190905008', '84757009', '195967001'];

/**
 * @typedef {object} SearchCase
 * @property {string} name
 * @property {string} group `one`: one or two indexed parameters; `joined`: chains, includes, sorts; `page`; `worst`
 * @property {(chance: Chance, patients: number) => string} path
 */

const patientOf = (chance, patients) => `p${chance.between(0, patients - 1)}`;

/** @type {SearchCase[]} */
export const cases = [
  {
    name: 'identifier',
    group: 'one',
    path: (chance, patients) =>
      `Patient?identifier=${encodeURIComponent(`${systems.mrn}|${recordNumber(chance.between(0, patients - 1))}`)}`,
  },
  {
    name: 'family name and birth date',
    group: 'one',
    path: (chance) =>
      `Patient?family=${chance.pick(['Smith', 'Patel', 'Lopez', 'Cook'])}&birthdate=ge${chance.between(1940, 2010)}`,
  },
  { name: 'code', group: 'one', path: (chance) => `Observation?code=${loinc(chance.pick(codes))}` },
  {
    name: 'code and status',
    group: 'one',
    path: (chance) =>
      `Observation?code=${loinc(chance.pick(codes))}&status=${chance.pick(['final', 'amended'])}`,
  },
  { name: 'rare code', group: 'one', path: () => `Observation?code=${loinc('33762-6')}` },
  {
    name: 'patient',
    group: 'one',
    path: (chance, patients) => `Observation?patient=${patientOf(chance, patients)}`,
  },
  {
    name: 'patient and code',
    group: 'one',
    path: (chance, patients) =>
      `Observation?patient=${patientOf(chance, patients)}&code=${loinc(chance.pick(codes))}`,
  },
  {
    name: 'encounters of a day',
    group: 'one',
    path: (chance) =>
      `Encounter?date=${chance.between(2016, 2025)}-${String(chance.between(1, 12)).padStart(2, '0')}-${String(chance.between(1, 28)).padStart(2, '0')}`,
  },
  { name: 'no parameter, newest first', group: 'one', path: () => 'Observation?_sort=-_lastUpdated' },
  {
    name: 'date range and code',
    group: 'joined',
    path: (chance) => {
      const year = chance.between(2016, 2024);
      const month = String(chance.between(1, 11)).padStart(2, '0');
      return `Observation?code=${loinc(chance.pick(codes))}&date=ge${year}-${month}-01&date=lt${year}-${month}-15`;
    },
  },
  {
    name: "one patient's observations, sorted by date",
    group: 'joined',
    path: (chance, patients) => `Observation?patient=${patientOf(chance, patients)}&_sort=-date`,
  },
  {
    name: 'chain: condition of patients by name',
    group: 'joined',
    path: (chance) =>
      `Condition?code=${snomed(chance.pick(diagnoses))}&patient.family=${chance.pick(['Jimenez', 'Long', 'Ross'])}`,
  },
  {
    name: 'chain: observations by identifier of the patient',
    group: 'joined',
    path: (chance, patients) =>
      `Observation?patient.identifier=${encodeURIComponent(`${systems.mrn}|${recordNumber(chance.between(0, patients - 1))}`)}`,
  },
  {
    name: '_has: patients with a rare observation',
    group: 'joined',
    path: () => `Patient?_has:Observation:patient:code=${loinc('33762-6')}`,
  },
  {
    name: '_has: women with a diagnosis',
    group: 'joined',
    path: (chance) => `Patient?gender=female&_has:Condition:patient:code=${snomed(chance.pick(diagnoses))}`,
  },
  {
    name: '_include and _revinclude',
    group: 'joined',
    path: (chance) =>
      `Encounter?date=${chance.between(2016, 2025)}-06&_include=Encounter:patient&_revinclude=Observation:encounter`,
  },
  {
    name: 'worst: two common conditions, no match',
    group: 'worst',
    path: () =>
      `Observation?status=final&date=ge2016&performer=Practitioner/none&category=vital-signs,laboratory`,
  },
  {
    name: 'worst: common token and common date',
    group: 'worst',
    path: () => 'Observation?status=amended&date=lt2016-03',
  },
  {
    name: 'worst: two common tokens that exclude each other',
    group: 'worst',
    path: () => `Observation?code=${loinc('8867-4')}&category=laboratory`,
  },
  { name: 'worst: :contains', group: 'worst', path: () => 'Patient?name:contains=zzzz' },
  {
    name: 'worst: _total=accurate over all',
    group: 'worst',
    path: () => 'Observation?_total=accurate&status=final',
  },
  { name: 'worst: sort of all by date', group: 'worst', path: () => 'Observation?_sort=date' },
];

/** Addresses of a case, the same for every run. */
export function pathsOf({ name, path }, patients, count, entries) {
  const chance = new Chance([...name].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), 7));
  return Array.from({ length: count }, () => `${path(chance, patients)}&_count=${entries}`);
}
