import { extract } from '../../search/extraction/index.js';
import { patientsOf } from './patients.js';

const context = { bases: ['https://fhir.example.org/r4'] };
const ref = (reference: string) => ({ reference });
const patients = (resource: { readonly resourceType: string; readonly [name: string]: unknown }, id = 'x') =>
  patientsOf(resource.resourceType, id, extract(resource.resourceType, resource, context));

describe('the patients in whose compartment a resource is', () => {
  it('are the Patient itself', () => {
    expect(patients({ resourceType: 'Patient' }, '1')).toEqual(['1']);
  });

  it('are each named once, however often the resource refers to them', () => {
    const observation = {
      resourceType: 'Observation',
      subject: ref('Patient/1'),
      performer: [ref('Patient/1'), ref('Practitioner/2'), ref('https://fhir.example.org/r4/Patient/3')],
      encounter: ref('Encounter/4'),
    };
    expect([...patients(observation)].sort()).toEqual(['1', '3']);
  });

  it('are none that a parameter outside the definition mentions', () => {
    expect(patients({ resourceType: 'Observation', focus: [ref('Patient/1')] })).toEqual([]);
  });

  it.each(['http://elsewhere.org/Patient/1', '#1', 'urn:uuid:1', 'Group/1'])(
    'are none by a reference to %s',
    (reference) => {
      expect(patients({ resourceType: 'Observation', subject: ref(reference) })).toEqual([]);
    },
  );

  it('are none for types that no definition names', () => {
    expect(patients({ resourceType: 'ValueSet' })).toEqual([]);
    expect(patientsOf('Nonsense', '1', [])).toEqual([]);
  });
});
