import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import * as openid from 'openid-client';
import { Database } from '../../../src/platform/database/index.js';
import { ProofPurgeJob } from '../../../src/platform/proofs/proof-purge.job.js';
import { databases } from '../../kit/databases.js';
import { addClient, password, publicClient, redirectUri, start } from './application.js';
import { answerOf, basic, Browser } from './browser.js';
import { post, startHttp, type HttpApplication } from './http-application.js';
import { discover } from './relying-party.js';

interface Holder {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

async function holder(alg = 'ES256'): Promise<Holder> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, jwk: await exportJWK(publicKey) };
}

const now = (): number => Math.floor(Date.now() / 1000);
const ath = (token: string): string => createHash('sha256').update(token).digest('base64url');

function proof(
  { privateKey, jwk }: Holder,
  method: string,
  url: string,
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
): Promise<string> {
  return new SignJWT({ htm: method, htu: url, jti: randomUUID(), iat: now(), ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk, ...header })
    .sign(privateKey);
}

describe.each(databases)('proofs of possession on $name', (database) => {
  let databaseUrl: string;
  let server: HttpApplication;
  let secret: string;
  let ownServerSecret: string;
  let key: Holder;
  const secretKey = randomBytes(32).toString('base64');
  const patients = (): string => `${server.fhirBase}/Patient`;

  beforeAll(async () => {
    databaseUrl = await database.create();
    server = await startHttp(databaseUrl, { secretKey });
    key = await holder();
    const { app, fhirBase } = server;
    secret = await addClient(app, {
      clientId: 'loader',
      grantTypes: ['client_credentials'],
      scope: 'system/*.cruds',
    });
    ownServerSecret = await addClient(app, { clientId: 'own-server', resource: [fhirBase] });
    await addClient(app, publicClient);
  });

  afterAll(() => server.app.close());

  const tokenRequest = async (proofText: string, form: Record<string, string> = {}) =>
    post(
      `${server.issuer}/token`,
      { grant_type: 'client_credentials', ...form },
      { ...basic('loader', secret), dpop: proofText },
    );
  const boundToken = async (to = key): Promise<string> => {
    const { status, json } = await tokenRequest(await proof(to, 'POST', `${server.issuer}/token`));
    expect({ status, type: json.token_type }).toEqual({ status: 200, type: 'DPoP' });
    return json.access_token as string;
  };
  const read = (token: string, proofText: string | undefined, scheme = 'DPoP', url = patients()) =>
    fetch(url, {
      headers: {
        authorization: `${scheme} ${token}`,
        ...(proofText === undefined ? {} : { dpop: proofText }),
      },
    });

  it('open a FHIR endpoint with the token that is bound to their key', async () => {
    const token = await boundToken();
    const url = `${patients()}?name=a`;
    const answer = await read(token, await proof(key, 'GET', patients(), { ath: ath(token) }), 'DPoP', url);
    expect(answer.status).toBe(200);
    const created = await fetch(patients(), {
      method: 'POST',
      headers: {
        authorization: `dpop ${token}`,
        dpop: await proof(key, 'POST', patients(), { ath: ath(token) }),
        'content-type': 'application/fhir+json',
      },
      body: JSON.stringify({ resourceType: 'Patient' }),
    });
    expect(created.status).toBe(201);
  });

  it('by a key that is dear to verify by are refused before they are verified', async () => {
    const { privateKey, jwk } = await holder('RS256');
    const dear = { alg: 'RS256', jwk: { ...jwk, e: Buffer.alloc(32, 0x7f).toString('base64url') } };
    for (const path of ['token', 'par']) {
      const { status, json } = await post(
        `${server.issuer}/${path}`,
        { grant_type: 'client_credentials', client_id: 'loader' },
        { dpop: await proof({ privateKey, jwk }, 'POST', `${server.issuer}/${path}`, {}, dear) },
      );
      expect({ status, error: json.error }).toEqual({ status: 400, error: 'invalid_dpop_proof' });
      expect(json.error_description).toContain('an exponent of at most 65537');
    }
  });

  it('are what makes a stolen token useless', async () => {
    const token = await boundToken();
    const asBearer = await read(token, undefined, 'Bearer');
    expect(asBearer.status).toBe(401);
    expect(asBearer.headers.get('www-authenticate')).toMatch(
      /Bearer .*error="invalid_token".*, DPoP .*algs=/,
    );
    const thief = await holder();
    const withOwnKey = await read(token, await proof(thief, 'GET', patients(), { ath: ath(token) }));
    expect(withOwnKey.status).toBe(401);
    expect(withOwnKey.headers.get('www-authenticate')).toMatch(/DPoP .*error="invalid_dpop_proof"/);
    expect((await read(token, undefined, 'Bearer', `${patients()}?access_token=${token}`)).status).not.toBe(
      200,
    );
    const management = await read(token, undefined, 'Bearer', `${server.publicUrl}/admin/api/v1/users`);
    expect(management.status).toBe(401);
  });

  it.each<[string, (token: string) => Promise<string>]>([
    ['for another method', (token) => proof(key, 'POST', patients(), { ath: ath(token) })],
    [
      'for another address',
      (token) => proof(key, 'GET', `${server.fhirBase}/Observation`, { ath: ath(token) }),
    ],
    [
      'for another server',
      (token) => proof(key, 'GET', 'https://other.example.org/fhir/r4/Patient', { ath: ath(token) }),
    ],
    ['for no address', (token) => proof(key, 'GET', '', { ath: ath(token) })],
    ['without the hash of the token', () => proof(key, 'GET', patients())],
    ['with the hash of another token', () => proof(key, 'GET', patients(), { ath: ath('another') })],
    ['that is old', (token) => proof(key, 'GET', patients(), { ath: ath(token), iat: now() - 90 })],
    ['of the future', (token) => proof(key, 'GET', patients(), { ath: ath(token), iat: now() + 90 })],
    ['without a time', (token) => proof(key, 'GET', patients(), { ath: ath(token), iat: undefined })],
    ['without an id', (token) => proof(key, 'GET', patients(), { ath: ath(token), jti: undefined })],
    ['with a long id', (token) => proof(key, 'GET', patients(), { ath: ath(token), jti: 'a'.repeat(300) })],
    ['of another type', (token) => proof(key, 'GET', patients(), { ath: ath(token) }, { typ: 'jwt' })],
    ['without a key', (token) => proof(key, 'GET', patients(), { ath: ath(token) }, { jwk: undefined })],
    [
      'with a private key',
      async (token) => {
        const jwk = await exportJWK(key.privateKey);
        return proof(key, 'GET', patients(), { ath: ath(token) }, { jwk });
      },
    ],
    [
      'that another key signed',
      async (token) => {
        const { privateKey } = await holder();
        return proof({ privateKey, jwk: key.jwk }, 'GET', patients(), { ath: ath(token) });
      },
    ],
    [
      'without a signature',
      async (token) => {
        const [, payload] = (await proof(key, 'GET', patients(), { ath: ath(token) })).split('.');
        const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'dpop+jwt', jwk: key.jwk }));
        return `${header.toString('base64url')}.${payload}.`;
      },
    ],
    ['that is no JWT', () => Promise.resolve('proof')],
    [
      'sent twice',
      async (token) => {
        const one = await proof(key, 'GET', patients(), { ath: ath(token) });
        return `${one}, ${one}`;
      },
    ],
  ])('%s are refused', async (_what, make) => {
    const token = await boundToken();
    const answer = await read(token, await make(token));
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/DPoP .*error="invalid_dpop_proof"/);
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('are good once, in whichever process', async () => {
    const second = await start(databaseUrl, { publicUrl: server.publicUrl }, secretKey);
    const token = await boundToken();
    const one = await proof(key, 'GET', patients(), { ath: ath(token) });
    const other = `${await second.getUrl()}/fhir/r4/Patient`;
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => read(token, one, 'DPoP', index % 2 ? other : patients())),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(19);
    await second.close();
  });

  it('leave a bearer token a bearer token', async () => {
    const { json } = await post(
      `${server.issuer}/token`,
      { grant_type: 'client_credentials' },
      basic('loader', secret),
    );
    const token = json.access_token as string;
    expect(json.token_type).toBe('Bearer');
    expect((await read(token, undefined, 'Bearer')).status).toBe(200);
    const upgraded = await read(token, await proof(key, 'GET', patients(), { ath: ath(token) }));
    expect(upgraded.status).toBe(401);
  });

  it('are good once at the token endpoint, and for it only', async () => {
    const url = `${server.issuer}/token`;
    const one = await proof(key, 'POST', url);
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => tokenRequest(one)));
    expect(outcomes.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const bad of [
      await proof(key, 'GET', url),
      await proof(key, 'POST', `${server.issuer}/par`),
      await proof(key, 'POST', url, { iat: now() - 600 }),
      await proof(key, 'POST', url, {}, { typ: 'jwt' }),
    ]) {
      expect(await tokenRequest(bad)).toMatchObject({ status: 400, json: { error: 'invalid_dpop_proof' } });
    }
  });

  it('are asked of a client that registered for bound tokens only', async () => {
    const strict = await addClient(server.app, {
      clientId: 'bound-only',
      grantTypes: ['client_credentials'],
      scope: 'system/*.rs',
      metadata: { dpop_bound_access_tokens: true },
    });
    const answer = await post(
      `${server.issuer}/token`,
      { grant_type: 'client_credentials' },
      basic('bound-only', strict),
    );
    expect(answer.json.error).toBe('invalid_grant');
  });

  it('are told of by introspection', async () => {
    const token = await boundToken();
    const { json } = await post(
      `${server.issuer}/introspection`,
      { token },
      basic('own-server', ownServerSecret),
    );
    expect(json).toMatchObject({
      active: true,
      token_type: 'DPoP',
      cnf: { jkt: await calculateJwkThumbprint(key.jwk) },
    });
  });

  describe('by openid-client', () => {
    const flow = async (to: HttpApplication, aud = to.fhirBase) => {
      const configuration = await discover(to.issuer, 'growth-app', undefined, openid.None());
      const handle = openid.getDPoPHandle(configuration, await openid.randomDPoPKeyPair('ES256'));
      const verifier = openid.randomPKCECodeVerifier();
      const state = openid.randomState();
      const address = openid.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: 'openid fhirUser offline_access user/*.rs',
        aud,
        code_challenge: await openid.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        dpop_jkt: await handle.calculateThumbprint(),
        state,
      });
      const browser = new Browser(to.app, to.publicUrl);
      let page = await browser.follow(await browser.get(address.href));
      if (page.body.includes('name="password"')) page = await browser.signIn(page);
      const back = await browser.submit(page, { decision: 'allow' });
      const redirected = new URL(String(back.headers.location));
      const checks = { pkceCodeVerifier: verifier, expectedState: state };
      return { configuration, handle, redirected, checks, code: answerOf(back).get('code') ?? '', verifier };
    };

    it('the code flow ends with bound tokens that work at FHIR, userinfo and on refresh', async () => {
      const { configuration, handle, redirected, checks } = await flow(server);
      const tokens = await openid.authorizationCodeGrant(configuration, redirected, checks, undefined, {
        DPoP: handle,
      });
      expect(tokens.token_type).toBe('dpop');
      const answer = await openid.fetchProtectedResource(
        configuration,
        tokens.access_token,
        new URL(patients()),
        'GET',
        null,
        undefined,
        { DPoP: handle },
      );
      expect(answer.status).toBe(200);
      const identity = await openid.fetchUserInfo(configuration, tokens.access_token, 'alice', {
        DPoP: handle,
      });
      expect(identity.fhirUser).toBe(`${server.fhirBase}/Practitioner/alice`);
      const plain = await fetch(`${server.issuer}/userinfo`, {
        headers: { authorization: `Bearer ${tokens.access_token}` },
      });
      expect(plain.status).toBe(401);
      const refreshed = await openid.refreshTokenGrant(configuration, tokens.refresh_token ?? '', undefined, {
        DPoP: handle,
      });
      expect(refreshed.token_type).toBe('dpop');
      const stranger = openid.getDPoPHandle(configuration, await openid.randomDPoPKeyPair('ES256'));
      await expect(
        openid.refreshTokenGrant(configuration, refreshed.refresh_token ?? '', undefined, { DPoP: stranger }),
      ).rejects.toMatchObject({ error: 'invalid_grant' });
    });

    it('a bound token is none beside Basic either, where tokens stand in a parameter', async () => {
      const base = `${server.publicUrl}/csp/healthshare/fhirserver/fhir/r4`;
      const { configuration, handle, redirected, checks } = await flow(server, base);
      const { access_token: token } = await openid.authorizationCodeGrant(
        configuration,
        redirected,
        checks,
        undefined,
        { DPoP: handle },
      );
      const url = `${base}/Patient`;
      const credentials = Buffer.from(`alice:${password}`).toString('base64');
      const answer = await fetch(`${url}?access_token=${token}`, {
        headers: {
          authorization: `Basic ${credentials}`,
          dpop: await proof(key, 'GET', url, { ath: ath(token) }),
        },
      });
      expect(answer.status).toBe(401);
      const { issue } = (await answer.json()) as { issue: { diagnostics?: string }[] };
      expect(JSON.stringify(issue)).toContain('bound to a key');
    });

    it('a code that was asked for with a key is redeemed with that key only', async () => {
      const { code, verifier } = await flow(server);
      const redeem = async (by?: Holder) =>
        post(
          `${server.issuer}/token`,
          {
            grant_type: 'authorization_code',
            code,
            code_verifier: verifier,
            redirect_uri: redirectUri,
            client_id: 'growth-app',
          },
          by === undefined ? {} : { dpop: await proof(by, 'POST', `${server.issuer}/token`) },
        );
      expect((await redeem()).json.error).toBe('invalid_grant');
      expect((await redeem(await holder())).json.error).toBe('invalid_grant');
    });

    it('nonces are asked for and used where the setting says so', async () => {
      const strict = await startHttp(await database.create(), { dpopNonce: true });
      await addClient(strict.app, publicClient);
      const { configuration, handle, redirected, checks } = await flow(strict);
      const tokens = await openid.authorizationCodeGrant(configuration, redirected, checks, undefined, {
        DPoP: handle,
      });
      const token = tokens.access_token;
      const url = `${strict.fhirBase}/Patient`;
      const answer = await openid.fetchProtectedResource(
        configuration,
        token,
        new URL(url),
        'GET',
        null,
        undefined,
        {
          DPoP: handle,
        },
      );
      expect(answer.status).toBe(200);
      await strict.app.close();
    });
  });

  it('that were used are forgotten when they are too old anyway', async () => {
    const count = async (): Promise<number> => {
      const [row] = await server.app
        .get(Database, { strict: false })
        .query<{ n: number }>('SELECT COUNT(*) AS n FROM dpop_proof WHERE expires_at < ?', [
          Date.now() + 600_000,
        ]);
      return Number(row?.n);
    };
    expect(await count()).toBeGreaterThan(0);
    await server.app.get(ProofPurgeJob, { strict: false }).run(Date.now() + 600_000);
    expect(await count()).toBe(0);
  });
});
