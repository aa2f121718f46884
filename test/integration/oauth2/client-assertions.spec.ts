import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHmac, randomUUID } from 'node:crypto';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import * as openid from 'openid-client';
import { InitialAccessTokensService } from '../../../src/oauth2/index.js';
import { databases } from '../../kit/databases.js';
import { addClient } from './application.js';
import { post, startHttp, type HttpApplication } from './http-application.js';
import { discover } from './relying-party.js';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

interface Pair {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK;
}

async function pair(alg: string, kid: string, more: object = {}): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', ...more } };
}

describe.each(databases)('assertions of clients on $name', (database) => {
  let server: HttpApplication;
  let rsa: Pair;
  let curve: Pair;
  let keys: Server;
  let keySet: { status: number; headers: Record<string, string>; body: unknown };
  let asked = 0;
  const keysUri = (): string => `http://127.0.0.1:${(keys.address() as AddressInfo).port}/jwks`;

  beforeAll(async () => {
    server = await startHttp(await database.create(), { clientNetworks: ['127.0.0.0/8', '::1/128'] });
    rsa = await pair('RS384', 'rsa');
    curve = await pair('ES384', 'curve');
    await addClient(server.app, {
      clientId: 'bulk',
      tokenEndpointAuthMethod: 'private_key_jwt',
      grantTypes: ['client_credentials'],
      scope: 'system/*.rs',
      jwks: { keys: [rsa.jwk, curve.jwk] as never },
    });
    keys = createServer((_request, response) => {
      asked += 1;
      response.writeHead(keySet.status, keySet.headers).end(JSON.stringify(keySet.body));
    });
    await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    keys.closeAllConnections();
    keys.close();
    await server.app.close();
  });

  const now = (): number => Math.floor(Date.now() / 1000);
  const claimsOf = (client: string, more: object = {}) => ({
    iss: client,
    sub: client,
    aud: `${server.issuer}/token`,
    jti: randomUUID(),
    exp: now() + 240,
    ...more,
  });
  const signed = (
    claims: object,
    { privateKey, jwk }: Pair = rsa,
    header: Record<string, unknown> = {},
  ): Promise<string> =>
    new SignJWT({ ...claims })
      .setProtectedHeader({ alg: jwk.kty === 'EC' ? 'ES384' : 'RS384', kid: jwk.kid ?? '', ...header })
      .sign(privateKey);
  const token = (assertion: string, form: Record<string, string> = {}) =>
    post(`${server.issuer}/token`, {
      grant_type: 'client_credentials',
      scope: 'system/Patient.rs',
      client_assertion_type: assertionType,
      client_assertion: assertion,
      ...form,
    });

  it.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384'])(
    'may be signed by %s',
    async (alg) => {
      const own = await pair(alg, 'k');
      const clientId = `client-${alg}`;
      await addClient(server.app, {
        clientId,
        tokenEndpointAuthMethod: 'private_key_jwt',
        grantTypes: ['client_credentials'],
        scope: 'system/*.rs',
        jwks: { keys: [own.jwk] as never },
      });
      const answer = await token(await signed(claimsOf(clientId), own, { alg }));
      expect(answer).toMatchObject({ status: 200, json: { scope: 'system/Patient.rs' } });
    },
  );

  it('give a backend service a token of at most five minutes, and no refresh token', async () => {
    for (const key of [rsa, curve]) {
      const { status, json, headers } = await token(await signed(claimsOf('bulk'), key));
      expect(status).toBe(200);
      expect(json.expires_in).toBeLessThanOrEqual(300);
      expect(json.refresh_token).toBeUndefined();
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('pragma')).toBe('no-cache');
      const patients = await fetch(`${server.fhirBase}/Patient`, {
        headers: { authorization: `Bearer ${String(json.access_token)}` },
      });
      expect(patients.status).toBe(200);
    }
  });

  it('may name the issuer as audience', async () => {
    expect((await token(await signed(claimsOf('bulk', { aud: server.issuer })))).status).toBe(200);
  });

  it('work once, whoever is first', async () => {
    const assertion = await signed(claimsOf('bulk'));
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => token(assertion)));
    expect(outcomes.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(outcomes.filter(({ json }) => json.error === 'invalid_client')).toHaveLength(19);
  });

  it.each<[string, () => Promise<string>]>([
    ['of more than five minutes', () => signed(claimsOf('bulk', { exp: now() + 3600 }))],
    ['without expiry', () => signed(claimsOf('bulk', { exp: undefined }))],
    ['that has expired', () => signed(claimsOf('bulk', { exp: now() - 60 }))],
    ['that is not good yet', () => signed(claimsOf('bulk', { nbf: now() + 120 }))],
    ['without jti', () => signed(claimsOf('bulk', { jti: undefined }))],
    ['for another server', () => signed(claimsOf('bulk', { aud: 'https://other.example.org/token' }))],
    ['for the FHIR endpoint', () => signed(claimsOf('bulk', { aud: server.fhirBase }))],
    ['of another issuer', () => signed(claimsOf('bulk', { iss: 'somebody' }))],
    ['about another client', () => signed(claimsOf('bulk', { sub: 'client-RS256' }))],
    ['of an unknown client', () => signed(claimsOf('nobody'))],
    ['with a key of its own', () => signed(claimsOf('bulk'), rsa, { jwk: rsa.jwk })],
    ['that says where its key is', () => signed(claimsOf('bulk'), rsa, { jku: keysUri() })],
    ['that says where its certificate is', () => signed(claimsOf('bulk'), rsa, { x5u: keysUri() })],
    ['with the id of another key', () => signed(claimsOf('bulk'), rsa, { kid: 'curve' })],
    ['with an unknown key id', () => signed(claimsOf('bulk'), rsa, { kid: 'unknown' })],
    ['signed by somebody else', async () => signed(claimsOf('bulk'), await pair('RS384', 'rsa'))],
    [
      'without a signature',
      () => Promise.resolve(`${encode({ alg: 'none', kid: 'rsa' })}.${encode(claimsOf('bulk'))}.`),
    ],
    [
      'with the public key as a secret',
      async () => {
        const input = `${encode({ alg: 'HS256', kid: 'rsa' })}.${encode(claimsOf('bulk'))}`;
        const secret = await exportSPKI(rsa.publicKey);
        return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
      },
    ],
  ])('%s are refused', async (_name, make) => {
    const { status, json } = await token(await make());
    expect({ status, error: json.error }).toEqual({ status: 401, error: 'invalid_client' });
  });

  it('are refused beside a secret, and where the client has another method', async () => {
    const assertion = await signed(claimsOf('bulk'));
    expect((await token(assertion, { client_secret: 'secret' })).json.error).toBe('invalid_request');
    await addClient(server.app, {
      clientId: 'with-secret',
      grantTypes: ['client_credentials'],
      scope: 'system/*.rs',
      jwks: { keys: [rsa.jwk] as never },
    });
    expect((await token(await signed(claimsOf('with-secret')))).json.error).toBe('invalid_client');
  });

  it('are held to the algorithm that the client registered', async () => {
    await addClient(server.app, {
      clientId: 'strict',
      tokenEndpointAuthMethod: 'private_key_jwt',
      grantTypes: ['client_credentials'],
      scope: 'system/*.rs',
      jwks: { keys: [rsa.jwk, curve.jwk] as never },
      metadata: { token_endpoint_auth_signing_alg: 'RS384' },
    });
    expect((await token(await signed(claimsOf('strict')))).status).toBe(200);
    expect((await token(await signed(claimsOf('strict'), curve))).status).toBe(401);
  });

  describe('with keys at an address', () => {
    let count = 0;
    const clientAt = async (uri: string): Promise<string> => {
      const clientId = `remote-${(count += 1)}`;
      await addClient(server.app, {
        clientId,
        tokenEndpointAuthMethod: 'private_key_jwt',
        grantTypes: ['client_credentials'],
        scope: 'system/*.rs',
        jwksUri: uri,
      });
      return clientId;
    };
    const set = (body: unknown, headers: Record<string, string> = {}, status = 200): void => {
      asked = 0;
      keySet = { status, headers, body };
    };
    let path = 0;
    const address = (): string => `${keysUri()}/${(path += 1)}`;

    it('are verified by them, and the keys are kept as long as they may be', async () => {
      set({ keys: [rsa.jwk] }, { 'cache-control': 'max-age=600' });
      const client = await clientAt(address());
      for (let round = 0; round < 3; round += 1) {
        expect((await token(await signed(claimsOf(client)))).status).toBe(200);
      }
      expect(asked).toBe(1);
    });

    it('find a key that is withdrawn refused at once where nothing may be kept', async () => {
      set({ keys: [rsa.jwk] }, { 'cache-control': 'no-store' });
      const client = await clientAt(address());
      expect((await token(await signed(claimsOf(client)))).status).toBe(200);
      set({ keys: [curve.jwk] }, { 'cache-control': 'no-store' });
      expect((await token(await signed(claimsOf(client)))).status).toBe(401);
      expect((await token(await signed(claimsOf(client), curve))).status).toBe(200);
    });

    it('may repeat the address that is registered, and name no other', async () => {
      set({ keys: [rsa.jwk] });
      const registered = address();
      const client = await clientAt(registered);
      const { status } = await token(await signed(claimsOf(client), rsa, { jku: registered }));
      expect(status).toBe(200);
      for (const jku of [`${registered}/`, registered.toUpperCase(), keysUri(), '', null, [registered]]) {
        const { json } = await token(await signed(claimsOf(client), rsa, { jku }));
        expect([jku, json.error]).toEqual([jku, 'invalid_client']);
      }
      expect(asked).toBeLessThanOrEqual(1);
    });

    it('with unknown key ids do not become a stream of requests', async () => {
      set({ keys: [rsa.jwk] }, { 'cache-control': 'max-age=600' });
      const client = await clientAt(address());
      for (let round = 0; round < 5; round += 1) {
        expect((await token(await signed(claimsOf(client), rsa, { kid: `k${round}` }))).status).toBe(401);
      }
      expect(asked).toBe(1);
    });

    it.each<[string, () => void]>([
      ['two keys of one id', () => set({ keys: [rsa.jwk, { ...curve.jwk, kid: 'rsa' }] })],
      ['a symmetric key', () => set({ keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'rsa' }] })],
      ['something else', () => set(['rsa'])],
      ['an error', () => set({ keys: [rsa.jwk] }, {}, 500)],
      ['a redirect', () => set({}, { location: keysUri() }, 302)],
      ['too much', () => set({ keys: [rsa.jwk], more: 'x'.repeat(70_000) })],
    ])('are refused where it answers with %s', async (_name, prepare) => {
      prepare();
      const client = await clientAt(address());
      expect((await token(await signed(claimsOf(client)))).json.error).toBe('invalid_client');
      expect(asked).toBe(1);
    });
  });

  it('are what openid-client sends, registered dynamically with a key set', async () => {
    const { token: initialAccessToken } = await server.app
      .get(InitialAccessTokensService, { strict: false })
      .create({ scope: 'system/*.rs' });
    const registered = await fetch(`${server.issuer}/register`, {
      method: 'POST',
      headers: { authorization: `Bearer ${initialAccessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        client_name: 'Bulk reader',
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES384',
        grant_types: ['client_credentials'],
        scope: 'system/*.rs',
        jwks: { keys: [curve.jwk] },
      }),
    });
    const metadata = (await registered.json()) as { client_id: string };
    expect(metadata).toMatchObject({ token_endpoint_auth_signing_alg: 'ES384', jwks: { keys: [curve.jwk] } });
    expect(metadata).not.toHaveProperty('client_secret');
    const configuration = await discover(
      server.issuer,
      metadata.client_id,
      undefined,
      openid.PrivateKeyJwt({ key: curve.privateKey, kid: 'curve' }),
    );
    expect(configuration.serverMetadata().token_endpoint_auth_signing_alg_values_supported).toEqual(
      expect.arrayContaining(['RS384', 'ES384', 'RS256', 'ES256', 'PS256']),
    );
    const tokens = await openid.clientCredentialsGrant(configuration, { scope: 'system/Patient.rs' });
    expect(tokens).toMatchObject({ scope: 'system/Patient.rs', token_type: 'bearer' });
  });
});

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
