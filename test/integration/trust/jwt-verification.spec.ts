import { createHmac, sign as signWith, constants } from 'node:crypto';
import type { TokenVerification } from '../../../src/contract/index.js';
import { OutboundHttp } from '../../../src/trust/outbound/outbound-http.js';
import { ApplicationVerifier } from '../../../src/trust/token-verification/application-verifier.js';
import type { ServerMetadata } from '../../../src/trust/store/server-metadata.js';
import {
  AuthorizationServerDouble,
  jwkOf,
  jws,
  reply,
  signingKey,
  type SigningKey,
} from '../../kit/authorization-server.js';

let http: OutboundHttp;
let server: AuthorizationServerDouble;
let now: number;
let verifier: ApplicationVerifier;
const first = signingKey('first');
const attacker = signingKey('attacker');

beforeEach(async () => {
  http = new OutboundHttp({
    connectTimeout: 2_000,
    totalTimeout: 2_000,
    maximumBytes: 100_000,
    connections: 4,
  });
  server = await AuthorizationServerDouble.start();
  server.keys = [first];
  now = Date.now();
  verifier = make();
});
afterEach(async () => {
  await http.onApplicationShutdown();
  await server.stop();
});

/** Seconds. */
const longestLifetime = 86_400;

function make(metadata: Record<string, unknown> = server.metadata): ApplicationVerifier {
  const application = {
    applicationName: 'FHIRResource',
    issuer: server.issuer,
    metadata: metadata as ServerMetadata,
    tls: null,
    credentials: null,
    fingerprint: '',
  };
  return new ApplicationVerifier(application, http, longestLifetime, () => now);
}

function accepted(result: TokenVerification) {
  if (!result.ok) throw new Error(JSON.stringify(result.rejection));
  return result.claims;
}

function refused(result: TokenVerification) {
  if (result.ok) throw new Error('The token was accepted.');
  return result.rejection;
}

const keysAsked = (): number => server.count('/oauth2/jwks');

describe('a JWT access token', () => {
  it('is accepted with its claims', async () => {
    const token = server.accessToken({ fhirUser: 'Practitioner/alice', patient: 'p1', aud: ['a', 'b'] });
    expect(accepted(await verifier.verify(token))).toMatchObject({
      issuer: server.issuer,
      subject: 'alice',
      clientId: 'growth-app',
      isUserToken: true,
      scopes: ['user/*.rs', 'openid'],
      audience: ['a', 'b'],
      fhirUser: 'Practitioner/alice',
      patient: 'p1',
      encounter: null,
      keyThumbprint: null,
    });
  });

  it.each(['RS256', 'RS384', 'RS512'])('may be signed by %s', async (alg) => {
    const hash = alg.replace('RS', 'sha');
    const token = jws({ alg, typ: 'at+jwt', kid: 'first' }, claims(), first, (input) =>
      signWith(hash, Buffer.from(input), first.privateKey),
    );
    accepted(await verifier.verify(token));
  });

  it.each(['PS256', 'PS384', 'PS512'])('may be signed by %s', async (alg) => {
    const token = jws({ alg, typ: 'at+jwt', kid: 'first' }, claims(), first, (input) =>
      signWith(alg.replace('PS', 'sha'), Buffer.from(input), {
        key: first.privateKey,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
      }),
    );
    accepted(await verifier.verify(token));
  });

  it.each([
    ['ES256', 'P-256', 'sha256'],
    ['ES384', 'P-384', 'sha384'],
  ] as const)('may be signed by %s', async (alg, curve, hash) => {
    const key = signingKey('ec', curve);
    server.keys = [first, key];
    const token = jws({ alg, typ: 'at+jwt', kid: 'ec' }, claims(), key, (input) =>
      signWith(hash, Buffer.from(input), { key: key.privateKey, dsaEncoding: 'ieee-p1363' }),
    );
    accepted(await verifier.verify(token));
  });

  it('without a key id is verified by the only key that fits', async () => {
    server.keys = [first, signingKey('ec', 'P-256')];
    accepted(await verifier.verify(server.accessToken({}, { kid: undefined }, first)));
  });

  it('asks for the keys once, however many tokens come', async () => {
    await Promise.all(Array.from({ length: 20 }, () => verifier.verify(server.accessToken())));
    expect(keysAsked()).toBe(1);
  });

  it('of a client without a user is no user token', async () => {
    const own = accepted(await verifier.verify(server.accessToken({ sub: 'growth-app' })));
    expect(own).toMatchObject({ isUserToken: false, subject: 'growth-app' });
    for (const mark of [{ gty: 'client_credentials' }, { subject_type: 'client' }, { subject_type: 7 }]) {
      expect(accepted(await verifier.verify(server.accessToken(mark))).isUserToken).toBe(false);
    }
    const user = accepted(await verifier.verify(server.accessToken({ subject_type: 'user' })));
    expect(user.isUserToken).toBe(true);
  });
});

