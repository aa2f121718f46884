import { approvedContext } from './approved-context.js';

const context = {
  patient: 'p',
  encounter: 'e',
  intent: 'x',
  tenant: 't',
  fhirContext: [{ reference: 'Task/1' }],
};

describe('context of what was approved', () => {
  it.each([
    ['launch', context],
    ['launch/patient', { patient: 'p' }],
    ['launch/encounter', { patient: 'p', encounter: 'e' }],
    ['openid patient/Observation.rs?category=laboratory', { patient: 'p' }],
    ['openid user/*.rs', {}],
  ])('%s', (scopes, expected) => {
    expect(approvedContext(scopes.split(' '), context)).toEqual(expected);
  });
});
