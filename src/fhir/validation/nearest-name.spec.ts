import { nearestName } from './nearest-name.js';

const names = ['birthDate', 'contact', 'name', 'gender', 'id', 'text'];

describe('the nearest name', () => {
  it.each([
    ['birthdate', 'birthDate'],
    ['birthDat', 'birthDate'],
    ['brithDate', 'birthDate'],
    ['Name', 'name'],
    ['names', 'name'],
    ['contcat', 'contact'],
    ['i', undefined],
    ['xyz', undefined],
    ['telecommunication', undefined],
    ['b'.repeat(1000), undefined],
    ['', undefined],
  ])('of %s is %s', (wrong, expected) => {
    expect(nearestName(wrong, names)).toBe(expected);
  });
});