function claims(more: Record<string, unknown> = {}): Record<string, unknown> {
  const seconds = Math.floor(Date.now() / 1000);
  return { iss: server.issuer, sub: 'alice', client_id: 'app', scope: '', exp: seconds + 60, ...more };
}

describe('attacks on the signature', () => {
  const publicPem = (): string => first.publicKey.export({ type: 'spki', format: 'pem' }).toString();

  it.each(['none', 'None', 'NONE', 'nOnE'])('algorithm %s is refused', async (alg) => {
    const token = jws({ alg, typ: 'at+jwt', kid: 'first' }, claims(), first, () => Buffer.alloc(0));
    expect(refused(await verifier.verify(token)).check).toBe('token-signature');
  });

  it('algorithm none with a signature of another token is refused', async () => {
    const [, , signature = ''] = server.accessToken().split('.');
    const token = jws({ alg: 'none', typ: 'at+jwt', kid: 'first' }, claims(), first, () =>
      Buffer.from(signature, 'base64url'),
    );
    expect(refused(await verifier.verify(token)).check).toBe('token-signature');
  });

  it.each([
    ['PEM', () => publicPem()],
    ['DER', () => first.publicKey.export({ type: 'spki', format: 'der' })],
    ['modulus', () => Buffer.from(String(first.publicKey.export({ format: 'jwk' }).n), 'base64url')],
  ])('HS256 with the public key as %s is refused', async (_form, secret) => {
    const token = jws({ alg: 'HS256', typ: 'at+jwt', kid: 'first' }, claims(), first, (input) =>
      createHmac('sha256', secret()).update(input).digest(),
    );
    expect(refused(await verifier.verify(token)).check).toBe('token-signature');
  });

  it('a symmetric key in the key set is no key', async () => {
    server.routes.set('/oauth2/jwks', (_request, response) =>
      reply(response, 200, {
        keys: [jwkOf(first), { kty: 'oct', kid: 'shared', k: 'c2VjcmV0', alg: 'HS256', use: 'sig' }],
      }),
    );
    const token = jws({ alg: 'HS256', typ: 'at+jwt', kid: 'shared' }, claims(), first, (input) =>
      createHmac('sha256', 'secret').update(input).digest(),
    );
    expect(refused(await verifier.verify(token)).check).toBe('token-signature');
  });

  it.each([
    ['an embedded jwk', () => ({ jwk: jwkOf(attacker) })],
    ['an embedded certificate chain', () => ({ x5c: ['MIIB'] })],
    ['jku', () => ({ jku: `${server.origin}/attacker/jwks` })],
    ['x5u', () => ({ x5u: `${server.origin}/attacker/x5u` })],
  ])('a key by %s is not taken, nor fetched', async (_way, header) => {
    for (const kid of ['attacker', 'first', undefined]) {
      const token = server.accessToken({}, { ...header(), kid }, attacker);
      expect(refused(await verifier.verify(token)).check).toBe('token-signature');
    }
    expect(server.requests.filter(({ path }) => path.startsWith('/attacker'))).toEqual([]);
  });

  it('a key id that two keys have is refused, even where one of them fits', async () => {
    server.keys = [first, { ...attacker, kid: 'first' }];
    const result = refused(await verifier.verify(server.accessToken({}, {}, first)));
    expect(result).toMatchObject({
      check: 'token-signature',
      actual: expect.stringContaining('more than one'),
    });
  });

  it('a token without key id is refused where two keys fit', async () => {
    server.keys = [first, signingKey('second')];
    const token = server.accessToken({}, { kid: undefined }, first);
    expect(refused(await verifier.verify(token)).check).toBe('token-signature');
  });

  it('a key that is for encryption or another algorithm is not taken', async () => {
    for (const more of [{ use: 'enc' }, { alg: 'RS512' }, { key_ops: ['encrypt'] }]) {
      server.routes.set('/oauth2/jwks', (_request, response) =>
        reply(response, 200, { keys: [jwkOf(first, more), jwkOf(attacker)] }),
      );
      expect(refused(await make().verify(server.accessToken())).check).toBe('token-signature');
    }
  });

  it('an RSA key shorter than 2048 bits is not taken', async () => {
    const { generateKeyPairSync } = await import('node:crypto');
    const short: SigningKey = { kid: 'short', ...generateKeyPairSync('rsa', { modulusLength: 1024 }) };
    server.keys = [first, short];
    expect(refused(await verifier.verify(server.accessToken({}, {}, short))).check).toBe('token-signature');
  });

  it('an EC key does not verify what an RSA algorithm claims, and the other way round', async () => {
    const key = signingKey('ec', 'P-256');
    server.keys = [first, key];
    expect(refused(await verifier.verify(server.accessToken({}, { alg: 'RS256' }, key))).check).toBe(
      'token-signature',
    );
    expect(refused(await verifier.verify(server.accessToken({}, { alg: 'ES256' }))).check).toBe(
      'token-signature',
    );
    expect(refused(await verifier.verify(server.accessToken({}, { alg: 'ES384' }, key))).check).toBe(
      'token-signature',
    );
  });

  it('a changed payload, header or signature is refused', async () => {
    const [header = '', , signature = ''] = server.accessToken().split('.');
    const payload = Buffer.from(JSON.stringify(claims({ sub: 'mallory' }))).toString('base64url');
    const other = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    const token = server.accessToken();
    for (const forged of [
      `${header}.${payload}.${signature}`,
      `${token.split('.').slice(0, 2).join('.')}.${other}`,
      `${token.split('.').slice(0, 2).join('.')}.`,
    ]) {
      expect(refused(await verifier.verify(forged)).check).toBe('token-signature');
    }
  });

  it('a zero signature by ES256 is refused', async () => {
    const key = signingKey('ec', 'P-256');
    server.keys = [key];
    const token = jws({ alg: 'ES256', typ: 'at+jwt', kid: 'ec' }, claims(), key, () => Buffer.alloc(64));
    expect(refused(await verifier.verify(token)).check).toBe('token-signature');
  });
});

