import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { maximumTokenLength } from '../json-web/index.js';
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

describe('a proof that is right but for one thing', () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const otherJwk = (({ crv, kty, x, y }) => ({ crv, kty, x, y }))(other.publicKey.export({ format: 'jwk' }));
  const header = { alg: 'ES256', typ: 'dpop+jwt', jwk };
  const outcome = (text: string | undefined, more: object = {}): string => {
    const result = readProof(text, { ...expected, ...more });
    return result.ok ? 'good' : result.problem.expected;
  };

  it('is good with that thing right', () => {
    expect(outcome(proof(claims))).toBe('good');
  });

  it.each<[string, string | undefined, string]>([
    ['is missing', undefined, 'one DPoP header'],
    ['is empty', '', 'one DPoP header'],
    ['is no JWT', 'nonsense', 'one DPoP header with a JWT'],
    ['is one of two', `${proof(claims)}, ${proof(claims)}`, 'one DPoP header with a JWT'],
    ['is of another type', proof(claims, { ...header, typ: 'jwt' }), 'a proof of type dpop+jwt'],
    ['is of no type', proof(claims, { alg: 'ES256', jwk }), 'a proof of type dpop+jwt'],
    ['has what must be understood', proof(claims, { ...header, crit: ['x'] }), 'a header without crit'],
    ['has an empty list of it', proof(claims, { ...header, crit: [] }), 'a header without crit'],
    ['has no algorithm', proof(claims, { typ: 'dpop+jwt', jwk }), 'one DPoP header with a JWT'],
    ['is unsigned', proof(claims, { ...header, alg: 'none' }), 'one of the algorithms'],
    ['is signed by a secret', proof(claims, { ...header, alg: 'HS256' }), 'one of the algorithms'],
    ['has no key', proof(claims, { alg: 'ES256', typ: 'dpop+jwt' }), 'a public key as jwk'],
    ['has null for a key', proof(claims, { ...header, jwk: null }), 'a public key as jwk'],
    ['has a text for a key', proof(claims, { ...header, jwk: 'key' }), 'a public key as jwk'],
    [
      'has a secret for a key',
      proof(claims, { ...header, jwk: { kty: 'oct', k: 'AAAA' } }),
      'a public key as jwk',
    ],
    ['has half a key', proof(claims, { ...header, jwk: { kty: 'EC', crv, x } }), 'an RSA or EC key'],
    ['is signed by another key', proof(claims, { ...header, jwk: otherJwk }), 'a signature by the key'],
  ])('and %s is refused for it', (_, text, problem) => {
    expect(outcome(text).startsWith(problem)).toBe(true);
  });

  it.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])(
    'and shows the private member %s is refused',
    (member) => {
      expect(outcome(proof(claims, { ...header, jwk: { ...jwk, [member]: 'AAAA' } }))).toBe(
        'a public key as jwk',
      );
    },
  );

  it('and is signed by a key of its own, not that of the token, is refused', () => {
    const input = `${encode({ ...header, jwk: otherJwk })}.${encode(claims)}`;
    const signature = sign('sha256', Buffer.from(input), {
      key: other.privateKey,
      dsaEncoding: 'ieee-p1363',
    });
    const own = `${input}.${signature.toString('base64url')}`;
    expect(outcome(own)).toBe('the key that the token is bound to (cnf.jkt)');
    const thumbprint = createHash('sha256').update(JSON.stringify(otherJwk)).digest('base64url');
    expect(outcome(own, { thumbprint })).toBe('good');
  });

  it('and was changed behind its signature is refused', () => {
    const [head, , signature] = proof(claims).split('.');
    const forged = `${head}.${encode({ ...claims, jti: 'two' })}.${signature}`;
    expect(outcome(forged)).toBe('a signature by the key of the proof');
  });

  it.each([
    ['method', { method: 'POST' }, 'htm POST'],
    [
      'address',
      { url: 'https://fhir.example.org/fhir/r4/Group' },
      'htu https://fhir.example.org/fhir/r4/Group',
    ],
    ['unreadable address', { url: 'nowhere' }, 'htu nowhere'],
    ['token', { token: 'other' }, 'the hash of the access token as ath'],
  ])('and is about another %s is refused', (_, more, problem) => {
    expect(outcome(proof(claims), more)).toBe(problem);
  });

  it('and by an RSA key is bound to that key', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { e, kty: type, n } = rsa.publicKey.export({ format: 'jwk' });
    const input = `${encode({ alg: 'RS256', typ: 'dpop+jwt', jwk: { kty: type, n, e } })}.${encode(claims)}`;
    const text = `${input}.${sign('sha256', Buffer.from(input), rsa.privateKey).toString('base64url')}`;
    const thumbprint = createHash('sha256')
      .update(JSON.stringify({ e, kty: type, n }))
      .digest('base64url');
    expect(outcome(text)).toBe('the key that the token is bound to (cnf.jkt)');
    expect(outcome(text, { thumbprint })).toBe('good');
  });

  it('has an id of 256 characters at the most, and a time', () => {
    expect(outcome(proof({ ...claims, jti: 'x'.repeat(256) }))).toBe('good');
    expect(outcome(proof({ ...claims, jti: 'x'.repeat(257) }))).toMatch(/^a jti of at most 256/);
    expect(outcome(proof({ ...claims, jti: '' }))).toMatch(/^a jti/);
    expect(outcome(proof({ ...claims, iat: '1000' }))).toBe('a time of issue (iat)');
    expect(outcome(proof({ ...claims, iat: undefined }))).toBe('a time of issue (iat)');
  });

  it('tells its nonce where that is a text', () => {
    const nonceOf = (nonce: unknown): unknown => {
      const result = readProof(proof({ ...claims, nonce }), expected);
      return result.ok ? result.proof.nonce : 'refused';
    };
    expect([nonceOf('n'), nonceOf(1), nonceOf(undefined)]).toEqual(['n', undefined, undefined]);
  });

  it('and is longer than a token may be is refused unread', () => {
    const filler = (length: number): string => proof({ ...claims, x: 'x'.repeat(length) });
    const excess = (text: string): number => text.length - maximumTokenLength;
    let length = Math.floor(maximumTokenLength * 0.74);
    while (excess(filler(length)) < 0) length += 1;
    while (excess(filler(length)) > 0) length -= 1;
    expect(outcome(filler(length))).toBe('good');
    expect(outcome(filler(length + 3))).toBe('one DPoP header with a JWT');
  });
});
