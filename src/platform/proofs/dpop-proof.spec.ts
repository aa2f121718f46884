import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { readProof } from './dpop-proof.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { crv, kty, x, y } = publicKey.export({ format: 'jwk' });
const jwk = { crv, kty, x, y };
const expected = {
  method: 'GET',
  url: 'https://fhir.example.org/fhir/r4/Patient',
  token: 'token',
  thumbprint: createHash('sha256').update(JSON.stringify(jwk)).digest('base64url'),
};
const ath = createHash('sha256').update('token').digest('base64url');
const claims = { htm: 'GET', htu: expected.url, iat: 1_000, jti: 'one', ath };

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
function proof(payload: unknown, header: unknown = { alg: 'ES256', typ: 'dpop+jwt', jwk }): string {
  const input = `${encode(header)}.${encode(payload)}`;
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

describe('a proof of possession', () => {
  it('is read, whatever query and fragment its address has', () => {
    for (const htu of [
      expected.url,
      `${expected.url}?name=a`,
      `${expected.url}#x`,
      expected.url.replace('fhir.', 'FHIR.'),
    ]) {
      expect(readProof(proof({ ...claims, htu }), expected)).toEqual({
        ok: true,
        proof: { jti: 'one', issuedAt: 1_000, nonce: undefined },
      });
    }
  });

  it('is about one address, to the letter of its path', () => {
    for (const htu of [
      `${expected.url}/`,
      expected.url.toLowerCase(),
      expected.url.replace('https', 'http'),
      expected.url.replace('.org', '.org:8443'),
      expected.url.replace('fhir.', 'x@fhir.'),
      expected.url.replace('Patient', '%50atient'),
    ]) {
      expect(readProof(proof({ ...claims, htu }), expected).ok).toBe(false);
    }
  });

  it('is read from any text without an error, and is good by its signature alone', () => {
    fc.assert(fc.property(fc.string(), (text) => !readProof(text, expected).ok));
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (header, payload) => {
        const members = typeof header === 'object' && header !== null ? header : {};
        return !readProof(proof(payload, Object.assign({ alg: 'ES256', typ: 'dpop+jwt', jwk }, members)), {
          ...expected,
          thumbprint: 'another',
        }).ok;
      }),
    );
  });

  it('with claims of any type is good only where each one is right', () => {
    const names = fc.constantFrom<keyof typeof claims>('htm', 'htu', 'iat', 'jti', 'ath');
    fc.assert(
      fc.property(names, fc.jsonValue(), (name, value) => {
        const isRight =
          value === claims[name] ||
          (name === 'iat' && typeof value === 'number') ||
          (name === 'jti' && typeof value === 'string' && value !== '' && value.length <= 256);
        return readProof(proof({ ...claims, [name]: value }), expected).ok === isRight;
      }),
    );
  });
});
