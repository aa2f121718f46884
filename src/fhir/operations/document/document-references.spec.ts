import { referencesOf } from './document-references.js';

const to = (reference: string) => ({ reference });

describe('what a document brings along', () => {
  it('stands in the order of the Composition, sections at any depth included', () => {
    const composition = {
      resourceType: 'Composition',
      subject: to('Patient/1'),
      encounter: to('Encounter/1'),
      author: [to('Practitioner/1'), { display: 'somebody' }],
      attester: [{ mode: 'legal', party: to('Practitioner/2') }, { mode: 'legal' }],
      custodian: to('Organization/1'),
      event: [{ detail: [to('Procedure/1')] }],
      section: [
        { author: [to('Practitioner/3')], entry: [to('Observation/1')] },
        {
          section: [
            { section: [{ focus: to('Patient/2'), entry: [to('Observation/2'), to('Observation/3')] }] },
          ],
        },
      ],
    };
    expect(referencesOf(composition).map(({ reference, place }) => `${place} ${reference}`)).toEqual([
      'Composition.subject Patient/1',
      'Composition.encounter Encounter/1',
      'Composition.author[0] Practitioner/1',
      'Composition.attester[0].party Practitioner/2',
      'Composition.custodian Organization/1',
      'Composition.event[0].detail[0] Procedure/1',
      'Composition.section[0].author[0] Practitioner/3',
      'Composition.section[0].entry[0] Observation/1',
      'Composition.section[1].section[0].section[0].focus Patient/2',
      'Composition.section[1].section[0].section[0].entry[0] Observation/2',
      'Composition.section[1].section[0].section[0].entry[1] Observation/3',
    ]);
  });

  it('is required of the subject alone', () => {
    const composition = {
      subject: to('Patient/1'),
      author: [to('Device/1')],
      custodian: to('Organization/1'),
    };
    expect(referencesOf(composition).filter(({ isRequired }) => isRequired)).toHaveLength(1);
  });

  it('is nothing of what has another shape', () => {
    const odd = {
      subject: 'Patient/1',
      author: {},
      attester: [null, 7],
      event: 'x',
      section: [{ entry: [null, { reference: 5 }] }],
    };
    expect(referencesOf(odd)).toEqual([]);
    let section: object = { entry: [to('Observation/1')] };
    for (let depth = 0; depth < 200; depth += 1) section = { section: [section] };
    expect(referencesOf({ section: [section] })).toEqual([]);
  });
});
