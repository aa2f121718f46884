import type { DpopProofs } from '../../platform/proofs/index.js';
import type { CheckContext } from './check.js';
import { DpopProofCheck } from './dpop-proof.check.js';

const asked: unknown[] = [];
const check = new DpopProofCheck({
  check: (proof: unknown, expected: unknown) => {
    asked.push([proof, expected]);
    return Promise.resolve(undefined);
  },
} as unknown as DpopProofs);

const context = (scheme: string, keyThumbprint: string | null, dpop?: string): CheckContext =>
  ({
    claims: { keyThumbprint, clientId: 'app' },
    credentials: { scheme, authorization: `${scheme} token`, parameterTokens: [] },
    target: { headers: { dpop }, method: 'GET', url: 'https://fhir.example.org/fhir/r4/Patient' },
  }) as unknown as CheckContext;

describe('the check of proofs', () => {
  it('refuses a bound token as bearer token, and the other way round, without looking at the proof', async () => {
    expect(await check.run(context('bearer', 'key', 'proof'))).toMatchObject({ error: 'invalid_token' });
    expect(await check.run(context('basic', 'key'))).toMatchObject({ error: 'invalid_token' });
    expect(await check.run(context('dpop', null, 'proof'))).toMatchObject({ error: 'invalid_token' });
    expect(asked).toEqual([]);
  });

  it('leaves bearer tokens and requests without a token alone', async () => {
    expect(await check.run(context('bearer', null))).toBeUndefined();
    expect(await check.run({ credentials: { scheme: 'basic' } } as unknown as CheckContext)).toBeUndefined();
  });

  it('asks for a proof of this request, this token and this key', async () => {
    expect(await check.run(context('dpop', 'key', 'proof'))).toBeUndefined();
    expect(asked).toEqual([
      [
        'proof',
        {
          method: 'GET',
          url: 'https://fhir.example.org/fhir/r4/Patient',
          token: 'token',
          thumbprint: 'key',
        },
      ],
    ]);
  });
});
