import { createHmac, randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { ClientConfigurationsService, ServerDescriptionsService } from '../../../src/trust/index.js';
import { EndpointsService } from '../../../src/endpoints/index.js';
import { AuthorizationServerDouble, jwkOf, jws, reply, signingKey } from '../../kit/authorization-server.js';
import { databases } from '../../kit/databases.js';
import { bearer, World } from './application.js';

type Json = Record<string, unknown>;
const path = '/remote/r4';
const rsa = signingKey('rsa');
const ec = signingKey('ec', 'P-256');
const attacker = signingKey('attacker');

describe.each(databases)('a forged JWT at an endpoint of another issuer, on $name', ({ create }) => {
  let world: World;
  let issuer: AuthorizationServerDouble;

  /** Milliseconds by which the clock of the program is ahead. */
  let ahead = 0;
  const { now } = Date;

  beforeAll(async () => {
    Date.now = () => now() + ahead;
    world = await World.start(await create());
    issuer = await AuthorizationServerDouble.start();
    issuer.keys = [rsa, ec];
    const shared = { kty: 'oct', kid: 'shared', k: 'c2VjcmV0', alg: 'HS256', use: 'sig' };
    const twice = [jwkOf({ ...rsa, kid: 'twice' }), jwkOf({ ...attacker, kid: 'twice' })];
    issuer.routes.set('/oauth2/jwks', (_request, response) =>
      reply(response, 200, { keys: [jwkOf(rsa), jwkOf(ec), shared, ...twice] }),
    );
    await world.get(ServerDescriptionsService).save({ issuer: issuer.issuer });
    await world.get(ClientConfigurationsService).create({ applicationName: 'Remote', issuer: issuer.issuer });
    await world.get(EndpointsService).create({ path, checkMode: 'bearer', oauthClientName: 'Remote' });
  });
  afterAll(async () => {
    Date.now = now;
    await world.close();
    await issuer.stop();
  });

  const claims = (more: Json = {}): Json => {
    const now = Math.floor(Date.now() / 1000);
    return {
      ...{ iss: issuer.issuer, sub: 'alice', client_id: 'app', aud: world.base(path), scope: 'user/*.rs' },
      ...{ iat: now, exp: now + 60, jti: randomBytes(8).toString('hex'), ...more },
    };
  };
  const head = (more: Json = {}): Json => ({ alg: 'RS256', typ: 'at+jwt', kid: 'rsa', ...more });
  const ask = (token: string) => world.call({ url: `${path}/Patient`, headers: bearer(token) });
  const hs256 = (secret: string | Buffer) => (input: string) =>
    createHmac('sha256', secret).update(input).digest();
  const encode = (value: object | string) =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
  const pem = () => rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const zeros = (bytes: number) => () => Buffer.alloc(bytes);

  it('is told from a true one', async () => {
    expect((await ask(jws(head(), claims(), rsa))).statusCode).toBe(200);
    expect((await ask(jws(head({ alg: 'ES256', kid: 'ec' }), claims(), ec))).statusCode).toBe(200);
  });

  it.each<[string, string, () => string]>([
    ['algorithm none', 'token-signature', () => jws(head({ alg: 'none' }), claims(), rsa, zeros(0))],
    ['algorithm nOnE', 'token-signature', () => jws(head({ alg: 'nOnE' }), claims(), rsa, zeros(0))],
    [
      'HS256 by the public key',
      'token-signature',
      () => jws(head({ alg: 'HS256' }), claims(), rsa, hs256(pem())),
    ],
    [
      'HS256 by a symmetric key of the key set',
      'token-signature',
      () => jws(head({ alg: 'HS256', kid: 'shared' }), claims(), rsa, hs256('secret')),
    ],
    ['RS256 by an EC key', 'token-signature', () => jws(head({ kid: 'ec' }), claims(), ec)],
    ['ES256 by an RSA key', 'token-signature', () => jws(head({ alg: 'ES256' }), claims(), rsa)],
    [
      'an ES256 signature of zeros',
      'token-signature',
      () => jws(head({ alg: 'ES256', kid: 'ec' }), claims(), ec, zeros(64)),
    ],
    [
      'an ES256 signature of zeros in DER',
      'token-signature',
      () =>
        jws(head({ alg: 'ES256', kid: 'ec' }), claims(), ec, () => Buffer.from('3006020100020100', 'hex')),
    ],
    [
      'a key of its own in the header',
      'token-signature',
      () => jws(head({ jwk: jwkOf(attacker), kid: 'attacker' }), claims(), attacker),
    ],
    [
      'the address of a key set in the header',
      'token-signature',
      () => jws(head({ jku: `${issuer.origin}/planted`, kid: 'attacker' }), claims(), attacker),
    ],
    ['the key id of another key', 'token-signature', () => jws(head(), claims(), attacker)],
    ['a key id that two keys have', 'token-signature', () => jws(head({ kid: 'twice' }), claims(), attacker)],
    [
      'a path for a key id',
      'token-signature',
      () => jws(head({ kid: '../../../../dev/null' }), claims(), rsa, hs256('')),
    ],
    [
      'SQL for a key id',
      'token-signature',
      () => jws(head({ kid: "x' UNION SELECT 'k" }), claims(), attacker),
    ],
    ['a key id of a prototype', 'token-signature', () => jws(head({ kid: '__proto__' }), claims(), attacker)],
    ['a critical extension', 'token-form', () => jws(head({ crit: ['b64'], b64: false }), claims(), rsa)],
    ['another type', 'token-form', () => jws(head({ typ: 'JWT' }), claims(), rsa)],
    [
      'no signature',
      'token-signature',
      () => `${jws(head(), claims(), rsa).split('.').slice(0, 2).join('.')}.`,
    ],
    [
      'another payload',
      'token-signature',
      () => {
        const [header = '', , signature = ''] = jws(head(), claims(), rsa).split('.');
        return `${header}.${encode(claims({ sub: 'root' }))}.${signature}`;
      },
    ],
  ])('with %s', async (_what, check, forge) => {
    const before = issuer.requests.length;
    const answer = await ask(forge());
    expect(answer.statusCode).toBe(401);
    expect(answer.json().issue[0].details.coding[0].code).toBe('ACCESS_INVALID_TOKEN');
    expect(await world.explain(answer)).toMatchObject({ check });
    const asked = issuer.requests.slice(before).map((request) => request.path);
    expect(asked.filter((asking) => asking !== '/oauth2/jwks')).toEqual([]);
  });

  it.each<[string, () => string]>([
    [
      'a token inside the token',
      () => {
        const input = `${encode(head({ cty: 'JWT' }))}.${encode(jws(head(), claims(), rsa))}`;
        return `${input}.${jws(head(), claims(), rsa).split('.')[2] ?? ''}`;
      },
    ],
    [
      'compressed claims',
      () => {
        const packed = deflateRawSync(JSON.stringify(claims())).toString('base64url');
        return `${encode(head({ zip: 'DEF' }))}.${packed}.${jws(head(), claims(), rsa).split('.')[2] ?? ''}`;
      },
    ],
    ['five parts', () => `${encode({ alg: 'dir', enc: 'A256GCM' })}..AAAA.AAAA.AAAA`],
  ])('with %s is none, and is asked about at the issuer at the most', async (_what, forge) => {
    const answer = await ask(forge());
    expect([401, 503]).toContain(answer.statusCode);
    expect(answer.json().resourceType).toBe('OperationOutcome');
  });

  it('by a key that was withdrawn are none any more, also one that was let in before', async () => {
    const token = jws(head(), claims({ exp: Math.floor(Date.now() / 1000) + 3_600 }), rsa);
    expect((await ask(token)).statusCode).toBe(200);
    issuer.routes.set('/oauth2/jwks', (_request, response) => reply(response, 200, { keys: [jwkOf(ec)] }));
    ahead += 301_000;
    const refused = await ask(token);
    expect(refused.statusCode).toBe(401);
    expect((await world.explain(refused)).check).toBe('token-signature');
    issuer.routes.set('/oauth2/jwks', (_request, response) => reply(response, 410, {}));
    const other = jws(
      head({ alg: 'ES256', kid: 'ec' }),
      claims({ exp: Math.floor(Date.now() / 1000) + 3_600 }),
      ec,
    );
    expect((await ask(other)).statusCode).toBe(200);
    ahead += 301_000;
    expect((await ask(other)).statusCode).toBe(503);
  });
});
