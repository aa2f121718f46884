import { checkPassword } from '../passwords/password.policy.js';
import { checkUser, isUsername } from './user.rules.js';

const refused = (field: string) =>
  expect.objectContaining({
    code: 'USERS_INVALID',
    issues: [expect.objectContaining({ expression: field })],
  });

describe('usernames', () => {
  test.each(['a', 'alice', 'Alice', 'alice.b-c_d', 'alice@example.org', 'a+b', '7', 'a'.repeat(64), 'svc_'])(
    '%s is one',
    (name) => expect(isUsername(name)).toBe(true),
  );

  test.each([
    '',
    'a:b',
    'a b',
    ' a',
    'a\n',
    '.a',
    'a.',
    '@a',
    'älice',
    'аlice',
    'a/b',
    'a%20',
    'a"',
    'a'.repeat(65),
  ])('%j is none', (name) => {
    expect(isUsername(name)).toBe(false);
    expect(() => checkUser({ username: name })).toThrow(refused('username'));
  });
});

describe('roles and FHIR user', () => {
  test.each([['King'], ['of the ward'], ['-king'], ['k'.repeat(65)], ['admin', 'admin'], ['ADMIN'], ['']])(
    'the roles %j are refused',
    (...roles) => {
      expect(() => checkUser({ roles })).toThrow(refused('roles'));
    },
  );

  test.each([
    'Practitioner/alice',
    'Patient/1',
    'https://fhir.example.org/fhir/r4/Patient/1',
    'RelatedPerson/a.b-c',
  ])('%s is a FHIR user', (fhirUser) => expect(() => checkUser({ fhirUser })).not.toThrow());

  test.each([
    'alice',
    'Observation/1',
    'Patient/',
    'Patient/a b',
    'Patient/1/_history/1',
    'ftp://x/Patient/1',
    'https://x/Patient/1?a',
    '',
  ])('%j is none', (fhirUser) => expect(() => checkUser({ fhirUser })).toThrow(refused('fhirUser')));
});

describe('passwords', () => {
  test.each(['12345678', 'with: colons: in it', 'pässwörter', '🐎🔋📎🔩🐎🔋📎🔩', 'x'.repeat(512)])(
    '%j is accepted',
    (password) => expect(() => checkPassword('alice', password)).not.toThrow(),
  );

  test.each([
    '',
    '1234567',
    '🐎🔋📎🔩',
    'x'.repeat(513),
    'ä'.repeat(257),
    'tab\tinside',
    'nul\u0000inside',
    'ALICE-AT-HOME',
  ])('%j is refused', (password) =>
    expect(() => checkPassword('alice-at-home', password)).toThrow(refused('password')),
  );
});
