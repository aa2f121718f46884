import type { CheckFailure, GuardedTarget } from '../checks/check.js';
import { challengeOf } from './challenge.js';

type Challenged = Parameters<typeof challengeOf>[0];

const target = (mode: GuardedTarget['mode'], scheme: string | null = null): Challenged =>
  ({
    target: { kind: 'fhir', mode, endpoint: { path: '/fhir/r4' } },
    credentials: { scheme },
  }) as unknown as Challenged;
const failure = (rest: Partial<CheckFailure>): CheckFailure =>
  ({ error: null, message: '', ...rest }) as CheckFailure;

describe('the challenge of a refusal', () => {
  it('asks for both where the endpoint needs both', () => {
    expect(challengeOf(target('basic-and-bearer'), failure({}), 'https://f.example')).toBe(
      'Basic realm="Firekeep", charset="UTF-8", Bearer realm="Firekeep", ' +
        'resource_metadata="https://f.example/.well-known/oauth-protected-resource/fhir/r4"',
    );
  });

  it('carries no error where no credentials came', () => {
    expect(challengeOf(target('bearer'), failure({}), 'https://f.example')).not.toContain('error');
  });

  it('cannot be broken out of by what a message holds', () => {
    const message = 'a"b\\c\r\nSet-Cookie: x=1 ü';
    const text = challengeOf(
      target('bearer'),
      failure({ error: 'invalid_token', message }),
      'https://f.example',
    );
    expect(text).toContain('error_description="abcSet-Cookie: x=1 "');
  });

  it('offers DPoP where the token stands in the header, and puts the error with the scheme that was used', () => {
    const [bearer = '', dpop = ''] = challengeOf(
      target('bearer', 'dpop'),
      failure({ error: 'use_dpop_nonce', message: 'again' }),
      'https://f.example',
    ).split(', DPoP ');
    expect(bearer).not.toContain('error');
    expect(dpop).toMatch(
      /^realm="Firekeep", error="use_dpop_nonce", error_description="again", algs="[^"]*ES256/,
    );
    expect(challengeOf(target('basic-and-bearer'), failure({}), 'https://f.example')).not.toContain('DPoP');
  });
});
