import { nextLaunchStep, noProgress, settle, unmetScopes, type LaunchRequest } from './launch-steps.js';

const request = (scope: string, launch?: string): LaunchRequest => ({
  scopes: scope.split(' '),
  launch,
  resource: 'https://fhir.example.org/fhir/r4',
});

describe('steps of a launch', () => {
  it.each([
    ['openid fhirUser user/*.cruds offline_access', undefined],
    ['launch user/*.rs', undefined],
    ['launch/patient', 'patient'],
    ['launch/encounter', 'patient'],
    ['user/*.rs patient/Observation.rs?category=laboratory', 'patient'],
    ['patient/*.read', 'patient'],
  ])('for %s begin with %s', (scope, expected) => {
    expect(nextLaunchStep(request(scope), noProgress)).toBe(expected);
    expect(nextLaunchStep(request(scope, 'handle'), noProgress)).toBe('handle');
    expect(nextLaunchStep({ ...request(scope), resource: undefined }, noProgress)).toBeUndefined();
  });

  it('ask for what the handle left open, each once', () => {
    const asked = request('launch launch/patient launch/encounter patient/*.rs', 'handle');
    const opened = settle(noProgress, 'handle', { intent: 'order' });
    expect(nextLaunchStep(asked, opened)).toBe('patient');
    const chosen = settle(opened, 'patient', { patient: 'p' });
    expect(nextLaunchStep(asked, chosen)).toBe('encounter');
    const done = settle(chosen, 'encounter');
    expect(nextLaunchStep(asked, done)).toBeUndefined();
    expect(done.context).toEqual({ intent: 'order', patient: 'p' });
    expect(unmetScopes(asked.scopes, done)).toEqual(['launch/encounter']);
    expect(
      nextLaunchStep(asked, settle(noProgress, 'handle', { patient: 'p', encounter: 'e' })),
    ).toBeUndefined();
  });

  it('replace nothing that is known', () => {
    const known = settle(noProgress, 'handle', { patient: 'p' });
    expect(settle(known, 'patient', { patient: 'q' }).context).toEqual({ patient: 'p' });
  });

  it('leave scopes unmet that ask for what is not there', () => {
    expect(unmetScopes(['launch', 'launch/patient', 'patient/*.rs', 'toString'], noProgress)).toEqual([
      'launch',
      'launch/patient',
    ]);
  });
});
