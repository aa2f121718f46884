import { loadDefinitions } from '../../definitions/index.js';
import { selectsOne } from './single-valued.js';
import { extract, isSingle } from './extract.js';

const definitions = loadDefinitions();

describe('dates', () => {
  it.each([
    ['Patient', 'birthdate'],
    ['Patient', 'death-date'],
    ['Observation', 'date'],
    ['Encounter', 'date'],
    ['Condition', 'onset-date'],
    ['Observation', 'value-date'],
    ['Immunization', 'date'],
  ])('of which there is one at the most: %s?%s', (type, code) => {
    expect(isSingle(code, type, definitions)).toBe(true);
  });

  it.each([
    ['Immunization', 'reaction-date'],
    ['Goal', 'target-date'],
    ['Encounter', 'location-period'],
    ['MedicationRequest', 'date'],
    ['Composition', 'period'],
    ['AllergyIntolerance', 'onset'],
  ])('of which there may be several: %s?%s', (type, code) => {
    expect(isSingle(code, type, definitions)).toBe(false);
  });

  it.each([
    ['two elements', 'Patient.birthDate | Patient.deceased.as(dateTime)', false],
    ['one element twice', 'Patient.deceased.as(dateTime) | Patient.deceased.ofType(dateTime)', true],
    ['one of a list', 'Patient.name[0].period', false],
    ['some of a list', "Patient.telecom.where(system = 'phone').period", false],
    ['an extension', "Patient.extension('http://example.org/x').value as dateTime", false],
    ['what another type has', 'Patient.birthDate | Group.characteristic.period', true],
    ['what only another type has', 'Group.characteristic.period', false],
  ])('by expression: %s', (_, expression, expected) => {
    expect(selectsOne(expression, definitions, 'Patient')).toBe(expected);
  });

  it('give one value, whatever is stored', () => {
    const values = (resource: { resourceType: string } & Record<string, unknown>, code: string) =>
      extract(resource.resourceType, resource, { bases: [] }).find((found) => found.code === code)?.values;
    expect(
      values(
        {
          resourceType: 'Observation',
          effectiveDateTime: '2020-01-01',
          effectivePeriod: { start: '2022-01-01', end: '2022-01-02' },
        },
        'date',
      ),
    ).toHaveLength(1);
    expect(values({ resourceType: 'Patient', birthDate: ['1990', '1991'] }, 'birthdate')).toHaveLength(1);
    const reaction = [{ date: '2020' }, { date: '2021' }];
    expect(values({ resourceType: 'Immunization', reaction }, 'reaction-date')).toHaveLength(2);
  });
});