describe('a well-signed JWT that is no access token of this issuer', () => {
  it.each([undefined, 'JWT', 'jwt', 'id+jwt', 'logout+jwt', 'at+jwtx', 7, ['at+jwt']])(
    'type %s is refused, so that no id_token passes',
    async (typ) => {
      expect(refused(await verifier.verify(server.accessToken({}, { typ }))).check).toBe('token-form');
    },
  );

  it('critical extensions are refused', async () => {
    for (const crit of [['b64'], [], 'exp']) {
      expect(refused(await verifier.verify(server.accessToken({}, { crit, b64: false }))).check).toBe(
        'token-form',
      );
    }
  });

  it.each([
    ['another issuer', 'https://evil.example.org'],
    ['a slash more', 'SLASH'],
    ['none', undefined],
    ['a list', 'LIST'],
  ])('issuer: %s is refused', async (_what, value) => {
    const iss = value === 'SLASH' ? `${server.issuer}/` : value === 'LIST' ? [server.issuer] : value;
    expect(refused(await verifier.verify(server.accessToken({ iss }))).check).toBe('token-issuer');
  });

  it.each<[string, Record<string, unknown>]>([
    ['has expired', { exp: 1 }],
    ['expires in more than a day', { exp: Math.floor(Date.now() / 1000) + 90_000 }],
    ['expires beyond all dates', { exp: 1e300 }],
    ['never expires', { exp: undefined }],
    ['expires at a text', { exp: '9999999999' }],
    ['is not valid yet', { nbf: 9_999_999_999 }],
    ['was issued in the future', { iat: 9_999_999_999 }],
  ])('a token that %s is refused', async (_what, changes) => {
    expect(refused(await verifier.verify(server.accessToken(changes))).check).toBe('token-time');
  });

  it.each<[string, Record<string, unknown>]>([
    ['without client', { client_id: undefined }],
    ['with a client that is no text', { client_id: 7 }],
    ['with a client that steers a terminal', { client_id: 'app\u001b[2J' }],
    ['with a client of other letters', { client_id: 'аpp' }],
    ['with a subject that has lines', { sub: 'alice\nbob' }],
    ['with a subject that turns the line round', { sub: 'alice\u202e' }],
    ['with a subject that XML has not', { sub: 'alice\uffff' }],
    ['with half a surrogate pair in its subject', { sub: 'alice\ud800' }],
    ['with a subject that is too long', { sub: 'a'.repeat(256) }],
    ['with a subject that is no text', { sub: { name: 'alice' } }],
    ['that is bound to a certificate', { cnf: { 'x5t#S256': 'abc' } }],
    ['that is bound to something odd', { cnf: 'abc' }],
    ['with nbf that is no number', { nbf: 'now' }],
  ])('a token %s is refused', async (_what, changes) => {
    expect(refused(await verifier.verify(server.accessToken(changes))).check).toBe('token-form');
  });

  it('texts for the administrator hold no part of the token', async () => {
    const token = server.accessToken({ iss: 'https://evil.example.org' });
    const text = JSON.stringify(refused(await verifier.verify(token)));
    for (const part of token.split('.')) expect(text).not.toContain(part);
  });
});

