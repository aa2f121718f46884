import fc from 'fast-check';
import { decodeJsonWebToken, isBearerToken } from './json-web-token.js';

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('the form of a token', () => {
  it('is a JWT where header and payload are JSON objects and the header names an algorithm', () => {
    const token = `${part({ alg: 'RS256' })}.${part({ sub: 'a' })}.c2ln`;
    expect(decodeJsonWebToken(token)).toMatchObject({
      header: { alg: 'RS256' },
      payload: { sub: 'a' },
      signed: token.slice(0, -5),
    });
  });

  it.each([
    'opaque',
    'a.b.c',
    `${part({ typ: 'JWT' })}.${part({})}.c2ln`,
    `${part([1])}.${part({})}.c2ln`,
    `${part({ alg: 'RS256' })}.${part('text')}.c2ln`,
    `${part({ alg: 'RSA-OAEP' })}.a.b.c.d`,
    `${part({ alg: 'RS256' })}.${part({})}`,
    `${part({ alg: 'RS256' })}.${part({})}.c2ln\n`,
  ])('is opaque otherwise: %j', (token) => {
    expect(decodeJsonWebToken(token)).toBeUndefined();
  });

  it('is read from anything without an error', () => {
    fc.assert(fc.property(fc.string(), (text) => void decodeJsonWebToken(text)));
    fc.assert(
      fc.property(fc.json(), fc.json(), (header, payload) => {
        const encode = (text: string): string => Buffer.from(text).toString('base64url');
        void decodeJsonWebToken(`${encode(header)}.${encode(payload)}.AA`);
      }),
    );
  });

  it('is that of RFC 6750, up to 8 KiB', () => {
    expect(isBearerToken('aZ09-._~+/==')).toBe(true);
    expect(isBearerToken('a'.repeat(8192))).toBe(true);
    for (const text of ['', '=', 'a b', 'a=b', 'a\n', 'ä', 'a'.repeat(8193)])
      expect(isBearerToken(text)).toBe(false);
  });
});
