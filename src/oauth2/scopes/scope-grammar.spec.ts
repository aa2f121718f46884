import { covers, parseScope, parseScopes, type Scope } from './scope-grammar.js';

const scopes = (text: string): readonly Scope[] => {
  const parsed = parseScopes(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.scopes;
};

describe('scope grammar', () => {
  it.each([
    ['user/Patient.rs', 'rs', null],
    ['user/*.cruds', 'cruds', null],
    ['patient/Observation.r', 'r', null],
    ['system/*.read', 'rs', null],
    ['system/*.write', 'cud', null],
    ['user/*.*', 'cruds', null],
    ['user/Observation.rs?category=laboratory&status=final', 'rs', 'category=laboratory&status=final'],
  ])('reads %s', (text, permissions, query) => {
    expect(parseScope(text)).toMatchObject({ kind: 'resource', text, permissions, query });
  });

  it.each([
    'user/Patient.',
    'user/Patient.sr',
    'user/Patient.rr',
    'user/patient.rs',
    'user/Patient',
    'user/Pat-ient.rs',
    'users/Patient.rs',
    'user/Patient.rs?',
    'user/Patient.rs?a="b"',
    'USER/Patient.rs',
    'launch/location',
    'Openid',
    '__proto__',
  ])('does not know %s', (text) => {
    expect(parseScope(text)).toBeUndefined();
  });

  it('bounds length and number, and takes each scope once', () => {
    expect(parseScopes('x'.repeat(5000)).ok).toBe(false);
    expect(
      parseScopes(Array.from({ length: 300 }, (_, i) => `user/A${'a'.repeat(i % 60)}.r?${i}`).join(' ')).ok,
    ).toBe(false);
    expect(scopes('openid  openid ').map(({ text }) => text)).toEqual(['openid']);
  });

  it.each([
    ['user/*.cruds', 'user/Patient.rs', true],
    ['user/*.read', 'user/Patient.s', true],
    ['user/Patient.rs', 'user/Patient.read', true],
    ['user/Patient.rs', 'user/*.rs', false],
    ['user/Patient.rs', 'user/Patient.cruds', false],
    ['user/Patient.rs', 'patient/Patient.rs', false],
    ['user/Patient.rs?a=b', 'user/Patient.rs', false],
    ['user/Patient.rs?a=b', 'user/Patient.rs?a=b', true],
    ['user/Patient.rs', 'user/Patient.rs?a=b', true],
    ['user/Patient.r user/Patient.s', 'user/Patient.rs', false],
    ['openid', 'openid', true],
    ['openid', 'admin', false],
    ['user/*.cruds', 'admin', false],
    ['launch', 'launch/patient', false],
  ])('%s covers %s: %s', (allowed, asked, expected) => {
    expect(covers(scopes(allowed), parseScope(asked)!)).toBe(expected);
  });
});