describe('time', () => {
  it('a cached token dies with its time of expiry', async () => {
    const token = server.accessToken({ exp: Math.floor(now / 1000) + 60 });
    accepted(await verifier.verify(token));
    now += 60_000 + 11_000;
    expect(refused(await verifier.verify(token)).check).toBe('token-time');
  });
});

describe('rotation of keys', () => {
  it('a token by a new key is accepted after one more look at the key set', async () => {
    accepted(await verifier.verify(server.accessToken()));
    now += 11_000;
    const second = signingKey('second');
    server.keys = [first, second];
    accepted(await verifier.verify(server.accessToken({ exp: Math.floor(now / 1000) + 60 }, {}, second)));
    accepted(await verifier.verify(server.accessToken({}, {}, first)));
    expect(keysAsked()).toBe(2);
  });

  it('unknown key ids cause one look in ten seconds, not one each', async () => {
    accepted(await verifier.verify(server.accessToken()));
    now += 11_000;
    for (let index = 0; index < 30; index++) {
      const token = server.accessToken({}, { kid: `unknown-${index}` }, attacker);
      expect(refused(await verifier.verify(token)).check).toBe('token-signature');
    }
    expect(keysAsked()).toBe(2);
  });

  it('a withdrawn key takes the tokens that it signed along, cached ones too', async () => {
    server.keyHeaders = { 'cache-control': 'max-age=20' };
    const token = server.accessToken();
    accepted(await verifier.verify(token));
    const second = signingKey('second');
    server.keys = [second];
    now += 21_000;
    accepted(await verifier.verify(server.accessToken({}, {}, second)));
    expect(refused(await verifier.verify(token)).check).toBe('token-signature');
  });

  it('has nothing of what it says that is no reference, id or scope', async () => {
    const token = server.accessToken({
      fhirUser: 'Practitioner/1\u0000',
      patient: '17\n18',
      encounter: 'x'.repeat(65),
      scope: 'user/*.rs b\u001b[2J \uffff c"d',
    });
    expect(accepted(await verifier.verify(token))).toMatchObject({
      ...{ fhirUser: null, patient: null, encounter: null },
      scopes: ['user/*.rs'],
    });
    const good = { fhirUser: 'https://as.example.org/fhir/Practitioner/1', patient: '17', encounter: 'e-1' };
    expect(accepted(await verifier.verify(server.accessToken(good)))).toMatchObject(good);
  });

  it.each([
    ['an emptied key set', 200, { keys: [] }],
    ['a set without a key that fits', 200, { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }],
    ['something that is no key set', 200, {}],
    ['404', 404, {}],
    ['410', 410, {}],
  ])('%s ends the tokens of the keys before, cached ones too', async (_what, status, body) => {
    server.keyHeaders = { 'cache-control': 'max-age=20' };
    const [cached, other] = [server.accessToken(), server.accessToken({ jti: 'other' })];
    accepted(await verifier.verify(cached));
    const good = server.routes.get('/oauth2/jwks')!;
    server.routes.set('/oauth2/jwks', (_request, response) => reply(response, status, body));
    accepted(await verifier.verify(cached));
    now += 21_000;
    for (const token of [cached, other, cached]) {
      expect(refused(await verifier.verify(token))).toMatchObject({ check: 'token-signature' });
    }
    server.routes.set('/oauth2/jwks', good);
    now += 21_000;
    accepted(await verifier.verify(cached));
  });

  it('a cached token is held against the keys again once they are old, without another token', async () => {
    server.keyHeaders = { 'cache-control': 'max-age=20' };
    const token = server.accessToken();
    accepted(await verifier.verify(token));
    server.keys = [signingKey('second')];
    now += 19_000;
    accepted(await verifier.verify(token));
    now += 2_000;
    expect(refused(await verifier.verify(token)).check).toBe('token-signature');
  });

  it('an RSA key whose exponent or length makes verifying dear is not taken', async () => {
    const jwk = jwkOf(first) as { n: string };
    const hex = (text: string): string => Buffer.from(text, 'hex').toString('base64url');
    for (const e of ['ffffffff', `7${'f'.repeat(63)}`, '010003', '01', '02', '010000']) {
      server.routes.set('/oauth2/jwks', (_request, response) =>
        reply(response, 200, { keys: [{ ...jwk, e: hex(e.padStart(e.length + (e.length % 2), '0')) }] }),
      );
      expect(refused(await make().verify(server.accessToken())).actual).toContain(
        'an exponent of at most 65537',
      );
    }
    const n = Buffer.concat([Buffer.from(jwk.n, 'base64url'), Buffer.alloc(512, 0xff)]).toString('base64url');
    server.routes.set('/oauth2/jwks', (_request, response) =>
      reply(response, 200, { keys: [{ ...jwk, n }] }),
    );
    expect(refused(await make().verify(server.accessToken())).actual).toContain('2048 to 4096 bits');
  });

  it.each([
    ['max-age=60', 59_000, 1],
    ['max-age=60', 61_000, 2],
    ['no-store', 9_000, 1],
    ['no-store', 11_000, 2],
    ['max-age=99999999', 3_601_000, 2],
    ['max-age=nonsense', 301_000, 2],
  ])('Cache-Control %s is respected within bounds after %i ms', async (value, pause, times) => {
    server.keyHeaders = { 'cache-control': value };
    await verifier.verify(server.accessToken());
    now += pause;
    await verifier.verify(server.accessToken());
    expect(keysAsked()).toBe(times);
  });
});

