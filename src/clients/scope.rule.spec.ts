import { scopeProblem } from './scope.rule.js';

describe('scope of a client', () => {
  test.each([
    '',
    'openid fhirUser offline_access launch launch/patient',
    'patient/*.rs user/Observation.read system/*.cruds',
    'patient/Observation.rs?category=laboratory&status=final user/*.* user/Patient.cud',
    'admin',
  ])('%j is accepted', (scope) => expect(scopeProblem(scope)).toBeUndefined());

  test.each([
    ' openid',
    'openid  profile',
    'openid\nprofile',
    'a"b',
    'a\\b',
    'patient/Observation',
    'patient/Observation.',
    'patient/observation.rs',
    'patient/Observation.sr',
    'patient/Observation.dus',
    'patient/Observation.rss',
    'patient/*.rs?',
    'user/Obs*.rs',
    'system/.rs',
    'ü',
    'a'.repeat(4097),
  ])('%j is refused', (scope) => expect(scopeProblem(scope)).toEqual(expect.any(String)));
});
