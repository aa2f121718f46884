import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { ClientsService } from '../../../src/clients/index.js';
import { InitialAccessTokensService, KeyRing, TokenIssuer } from '../../../src/oauth2/index.js';
import { databases } from '../../kit/databases.js';
import { addClient, password, publicClient, redirectUri } from './application.js';
import { answerOf, authorizationRequest, basic, Browser } from './browser.js';
import { post, startHttp, type HttpApplication } from './http-application.js';

interface Tokens {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
  readonly expires_in: number;
}

describe.each(databases)('upkeep of sessions, tokens and keys on $name', (database) => {
  let server: HttpApplication;
  let receiver: Server;
  let received: { type: string | undefined; body: string }[] = [];
  const remoteBase = 'https://other.example.net/fhir';

  beforeAll(async () => {
    server = await startHttp(await database.create(), { clientNetworks: ['127.0.0.0/8', '::1/128'] });
    await addClient(server.app, publicClient);
    receiver = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        received.push({ type: request.headers['content-type'], body });
        response.end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    receiver.closeAllConnections();
    receiver.close();
    await server.app.close();
  });

  const newBrowser = (): Browser => new Browser(server.app, server.publicUrl);
  const tokensOf = async (
    clientId = 'growth-app',
    parameters: Record<string, string> = {},
    browser = newBrowser(),
  ): Promise<Tokens> => {
    const { address, verifier } = authorizationRequest({
      client_id: clientId,
      scope: 'openid user/*.rs',
      aud: server.fhirBase,
      ...parameters,
    });
    let page = await browser.follow(
      await browser.get(`${server.publicUrl}${new URL(address).pathname}${new URL(address).search}`),
    );
    if (page.body.includes('name="password"')) page = await browser.signIn(page);
    if (page.body.includes('value="allow"')) page = await browser.submit(page, { decision: 'allow' });
    const { json } = await post(`${server.issuer}/token`, {
      grant_type: 'authorization_code',
      code: answerOf(page).get('code') ?? '',
      code_verifier: verifier,
      redirect_uri: redirectUri,
      client_id: clientId,
    });
    return json as unknown as Tokens;
  };
  const administrator = { authorization: `Basic ${Buffer.from(`root:${password}`).toString('base64')}` };
  const adminToken = async (): Promise<string> => {
    const { accessToken } = await server.app
      .get(TokenIssuer, { strict: false })
      .issue({ username: 'root', audience: `${server.publicUrl}/admin/api/v1`, scope: 'admin' });
    return accessToken;
  };

  describe('back-channel logout', () => {
    it('tells each client of the session, by a logout token that is signed and names the session', async () => {
      const { port } = receiver.address() as AddressInfo;
      await addClient(server.app, {
        ...publicClient,
        clientId: 'told',
        metadata: {
          backchannel_logout_uri: `http://127.0.0.1:${port}/logout`,
          backchannel_logout_session_required: true,
        },
      });
      received = [];
      const browser = newBrowser();
      const { id_token: idToken = '' } = await tokensOf('told', {}, browser);
      await browser.submit(await browser.get('/oauth2/logout'), { logout: 'yes' });
      expect(received).toHaveLength(1);
      expect(received[0]?.type).toMatch(/^application\/x-www-form-urlencoded/);
      const logoutToken = new URLSearchParams(received[0]?.body).get('logout_token') ?? '';
      const { payload, protectedHeader } = await jwtVerify(
        logoutToken,
        createRemoteJWKSet(new URL(`${server.issuer}/jwks`)),
        { issuer: server.issuer, audience: 'told', typ: 'logout+jwt' },
      );
      expect(protectedHeader.alg).toBe('RS256');
      expect(payload).toMatchObject({
        sid: decodeJwt(idToken).sid,
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      });
      expect(payload.nonce).toBeUndefined();
    });

    it('of a client whose address leads inside goes on without it', async () => {
      await addClient(server.app, {
        ...publicClient,
        clientId: 'inside',
        metadata: { backchannel_logout_uri: 'https://169.254.169.254/latest' },
      });
      received = [];
      const browser = newBrowser();
      await tokensOf('inside', {}, browser);
      const done = await browser.submit(await browser.get('/oauth2/logout'), { logout: 'yes' });
      expect(done.body).toContain('You can close this page');
      expect(received).toEqual([]);
    });
  });

  describe('introspection by an access token', () => {
    const introspect = (caller: string, token: string) =>
      post(`${server.issuer}/introspection`, { token }, { authorization: `Bearer ${caller}` });

    it('tells an administrator of every token, opaque and JWT', async () => {
      await addClient(server.app, { clientId: 'remote-server', resource: [remoteBase] });
      const caller = await adminToken();
      const opaque = await tokensOf();
      const jwt = await tokensOf('growth-app', { aud: remoteBase });
      expect(jwt.access_token.split('.')).toHaveLength(3);
      for (const [token, aud] of [
        [opaque.access_token, server.fhirBase],
        [jwt.access_token, remoteBase],
      ] as const) {
        const { status, json, headers } = await introspect(caller, token);
        expect(status).toBe(200);
        expect(headers.get('cache-control')).toBe('no-store');
        expect(json).toMatchObject({
          active: true,
          aud,
          iss: server.issuer,
          sub: 'alice',
          client_id: 'growth-app',
          token_type: 'Bearer',
          fhirUser: `${aud}/Practitioner/alice`,
        });
      }
    });

    it('finds a JWT inactive once it was revoked', async () => {
      const caller = await adminToken();
      const { access_token: token } = await tokensOf('growth-app', { aud: remoteBase });
      expect((await introspect(caller, token)).json.active).toBe(true);
      const revoked = await post(`${server.issuer}/revocation`, { token, client_id: 'growth-app' });
      expect(revoked.status).toBe(200);
      expect((await introspect(caller, token)).json).toEqual({ active: false });
    });

    it('tells a resource server of tokens for its own base URLs only', async () => {
      const secret = await addClient(server.app, {
        clientId: 'asking-server',
        resource: [server.fhirBase],
        grantTypes: ['client_credentials'],
        scope: 'system/Patient.r',
      });
      const { json } = await post(
        `${server.issuer}/token`,
        { grant_type: 'client_credentials' },
        basic('asking-server', secret),
      );
      const caller = json.access_token as string;
      const own = await tokensOf();
      const other = await tokensOf('growth-app', { aud: remoteBase });
      expect((await introspect(caller, own.access_token)).json.active).toBe(true);
      expect((await introspect(caller, other.access_token)).json).toEqual({ active: false });
      expect((await introspect(caller, 'unknown-token-unknown-token')).json).toEqual({ active: false });
    });

    it('is refused to users and applications, and to what is no token', async () => {
      const own = await tokensOf();
      const byUser = await introspect(own.access_token, own.access_token);
      expect(byUser).toMatchObject({ status: 403, json: { error: 'insufficient_scope' } });
      const byNobody = await introspect('unknown-token-unknown-token', own.access_token);
      expect(byNobody).toMatchObject({ status: 401, json: { error: 'invalid_token' } });
      expect(byNobody.headers.get('www-authenticate')).toContain('error="invalid_token"');
      const byIdToken = await introspect(own.id_token ?? '', own.access_token);
      expect(byIdToken.status).toBe(401);
    });
  });

  describe('lifetimes of a client', () => {
    it('shorten its access tokens and bound its refresh tokens', async () => {
      await addClient(server.app, {
        ...publicClient,
        clientId: 'short',
        metadata: { access_token_lifetime: 120, refresh_token_lifetime: 60 },
      });
      const { expires_in: seconds, refresh_token: refreshToken = '' } = await tokensOf('short', {
        scope: 'offline_access user/*.rs',
      });
      expect(seconds).toBe(120);
      const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 90_000);
      const { json } = await post(`${server.issuer}/token`, {
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        client_id: 'short',
      });
      now.mockRestore();
      expect(json.error).toBe('invalid_grant');
    });

    it('and of the endpoint: the shorter one counts, for tokens without a user too', async () => {
      const set = async (accessTokenLifetime: unknown) => {
        const response = await fetch(`${server.publicUrl}/admin/api/v1/endpoints/fhir/r4`, {
          method: 'PATCH',
          headers: { ...administrator, 'content-type': 'application/json', 'if-match': '*' },
          body: JSON.stringify({ accessTokenLifetime }),
        });
        return { status: response.status, body: (await response.json()) as Record<string, unknown> };
      };
      const client = { ...publicClient, grantTypes: ['authorization_code' as const] };
      await addClient(server.app, {
        ...client,
        clientId: 'shorter',
        metadata: { access_token_lifetime: 90 },
      });
      const secret = await addClient(server.app, {
        clientId: 'service-of-lifetimes',
        grantTypes: ['client_credentials'],
        scope: 'system/Patient.r',
      });
      for (const wrong of [59, 3601, 60.5, 'hour', true]) expect((await set(wrong)).status).toBe(400);
      expect(await set(120)).toMatchObject({ status: 200, body: { accessTokenLifetime: 120 } });
      const service = async (): Promise<unknown> => {
        const form = { grant_type: 'client_credentials' };
        const { json } = await post(`${server.issuer}/token`, form, basic('service-of-lifetimes', secret));
        return json.expires_in;
      };
      expect((await tokensOf()).expires_in).toBe(120);
      expect((await tokensOf('shorter')).expires_in).toBe(90);
      expect(await service()).toBe(120);
      const issued = await server.app.get(TokenIssuer, { strict: false }).issue({ username: 'alice' });
      expect(issued.expiresAt).toBeLessThanOrEqual(Date.now() / 1000 + 120);
      expect(await set(null)).toMatchObject({ status: 200, body: { accessTokenLifetime: null } });
      expect((await tokensOf()).expires_in).toBe(3600);
      expect(await service()).toBe(300);
    });

    it('and of a base of a resource server elsewhere: set by the administrator alone', async () => {
      const bases = ['https://rs.example.net/one', 'https://rs.example.net/two'];
      const register = async (token: string, method: string, url: string, more: object) => {
        const response = await fetch(url, {
          method,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ grant_types: [], access_token_format: 'opaque', ...more }),
        });
        return (await response.json()) as Record<string, string>;
      };
      const { token } = await server.app
        .get(InitialAccessTokensService, { strict: false })
        .create({ registers: 'resource-servers', baseUrls: ['https://rs.example.net'] });
      const registered = await register(token, 'POST', `${server.issuer}/register`, {
        resource: bases,
        resource_token_lifetimes: { [bases[0] ?? '']: 3600 },
      });
      expect(registered).not.toHaveProperty('resource_token_lifetimes');
      const { client_id: clientId = '' } = registered;
      const clients = server.app.get(ClientsService, { strict: false });
      const { metadata } = await clients.get(clientId);
      const lifetimes = { [`${bases[0]}/`]: 120, [bases[1] ?? '']: 240 };
      await clients.update(clientId, { metadata: { ...metadata, resource_token_lifetimes: lifetimes } });
      const seconds = async (aud: string): Promise<number> =>
        (await tokensOf('growth-app', { aud })).expires_in;
      expect([await seconds(bases[0] ?? ''), await seconds(bases[1] ?? '')]).toEqual([120, 240]);

      await register(
        registered.registration_access_token ?? '',
        'PUT',
        registered.registration_client_uri ?? '',
        {
          client_id: clientId,
          resource: bases.slice(0, 1),
          resource_token_lifetimes: { [bases[0] ?? '']: 3600 },
        },
      );
      expect(await seconds(bases[0] ?? '')).toBe(120);
      expect((await clients.get(clientId)).metadata.resource_token_lifetimes).toEqual({
        [`${bases[0]}/`]: 120,
      });
      await expect(
        clients.update(clientId, { metadata: { resource_token_lifetimes: { [bases[1] ?? '']: 120 } } }),
      ).rejects.toMatchObject({ code: 'CLIENTS_INVALID' });
    });

    it.each([
      { access_token_lifetime: 86_400 },
      { access_token_lifetime: 'hour' },
      { refresh_token_lifetime: 1 },
    ])('are refused out of bounds: %j', async (metadata) => {
      const clients = server.app.get(ClientsService, { strict: false });
      await expect(clients.update('growth-app', { metadata })).rejects.toMatchObject({
        code: 'CLIENTS_INVALID',
      });
    });

    it('can be set by the management API', async () => {
      const url = `${server.publicUrl}/admin/api/v1/clients`;
      const response = await fetch(url, {
        method: 'POST',
        headers: { ...administrator, 'content-type': 'application/json' },
        body: JSON.stringify({
          clientId: 'by-api',
          tokenEndpointAuthMethod: 'none',
          redirectUris: [redirectUri],
          grantTypes: ['authorization_code'],
          scope: 'openid user/*.rs',
          metadata: { access_token_lifetime: 300, require_pushed_authorization_requests: false },
        }),
      });
      expect(response.status).toBe(201);
      expect((await tokensOf('by-api')).expires_in).toBe(300);
    });
  });

  describe('signing keys', () => {
    const rotate = async (compromised: boolean) => {
      const response = await fetch(`${server.publicUrl}/admin/api/v1/signing-keys/rotate`, {
        method: 'POST',
        headers: { ...administrator, 'content-type': 'application/json' },
        body: JSON.stringify({ compromised }),
      });
      expect(response.status).toBe(200);
      return ((await response.json()) as { items: { kid: string; alg: string; state: string }[] }).items;
    };
    const published = async (): Promise<string[]> => {
      const { keys } = (await (await fetch(`${server.issuer}/jwks`)).json()) as { keys: { kid: string }[] };
      return keys.map(({ kid }) => kid).sort();
    };
    const kidOf = (jwt: string): unknown =>
      (JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString()) as { kid: unknown }).kid;

    it('are published before they sign, and stay while what they signed is good', async () => {
      const before = await tokensOf();
      const keys = await rotate(false);
      expect(keys.filter(({ alg }) => alg === 'RS256').map(({ state }) => state)).toEqual([
        'next',
        'signing',
      ]);
      expect(await published()).toEqual(keys.map(({ kid }) => kid).sort());
      const next = keys.find(({ alg, state }) => alg === 'RS256' && state === 'next')?.kid;
      expect(kidOf((await tokensOf()).id_token ?? '')).toBe(kidOf(before.id_token ?? ''));
      const later = server.app.get(KeyRing, { strict: false }).published(Date.now() + 2 * 3_600_000);
      expect(later.find(({ kid }) => kid === next)?.state).toBe('signing');
    });

    it('are replaced at once where one has leaked', async () => {
      const before = await tokensOf();
      const keys = await rotate(true);
      expect(keys.every(({ state }) => state === 'signing')).toBe(true);
      expect(await published()).not.toContain(kidOf(before.id_token ?? ''));
      const after = await tokensOf();
      expect(await published()).toContain(kidOf(after.id_token ?? ''));
      const jwt = await tokensOf('growth-app', { aud: remoteBase });
      await rotate(true);
      const { json } = await post(
        `${server.issuer}/introspection`,
        { token: jwt.access_token },
        { authorization: `Bearer ${await adminToken()}` },
      );
      expect(json).toEqual({ active: false });
    });

    it('are for administrators', async () => {
      const response = await fetch(`${server.publicUrl}/admin/api/v1/signing-keys`);
      expect(response.status).toBe(401);
    });
  });
});