describe('an issuer in trouble', () => {
  it('is told apart from a bad token: unavailable', async () => {
    await server.stop();
    const result = refused(await verifier.verify(server.accessToken()));
    expect(result).toMatchObject({ check: 'token-signature', unavailable: true });
    expect(result.actual).toContain('Nothing listens');
    expect(verifier.lastFailure?.stage).toBe('connect');
  });

  it('keeps its word for an hour after its keys were read', async () => {
    accepted(await verifier.verify(server.accessToken()));
    server.routes.set('/oauth2/jwks', (_request, response) => reply(response, 500, {}));
    now += 600_000;
    accepted(await verifier.verify(server.accessToken({ exp: now / 1000 + 60, iat: undefined })));
    now += 3_600_000;
    const late = await verifier.verify(server.accessToken({ exp: now / 1000 + 60, iat: undefined }));
    expect(refused(late).unavailable).toBe(true);
  });

  it('that was not to be reached holds nobody up while its keys may stay', async () => {
    const token = server.accessToken({ exp: now / 1000 + 3_600, iat: undefined });
    accepted(await verifier.verify(token));
    let asked = 0;
    server.routes.set('/oauth2/jwks', () => {
      asked += 1;
    });
    now += 600_000;
    accepted(await verifier.verify(token));
    expect(asked).toBe(1);
    now += 3_000;
    accepted(await verifier.verify(token));
    accepted(await verifier.verify(token));
    expect(verifier.lastFailure).toBeDefined();
  });

  it('is asked once, not once a token, while it does not answer', async () => {
    server.routes.set('/oauth2/jwks', (_request, response) => reply(response, 500, {}));
    for (let index = 0; index < 10; index++) await verifier.verify(server.accessToken());
    expect(keysAsked()).toBe(1);
  });

  it.each([
    ['no key set', { hello: 1 }],
    ['an empty one', { keys: [] }],
    ['one of too many keys', { keys: Array.from({ length: 101 }, () => jwkOf(first)) }],
    [
      'one of malformed keys',
      { keys: [null, 7, { kty: 'RSA' }, { kty: 'EC', crv: 'P-256', x: 'A', y: 'B' }] },
    ],
  ])('that publishes %s is unavailable', async (_what, body) => {
    server.routes.set('/oauth2/jwks', (_request, response) => reply(response, 200, body));
    expect(refused(await verifier.verify(server.accessToken())).unavailable).toBe(true);
  });

  it('that is not discovered yet is unavailable', async () => {
    const bare = new ApplicationVerifier(
      {
        applicationName: 'x',
        issuer: server.issuer,
        metadata: null,
        tls: null,
        credentials: null,
        fingerprint: '',
      },
      http,
      longestLifetime,
    );
    expect(refused(await bare.verify(server.accessToken())).unavailable).toBe(true);
  });
});
