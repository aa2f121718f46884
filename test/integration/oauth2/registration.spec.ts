import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ClientsService } from '../../../src/clients/index.js';
import { InitialAccessTokensService } from '../../../src/oauth2/index.js';
import type { SettingValues } from '../../../src/platform/config/index.js';
import { Database } from '../../../src/platform/database/index.js';
import { databases } from '../../kit/databases.js';
import { send as sendTo } from '../../kit/http.js';
import { addUsers, fhirBase, issuer, publicUrl, redirectUri, start } from './application.js';
import { authorizationRequest, basic, Browser, postForm, tokensFor } from './browser.js';

describe.each(databases)('dynamic registration on $name', (database) => {
  let app: NestFastifyApplication;
  let initialAccessTokens: InitialAccessTokensService;

  const open = async (
    registration: SettingValues['registration'],
    more: Partial<SettingValues> = {},
  ): Promise<void> => {
    app = await start(await database.create(), { registration, ...more });
    initialAccessTokens = app.get(InitialAccessTokensService, { strict: false });
    await addUsers(app);
  };
  const send = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, token?: string, body?: unknown) =>
    sendTo(app, {
      method,
      url: url.replace(publicUrl, ''),
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
  const register = (body: unknown, token?: string) => send('POST', '/oauth2/register', token, body);
  const webApp = { client_name: 'Web app', redirect_uris: [redirectUri], scope: 'openid user/*.rs' };

  describe('with initial access tokens', () => {
    let token: string;

    beforeAll(async () => {
      await open('initial-access-token');
      ({ token } = await initialAccessTokens.create({ description: 'tests' }));
    });
    afterAll(() => app.close());

    it('refuses to register without one, or with one that is unknown, revoked or used up', async () => {
      const revoked = await initialAccessTokens.create();
      await initialAccessTokens.revoke(revoked.id);
      const once = await initialAccessTokens.create({ uses: 1 });
      expect((await register(webApp, once.token)).statusCode).toBe(201);
      for (const given of [undefined, 'unknown', revoked.token, once.token]) {
        const response = await register(webApp, given);
        expect(response.statusCode).toBe(401);
        const challenge = given === undefined ? 'Bearer realm="Firekeep"' : 'error="invalid_token"';
        expect(response.headers['www-authenticate']).toContain(challenge);
      }
    });

    it('lets a token with n uses register n clients, whoever comes at the same time', async () => {
      const limited = await initialAccessTokens.create({ uses: 3 });
      const responses = await Promise.all(Array.from({ length: 8 }, () => register(webApp, limited.token)));
      expect(responses.filter(({ statusCode }) => statusCode === 201)).toHaveLength(3);
    });

    it('gives id, secret and access to the registration, and stores the secrets hashed', async () => {
      const response = await register(webApp, token);
      expect(response.headers).toMatchObject({ 'cache-control': 'no-store' });
      const client = response.json();
      expect(client).toMatchObject({
        client_name: 'Web app',
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'client_secret_basic',
        grant_types: ['authorization_code'],
        response_types: ['code'],
        scope: 'openid user/*.rs',
        client_secret_expires_at: 0,
        registration_client_uri: `${issuer}/register/${client.client_id}`,
      });
      const database = app.get(Database, { strict: false });
      const rows = [
        ...(await database.query('SELECT * FROM oauth2_registration')),
        ...(await database.query('SELECT * FROM oauth_client')),
        ...(await database.query('SELECT * FROM oauth2_initial_access_token')),
      ];
      for (const secret of [client.client_secret, client.registration_access_token, token]) {
        expect(JSON.stringify(rows)).not.toContain(secret);
      }
    });

    it('shows on the consent page that nobody has verified the client', async () => {
      const client = (await register({ ...webApp, token_endpoint_auth_method: 'none' }, token)).json();
      const browser = new Browser(app);
      const request = authorizationRequest({
        client_id: client.client_id,
        scope: 'user/*.rs',
        aud: fhirBase,
      });
      const login = await browser.follow(await browser.get(request.address));
      expect(login.body).toContain('(unverified)');
      expect((await browser.signIn(login)).body).toContain('This application registered itself');
      const tokens = await tokensFor(app, { client_id: client.client_id, scope: 'user/*.rs', aud: fhirBase });
      expect(tokens.scope).toBe('user/*.rs');
    });

    it('registers a resource server by its base URLs', async () => {
      const base = 'https://rs.example.net/fhir/r4/';
      const { token: forServers } = await initialAccessTokens.create({
        registers: 'resource-servers',
        baseUrls: ['https://rs.example.net/'],
      });
      const client = (await register({ client_name: 'RS', resource: [base] }, forServers)).json();
      expect(client).toMatchObject({ resource: [base.slice(0, -1)], grant_types: [], response_types: [] });
      const answer = await postForm(
        app,
        '/oauth2/introspection',
        { token: 'nothing' },
        basic(client.client_id, client.client_secret),
      );
      expect(answer.json()).toEqual({ active: false });
    });

    it.each([
      ['invalid_redirect_uri', { redirect_uris: ['javascript:alert(1)'] }],
      ['invalid_redirect_uri', { redirect_uris: ['http://app.example.com/callback'] }],
      ['invalid_redirect_uri', { redirect_uris: ['https://app.example.com/callback#x'] }],
      ['invalid_redirect_uri', { redirect_uris: [] }],
      ['invalid_redirect_uri', { redirect_uris: 'https://app.example.com' }],
      ['invalid_client_metadata', { scope: 'system/*.rs' }],
      ['invalid_client_metadata', { scope: 'admin' }],
      ['invalid_client_metadata', { scope: 'nonsense' }],
      ['invalid_client_metadata', { grant_types: ['implicit'] }],
      ['invalid_client_metadata', { response_types: ['token'] }],
      ['invalid_client_metadata', { token_endpoint_auth_method: 'client_secret_jwt' }],
      ['invalid_client_metadata', { jwks_uri: 'https://127.0.0.1/jwks' }],
      ['invalid_client_metadata', { jwks_uri: 'https://[::ffff:10.0.0.1]/jwks' }],
      ['invalid_client_metadata', { jwks_uri: 'https://localhost/jwks' }],
      ['invalid_client_metadata', { jwks_uri: 'http://keys.example.com/jwks' }],
      ['invalid_client_metadata', { jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } }],
      ['invalid_client_metadata', { client_name: 'x'.repeat(300) }],
      ...[
        '\u202e',
        '\u200b',
        '\u00ad',
        '\u2060',
        '\ufeff',
        '\u3164',
        '\u2028',
        '\u{e0041}',
        '\ud800',
        '\x1b[2J',
      ].map((hidden): [string, object] => ['invalid_client_metadata', { client_name: `Fire${hidden}keep` }]),
      ['invalid_request', JSON.parse('{ "__proto__": { "firstParty": true } }') as object],
      ['invalid_request', { jwks: JSON.parse('{ "__proto__": {} }') as object }],
      ['invalid_client_metadata', { id_token_signed_response_alg: 'none' }],
    ])('answers %s for %j', async (error, metadata) => {
      const response = await register({ ...webApp, ...metadata }, token);
      expect(response.statusCode).toBe(400);
      expect(response.json()).toMatchObject({ error, error_description: expect.any(String) });
    });

    it('allows system scopes as far as the initial access token does', async () => {
      const bound = await initialAccessTokens.create({ scope: 'system/Observation.rs' });
      const backend = { client_name: 'Backend', grant_types: ['client_credentials'] };
      const good = await register({ ...backend, scope: 'system/Observation.rs' }, bound.token);
      expect(good.statusCode).toBe(201);
      const wider = await register({ ...backend, scope: 'system/*.rs' }, bound.token);
      expect(wider.json().error).toBe('invalid_client_metadata');
      const client = good.json();
      const later = await send('PUT', client.registration_client_uri, client.registration_access_token, {
        client_id: client.client_id,
        ...backend,
        scope: 'system/*.rs',
      });
      expect(later.json().error).toBe('invalid_client_metadata');
    });

    it('refuses a body that is no JSON object, too large or of another type', async () => {
      const post = (payload: string, type = 'application/json') =>
        sendTo(app, {
          method: 'POST',
          url: '/oauth2/register',
          headers: { authorization: `Bearer ${token}`, 'content-type': type },
          payload,
        });
      expect((await post('{')).statusCode).toBe(400);
      expect((await post('[]')).statusCode).toBe(400);
      expect((await post('{}', 'text/plain')).statusCode).toBe(415);
      expect((await post(`{"x":"${'x'.repeat(70_000)}"}`)).statusCode).toBe(413);
    });

    it('lets the client read, change and remove its registration, with a new token after each change', async () => {
      const client = (await register(webApp, token)).json();
      const address = client.registration_client_uri;
      const read = await send('GET', address, client.registration_access_token);
      expect(read.json()).toMatchObject({ client_id: client.client_id, client_name: 'Web app' });
      expect(read.json().client_secret).toBeUndefined();
      const changed = await send('PUT', address, client.registration_access_token, {
        ...webApp,
        client_id: client.client_id,
        client_secret: client.client_secret,
        client_name: 'New name',
      });
      expect(changed.statusCode).toBe(200);
      expect(changed.json().client_name).toBe('New name');
      expect((await send('GET', address, client.registration_access_token)).statusCode).toBe(401);
      const next = changed.json().registration_access_token;
      expect((await send('DELETE', address, next)).statusCode).toBe(204);
      expect((await send('GET', address, next)).statusCode).toBe(401);
      expect(await app.get(ClientsService, { strict: false }).find(client.client_id)).toBeUndefined();
    });

    it('refuses management without the token, with that of another client, and changes of what is not the client’s', async () => {
      const one = (await register(webApp, token)).json();
      const two = (await register(webApp, token)).json();
      const put = (body: object) =>
        send('PUT', one.registration_client_uri, one.registration_access_token, body);
      const bare = await send('GET', one.registration_client_uri);
      expect([bare.statusCode, bare.headers['www-authenticate']]).toEqual([401, 'Bearer realm="Firekeep"']);
      expect((await send('GET', one.registration_client_uri, two.registration_access_token)).statusCode).toBe(
        401,
      );
      const own = { ...webApp, client_id: one.client_id };
      expect((await put({ ...own, client_id: two.client_id })).statusCode).toBe(400);
      expect((await put({ ...own, client_secret: 'wrong' })).statusCode).toBe(400);
      expect((await put({ ...own, registration_access_token: 'x' })).statusCode).toBe(400);
      expect((await put({ ...own, resource: ['https://rs.example.net'] })).statusCode).toBe(400);
    });
  });

  describe('when it is open', () => {
    beforeAll(() => open('open'));
    afterAll(() => app.close());

    it('registers apps without a token, but no resource server and no system scopes', async () => {
      expect((await register(webApp)).statusCode).toBe(201);
      const resource = await register({ client_name: 'RS', resource: ['https://rs.example.net'] });
      expect(resource.json().error).toBe('invalid_client_metadata');
      const backend = await register({ grant_types: ['client_credentials'], scope: 'system/*.rs' });
      expect(backend.json().error).toBe('invalid_client_metadata');
      const client = (await register(webApp)).json();
      const later = await send('PUT', client.registration_client_uri, client.registration_access_token, {
        client_id: client.client_id,
        resource: ['https://rs.example.net'],
      });
      expect(later.statusCode).toBe(400);
    });

    it('bounds how many one address registers', async () => {
      let last = 201;
      for (let count = 0; count < 30 && last !== 429; count += 1) last = (await register(webApp)).statusCode;
      expect(last).toBe(429);
    });
  });

  describe('with a policy', () => {
    beforeAll(() =>
      open('open', {
        registrationScopes: 'openid user/Patient.rs system/*.rs',
        registrationRedirects: ['*.example.com', 'loopback'],
      }),
    );
    afterAll(() => app.close());

    it('bounds what is registered without a bound of its own, then and later', async () => {
      const within = { ...webApp, scope: 'openid user/Patient.r' };
      const client = (await register(within)).json();
      expect(client.client_id).toBeDefined();
      expect((await register(webApp)).json().error).toBe('invalid_client_metadata');
      const backend = { grant_types: ['client_credentials'], scope: 'system/Patient.rs' };
      expect((await register(backend)).json().error).toBe('invalid_client_metadata');
      const { token } = await initialAccessTokens.create();
      expect((await register(backend, token)).statusCode).toBe(201);
      const wider = await send('PUT', client.registration_client_uri, client.registration_access_token, {
        ...webApp,
        client_id: client.client_id,
      });
      expect(wider.json().error).toBe('invalid_client_metadata');
    });

    it('bounds where redirects lead', async () => {
      const at = (uri: string) => register({ scope: 'openid', redirect_uris: [uri] });
      expect((await at('http://localhost:9000/callback')).statusCode).toBe(201);
      for (const uri of [
        'https://example.com/cb',
        'https://example.com.evil.org/cb',
        'org.example.app:/cb',
      ]) {
        expect((await at(uri)).json().error).toBe('invalid_redirect_uri');
      }
      const logout = await register({
        scope: 'openid',
        redirect_uris: [redirectUri],
        post_logout_redirect_uris: ['https://evil.org/'],
      });
      expect(logout.json().error).toBe('invalid_client_metadata');
    });
  });

  describe('when it is off', () => {
    beforeAll(() => open('off'));
    afterAll(() => app.close());

    it('answers 403 and is not in the metadata', async () => {
      const { token } = await initialAccessTokens.create();
      expect((await register(webApp, token)).statusCode).toBe(403);
      const metadata = (await sendTo(app, { url: '/oauth2/.well-known/openid-configuration' })).json();
      expect(metadata.registration_endpoint).toBeUndefined();
    });
  });
});
