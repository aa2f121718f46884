import fc from 'fast-check';
import { covers } from './interaction-rights.js';
import { parseResourceScope } from './scope.js';

const rights = (text: string): string | undefined => {
  const scope = parseResourceScope(text);
  if (scope === undefined) return undefined;
  const letters = [
    scope.create && 'c',
    scope.read && 'r',
    scope.update && 'u',
    scope.delete && 'd',
    scope.search && 's',
  ];
  return letters.filter(Boolean).join('');
};

describe('a SMART resource scope', () => {
  it.each([
    ['user/*.cruds', 'cruds'],
    ['user/Patient.rs', 'rs'],
    ['system/Observation.c', 'c'],
    ['patient/*.read', 'rs'],
    ['user/Patient.write', 'cud'],
    ['user/*.*', 'cruds'],
  ])('%s gives %s', (text, letters) => expect(rights(text)).toBe(letters));

  it.each([
    'user/Patient.',
    'user/Patient.sr',
    'user/Patient.rr',
    'user/patient.r',
    'admin/Patient.r',
    'user/*Patient.r',
    'user/Patient.readwrite',
    ' user/Patient.r',
    'user/Patient.r ',
    'user/Patient.read?category=x',
    'user/Patient.r?',
    'user/Patient.r?a=b c',
    'openid',
    'USER/Patient.r',
    'user/Patient.r\n',
  ])('refuses %j', (text) => expect(parseResourceScope(text)).toBeUndefined());

  it('keeps the constraint behind the question mark', () => {
    expect(parseResourceScope('user/Observation.rs?category=laboratory&status=final')?.query).toBe(
      'category=laboratory&status=final',
    );
  });

  it('accepts exactly the in-order subsets of cruds', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[cruds]{1,5}$/), (letters) => {
        const inOrder =
          Array.from('cruds')
            .filter((letter) => letters.includes(letter))
            .join('') === letters;
        expect(rights(`user/Patient.${letters}`)).toBe(inOrder ? letters : undefined);
      }),
    );
  });
});

describe('the rights of an interaction', () => {
  const all = parseResourceScope('user/*.cruds');
  const scope = (text: string) => parseResourceScope(text) ?? fail(text);

  it('is denied for what the table does not name', () => {
    expect(covers(all ?? fail('all'), 'operation', 'Patient')).toBe(false);
    expect(covers(all ?? fail('all'), 'transaction', null)).toBe(false);
  });

  it('covers the whole system only with *', () => {
    expect(covers(scope('user/Patient.s'), 'search-system', null)).toBe(false);
    expect(covers(scope('user/*.s'), 'search-system', null)).toBe(true);
  });
});
