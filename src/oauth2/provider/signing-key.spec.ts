import { compactVerify, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { SigningKey } from './signing-key.js';

describe.each(['ES256', 'RS256'])('a key for %s', (alg) => {
  let jwk: JWK;
  let key: SigningKey;

  beforeAll(async () => {
    const { privateKey } = await generateKeyPair(alg, { extractable: true });
    jwk = { ...(await exportJWK(privateKey)), alg, kid: 'one', use: 'sig' };
    key = new SigningKey(jwk);
  });

  it('signs as JWS wants it', async () => {
    const head = Buffer.from(JSON.stringify({ alg, kid: 'one' })).toString('base64url');
    const body = Buffer.from('{"sub":"alice"}').toString('base64url');
    const signature = await key.sign(Buffer.from(`${head}.${body}`));
    const token = `${head}.${body}.${Buffer.from(signature).toString('base64url')}`;
    const { payload } = await compactVerify(
      token,
      await importJWK(key.keyObject().export({ format: 'jwk' }), alg),
    );
    expect(Buffer.from(payload).toString()).toBe('{"sub":"alice"}');
  });

  it('shows what is public of it, and nothing else', () => {
    const { kid, alg: shownAlg, use, kty, n, e, x, y, crv } = key;
    const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...shown } = jwk;
    expect(JSON.parse(JSON.stringify({ kid, alg: shownAlg, use, kty, n, e, x, y, crv }))).toEqual(shown);
    const secrets = ['d', 'p', 'q', 'dp', 'dq', 'qi'];
    expect(secrets.filter((name) => name in key)).toEqual([]);
    expect(JSON.stringify(key)).toBe('{}');
    expect(key.keyObject().type).toBe('public');
  });
});
