import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWK } from 'jose';
import * as openid from 'openid-client';
import { databases } from '../../kit/databases.js';
import { addClient, publicClient, redirectUri } from './application.js';
import { basic, Browser } from './browser.js';
import { post, startHttp, type HttpApplication } from './http-application.js';
import { discover } from './relying-party.js';

const now = (): number => Math.floor(Date.now() / 1000);

describe.each(databases)('authorization requests that are pushed or signed on $name', (database) => {
  let server: HttpApplication;
  let secret: string;
  let key: { privateKey: CryptoKey; jwk: JWK };

  beforeAll(async () => {
    server = await startHttp(await database.create());
    const { privateKey, publicKey } = await generateKeyPair('ES384', { extractable: true });
    key = { privateKey, jwk: { ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES384', use: 'sig' } };
    const { app } = server;
    await addClient(app, publicClient);
    secret = await addClient(app, {
      ...publicClient,
      clientId: 'web',
      tokenEndpointAuthMethod: 'client_secret_basic',
    });
    await addClient(app, {
      ...publicClient,
      clientId: 'signer',
      tokenEndpointAuthMethod: 'private_key_jwt',
      jwks: { keys: [key.jwk] as never },
    });
  });

  afterAll(() => server.app.close());

  const verifier = randomBytes(32).toString('base64url');
  const parameters = (more: Record<string, string | undefined> = {}): Record<string, string> => {
    const all: Record<string, string | undefined> = {
      response_type: 'code',
      client_id: 'growth-app',
      redirect_uri: redirectUri,
      scope: 'openid offline_access user/*.rs',
      aud: server.fhirBase,
      state: 'state',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...more,
    };
    const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return Object.fromEntries(given);
  };
  const push = (form: Record<string, string>, headers: Record<string, string> = {}) =>
    post(`${server.issuer}/par`, form, headers);
  /** To the redirect back to the client, or to the page that ends it. */
  const walk = async (address: string, browser = new Browser(server.app, server.publicUrl)) => {
    let page = await browser.follow(await browser.get(address));
    if (page.body.includes('name="password"')) page = await browser.signIn(page);
    if (page.body.includes('value="allow"')) page = await browser.submit(page, { decision: 'allow' });
    const { location } = page.headers;
    return {
      page,
      answer: typeof location === 'string' ? new URL(location).searchParams : new URLSearchParams(),
      redirected: typeof location === 'string' ? new URL(location) : undefined,
    };
  };
  const authorizeAddress = (more: Record<string, string>): string =>
    `${server.issuer}/authorize?${new URLSearchParams(more).toString()}`;
  const redeem = (code: string, client = 'growth-app', headers: Record<string, string> = {}) =>
    post(
      `${server.issuer}/token`,
      {
        grant_type: 'authorization_code',
        code,
        code_verifier: verifier,
        redirect_uri: redirectUri,
        ...(client === 'growth-app' ? { client_id: client } : {}),
      },
      headers,
    );

  describe('by PAR', () => {
    it('go the whole way with openid-client, and the answer names the issuer', async () => {
      const configuration = await discover(server.issuer, 'web', undefined, openid.ClientSecretBasic(secret));
      expect(configuration.serverMetadata()).toMatchObject({
        pushed_authorization_request_endpoint: `${server.issuer}/par`,
        authorization_response_iss_parameter_supported: true,
      });
      const pkceCodeVerifier = openid.randomPKCECodeVerifier();
      const address = await openid.buildAuthorizationUrlWithPAR(configuration, {
        redirect_uri: redirectUri,
        scope: 'openid fhirUser offline_access user/*.rs',
        aud: `${server.fhirBase}/`,
        state: 'abc',
        code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
      });
      expect([...address.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
      const { redirected, answer } = await walk(address.href);
      expect(answer.get('iss')).toBe(server.issuer);
      const tokens = await openid.authorizationCodeGrant(
        configuration,
        redirected ?? new URL('about:blank'),
        {
          pkceCodeVerifier,
          expectedState: 'abc',
        },
      );
      expect(tokens.scope?.split(' ').sort()).toEqual(['fhirUser', 'offline_access', 'openid', 'user/*.rs']);
      expect(tokens.refresh_token).toBeDefined();
    });

    it('are kept for a minute at most, and not cached', async () => {
      const { status, json, headers } = await push(parameters());
      expect(status).toBe(201);
      expect(json.expires_in).toBeLessThanOrEqual(60);
      expect(json.request_uri).toMatch(/^urn:ietf:params:oauth:request_uri:[\w-]{20,}$/);
      expect(headers.get('cache-control')).toBe('no-store');
    });

    it('are good for one answer, whoever is first', async () => {
      const { json } = await push(parameters());
      const address = authorizeAddress({ client_id: 'growth-app', request_uri: String(json.request_uri) });
      const walks = await Promise.all(Array.from({ length: 4 }, () => walk(address)));
      const codes = walks.flatMap(({ answer }) => answer.get('code') ?? []);
      expect(codes).toHaveLength(1);
      expect((await redeem(codes[0] ?? '')).status).toBe(200);
      expect((await walk(address)).answer.get('code')).toBeNull();
    });

    it('of one client are not those of another', async () => {
      const { json } = await push(parameters());
      const address = authorizeAddress({ client_id: 'web', request_uri: String(json.request_uri) });
      expect((await walk(address)).answer.get('code')).toBeNull();
    });

    it.each<[string, Record<string, string | undefined>, string]>([
      ['for another audience', { aud: 'https://other.example.org/fhir' }, 'invalid_target'],
      ['for no audience', { aud: undefined }, 'invalid_target'],
      ['for two audiences', { resource: 'https://other.example.org/fhir' }, 'invalid_target'],
      ['with another redirect', { redirect_uri: 'https://app.example.com/other' }, 'invalid_request'],
      ['without PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
      ['with plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
      ['with a scope too many', { scope: 'system/*.rs' }, 'invalid_scope'],
      [
        'with a reference',
        { request_uri: 'urn:ietf:params:oauth:request_uri:abc' },
        'request_uri_not_supported',
      ],
      ['of an unknown client', { client_id: 'nobody' }, 'invalid_client'],
      ['of a client that does not authenticate', { client_id: 'web' }, 'invalid_client'],
    ])('%s are refused at once', async (_what, more, error) => {
      const { status, json } = await push(parameters(more));
      expect({ status: status >= 400 && status < 500, error: json.error }).toEqual({ status: true, error });
    });

    it('tell the audiences that there are', async () => {
      const { json } = await push(parameters({ aud: 'https://other.example.org/fhir' }));
      expect(json.error_description).toContain(server.fhirBase);
    });

    it('may be asked of a client always', async () => {
      await addClient(server.app, {
        ...publicClient,
        clientId: 'pushing',
        metadata: { require_pushed_authorization_requests: true },
      });
      const plain = await walk(authorizeAddress(parameters({ client_id: 'pushing' })));
      expect(plain.answer.get('error')).toBe('invalid_request');
      const { json } = await push(parameters({ client_id: 'pushing' }));
      const pushed = authorizeAddress({ client_id: 'pushing', request_uri: String(json.request_uri) });
      expect((await walk(pushed)).answer.get('code')).not.toBeNull();
    });
  });

  describe('by JAR', () => {
    const claims = (more: object = {}) => {
      const { aud, ...rest } = parameters({ client_id: 'signer' });
      return { ...rest, resource: aud, iss: 'signer', aud: server.issuer, exp: now() + 300, ...more };
    };
    const signed = (
      payload: object,
      header: Record<string, unknown> = {},
      privateKey = key.privateKey,
    ): Promise<string> =>
      new SignJWT({ ...payload })
        .setProtectedHeader({ alg: 'ES384', kid: 'k', typ: 'oauth-authz-req+jwt', ...header })
        .sign(privateKey);
    const byValue = (request: string, more: Record<string, string> = {}): string =>
      authorizeAddress({ client_id: 'signer', request, ...more });

    it('go the whole way with openid-client', async () => {
      const configuration = await discover(
        server.issuer,
        'signer',
        undefined,
        openid.PrivateKeyJwt({ key: key.privateKey, kid: 'k' }),
      );
      const pkceCodeVerifier = openid.randomPKCECodeVerifier();
      const address = await openid.buildAuthorizationUrlWithJAR(
        configuration,
        {
          redirect_uri: redirectUri,
          scope: 'openid offline_access user/*.rs',
          resource: `${server.fhirBase}/`,
          state: 'abc',
          code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
          code_challenge_method: 'S256',
        },
        { key: key.privateKey, kid: 'k' },
      );
      const { redirected } = await walk(address.href);
      const tokens = await openid.authorizationCodeGrant(
        configuration,
        redirected ?? new URL('about:blank'),
        {
          pkceCodeVerifier,
          expectedState: 'abc',
        },
      );
      expect(tokens.scope?.split(' ').sort()).toEqual(['offline_access', 'openid', 'user/*.rs']);
      const patients = await fetch(`${server.fhirBase}/Patient`, {
        headers: { authorization: `Bearer ${tokens.access_token}` },
      });
      expect(patients.status).toBe(200);
    });

    it('count by what is signed alone', async () => {
      const request = await signed(claims({ scope: 'openid', state: 'inside' }));
      const { answer } = await walk(byValue(request, { scope: 'user/*.cruds', state: 'outside' }));
      expect(answer.get('state')).toBe('inside');
      const assertion = await new SignJWT({ jti: randomBytes(8).toString('hex') })
        .setProtectedHeader({ alg: 'ES384', kid: 'k' })
        .setIssuer('signer')
        .setSubject('signer')
        .setAudience(server.issuer)
        .setExpirationTime('2m')
        .sign(key.privateKey);
      const { json } = await post(`${server.issuer}/token`, {
        grant_type: 'authorization_code',
        code: answer.get('code') ?? '',
        code_verifier: verifier,
        redirect_uri: redirectUri,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      });
      expect(json.scope).toBe('openid');
    });

    it.each<[string, () => Promise<string>]>([
      ['without a signature', () => Promise.resolve(new UnsecuredJWT(claims()).encode())],
      ['by another key', async () => signed(claims(), {}, (await generateKeyPair('ES384')).privateKey)],
      ['for another server', () => signed(claims({ aud: 'https://other.example.org' }))],
      ['by another issuer', () => signed(claims({ iss: 'growth-app' }))],
      ['for another client', () => signed(claims({ client_id: 'growth-app' }))],
      ['without end', () => signed(claims({ exp: undefined }))],
      ['for an hour', () => signed(claims({ exp: now() + 3600 }))],
      ['that is over', () => signed(claims({ exp: now() - 60 }))],
      ['with a key of their own', () => signed(claims(), { jwk: key.jwk })],
      ['with an address of a key', () => signed(claims(), { jku: 'https://evil.example.org/jwks' })],
      ['that would pass for an assertion', () => signed(claims({ sub: 'signer' }))],
      ['that hold another one', async () => signed(claims({ request: await signed(claims()) }))],
      ['that are no JWT', () => Promise.resolve('request')],
    ])('%s are refused', async (_what, make) => {
      const { answer } = await walk(byValue(await make()));
      expect(answer.get('code')).toBeNull();
    });

    it('are no assertion of the client', async () => {
      const request = await signed(claims({ sub: 'signer', jti: 'one', aud: `${server.issuer}/token` }));
      const { json } = await post(`${server.issuer}/token`, {
        grant_type: 'authorization_code',
        code: 'code',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: request,
      });
      expect(json.error).toBe('invalid_client');
    });

    it('are fetched from nowhere', async () => {
      let asked = 0;
      const elsewhere = createServer((_request, response) => {
        asked += 1;
        response.end();
      });
      await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
      const { port } = elsewhere.address() as AddressInfo;
      const { page, answer } = await walk(
        authorizeAddress({
          ...parameters({ client_id: 'signer' }),
          request_uri: `http://127.0.0.1:${port}/r`,
        }),
      );
      expect(answer.get('error') ?? page.body).toContain('request_uri_not_supported');
      expect(asked).toBe(0);
      elsewhere.close();
    });

    it('may be pushed, and asked of a client always', async () => {
      await addClient(server.app, {
        ...publicClient,
        clientId: 'signing',
        jwks: { keys: [key.jwk] as never },
        metadata: { require_signed_request_object: true },
      });
      const own = { client_id: 'signing', iss: 'signing' };
      const plain = await push(parameters({ client_id: 'signing' }));
      expect(plain.json.error).toBe('invalid_request');
      const { status, json } = await push({ client_id: 'signing', request: await signed(claims(own)) });
      expect(status).toBe(201);
      const address = authorizeAddress({ client_id: 'signing', request_uri: String(json.request_uri) });
      expect((await walk(address)).answer.get('code')).not.toBeNull();
      const forged = await signed(claims(own), {}, (await generateKeyPair('ES384')).privateKey);
      expect((await push({ client_id: 'signing', request: forged })).json.error).toBe(
        'invalid_request_object',
      );
    });
  });

  describe('with resource indicators', () => {
    it('take resource beside an equal aud, and no other one at the token endpoint', async () => {
      const { answer } = await walk(authorizeAddress(parameters({ resource: `${server.fhirBase}/` })));
      const code = answer.get('code') ?? '';
      const other = await post(`${server.issuer}/token`, {
        grant_type: 'authorization_code',
        code,
        code_verifier: verifier,
        redirect_uri: redirectUri,
        client_id: 'growth-app',
        resource: `${server.publicUrl}/csp/healthshare/fhirserver/fhir/r4`,
      });
      expect(other.json.error).toBe('invalid_target');
    });

    it('are refused where aud and resource differ', async () => {
      const { answer } = await walk(
        authorizeAddress(parameters({ resource: `${server.publicUrl}/csp/healthshare/fhirserver/fhir/r4` })),
      );
      expect(answer.get('error')).toBe('invalid_target');
      expect(answer.get('iss')).toBe(server.issuer);
    });
  });

  it('end with a code that 50 parallel redemptions get one answer for, and the grant ends', async () => {
    const { json: pushed } = await push(parameters({ client_id: 'web' }), basic('web', secret));
    const address = authorizeAddress({ client_id: 'web', request_uri: String(pushed.request_uri) });
    const code = (await walk(address)).answer.get('code') ?? '';
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => redeem(code, 'web', basic('web', secret))),
    );
    const won = outcomes.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    const json = won[0]?.json ?? {};
    const patients = await fetch(`${server.fhirBase}/Patient`, {
      headers: { authorization: `Bearer ${String(json.access_token)}` },
    });
    expect(patients.status).toBe(401);
  });
});
