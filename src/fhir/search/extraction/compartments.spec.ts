import { compartmentsFrom, compartmentsOf } from './compartments.js';
import { extract } from './extract.js';

const context = { bases: ['https://fhir.example.org/r4'] };
const ref = (reference: string) => ({ reference });

describe('compartments', () => {
  it('hold the resource that they belong to', () => {
    expect(compartmentsOf('Patient', { resourceType: 'Patient', id: '1' }, context)).toEqual([
      { type: 'Patient', id: '1' },
    ]);
  });

  it('hold a resource once that refers to them several times', () => {
    const observation = {
      resourceType: 'Observation',
      id: 'o',
      subject: ref('Patient/1'),
      performer: [ref('Patient/1'), ref('Practitioner/2'), ref('https://fhir.example.org/r4/Patient/3')],
      encounter: ref('Encounter/4'),
      device: ref('Device/5'),
    };
    const expected = [
      { type: 'Patient', id: '1' },
      { type: 'Patient', id: '3' },
      { type: 'Practitioner', id: '2' },
      { type: 'Encounter', id: '4' },
      { type: 'Device', id: '5' },
    ];
    const byName = (a: { type: string; id: string }, b: typeof a) =>
      `${a.type}/${a.id}`.localeCompare(`${b.type}/${b.id}`);
    expect(compartmentsOf('Observation', observation, context).sort(byName)).toEqual(expected.sort(byName));
  });

  it('do not hold what only mentions them in a parameter that the definition leaves out', () => {
    const observation = { resourceType: 'Observation', focus: [ref('Patient/1')] };
    expect(compartmentsOf('Observation', observation, context)).toEqual([]);
  });

  it.each(['http://elsewhere.org/Patient/1', '#1', 'urn:uuid:1', 'Group/1'])(
    'of this repository are not reached by a reference to %s',
    (reference) => {
      const observation = { resourceType: 'Observation', subject: ref(reference) };
      expect(compartmentsOf('Observation', observation, context)).toEqual([]);
    },
  );

  it('are none for types that no definition names', () => {
    expect(compartmentsOf('ValueSet', { resourceType: 'ValueSet', id: '1' }, context)).toEqual([]);
    expect(compartmentsOf('Nonsense', { id: '1' }, context)).toEqual([]);
  });

  it('follow from index values as well', () => {
    const claim = {
      resourceType: 'Claim',
      id: 'c',
      patient: ref('Patient/1'),
      provider: ref('Practitioner/2'),
    };
    expect(compartmentsFrom('Claim', 'c', extract('Claim', claim, context))).toEqual(
      compartmentsOf('Claim', claim, context),
    );
  });
});
