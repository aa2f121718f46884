// What is asked with and without a patient in context. Each search names the patient, so that both find the same; those
// that end in "of all" don't, as apps write them that leave it to the scope.
import { recordNumber } from '../search/population.mjs';

export const searchForms = ({ loinc, mrn }) => {
  const code = encodeURIComponent(`${loinc}|8867-4`);
  return [
    { name: 'by patient', path: (n) => `Observation?patient=p${n}` },
    { name: 'by patient and code', path: (n) => `Observation?patient=p${n}&code=${code}` },
    { name: 'by patient and date', path: (n) => `Observation?patient=p${n}&date=ge2019&_sort=-date` },
    {
      name: 'chain, identifier of the patient',
      path: (n) => `Observation?patient.identifier=${encodeURIComponent(`${mrn}|${recordNumber(n)}`)}`,
    },
    {
      name: 'by patient, chain to the encounter',
      path: (n) => `Observation?patient=p${n}&encounter.date=ge2019`,
    },
    {
      name: 'by patient, _include and _revinclude',
      path: (n) => `Encounter?patient=p${n}&_include=Encounter:patient&_revinclude=Observation:encounter`,
    },
    {
      name: 'by patient, _has',
      path: (n) => `Encounter?patient=p${n}&_has:Observation:encounter:code=${code}`,
    },
    { name: 'by patient, _total=accurate', path: (n) => `Observation?patient=p${n}&_total=accurate` },
    { name: 'the patient', path: (n) => `Patient?_id=p${n}` },
    { name: 'by code, of all', path: () => `Observation?code=${code}` },
    { name: 'by date, of all', path: () => 'Observation?date=2019-06-15' },
    {
      name: '_include, of all',
      path: () => 'Encounter?date=ge2019&_include=Encounter:patient&_revinclude=Observation:encounter',
    },
    { name: 'no parameter, of all', path: () => 'Observation?_sort=-_lastUpdated' },
  ].map(({ name, path }) => ({ name, path: (n) => `${path(n)}&_count=20` }));
};
