import type { CheckMode } from '../../contract/index.js';
import type { CheckContext } from './check.js';
import type { PresentedCredentials } from '../credentials/presented-credentials.js';
import { CredentialsFormCheck } from './credentials-form.check.js';

const run = (mode: CheckMode, credentials: Partial<PresentedCredentials>) =>
  new CredentialsFormCheck().run({
    target: { mode },
    credentials: {
      authorization: null,
      scheme: null,
      repeatedHeader: false,
      parameterTokens: [],
      ...credentials,
    },
  } as unknown as CheckContext);

describe('the form of credentials', () => {
  it.each<[string, CheckMode, Partial<PresentedCredentials>]>([
    ['an empty access_token', 'basic-and-bearer', { scheme: 'basic', parameterTokens: [''] }],
    ['access_token twice', 'basic-and-bearer', { scheme: 'basic', parameterTokens: ['a', 'a'] }],
    ['a token in two places', 'basic-and-bearer', { scheme: 'bearer', parameterTokens: ['a'] }],
    ['a token in the URL of a bearer endpoint', 'bearer', { parameterTokens: ['a'] }],
    ['two Authorization headers', 'bearer', { scheme: 'bearer', repeatedHeader: true }],
    ['another scheme', 'bearer', { scheme: 'other' }],
  ])('is refused for %s, as invalid_request', (_name, mode, credentials) => {
    expect(run(mode, credentials)).toMatchObject({ category: 'invalid', error: 'invalid_request' });
  });

  it.each<[CheckMode, Partial<PresentedCredentials>]>([
    ['bearer', { scheme: 'bearer' }],
    ['basic-and-bearer', { scheme: 'basic', parameterTokens: ['a'] }],
    ['basic', { scheme: 'basic' }],
    ['open', {}],
  ])('passes in mode %s', (mode, credentials) => expect(run(mode, credentials)).toBeUndefined());
});
