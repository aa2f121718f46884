import { randomBytes } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { decodeProtectedHeader } from 'jose';
import { LOCAL_ACCESS_TOKENS, type LocalAccessTokens } from '../../../src/contract/index.js';
import { EndpointsService } from '../../../src/endpoints/index.js';
import { KeyRing } from '../../../src/oauth2/index.js';
import { ArtifactPurgeJob } from '../../../src/oauth2/store/artifact-purge.job.js';
import { Database } from '../../../src/platform/database/index.js';
import { databases } from '../../kit/databases.js';
import { send } from '../../kit/http.js';
import { addClient, addUsers, fhirBase, issuer, publicClient, publicUrl, start } from './application.js';
import { answerOf, authorizationRequest, Browser, postForm, tokensFor } from './browser.js';

/** https://hl7.org/fhir/smart-app-launch/conformance.html#capabilities */
const smartCapabilities = [
  ...['launch-standalone', 'launch-ehr', 'authorize-post', 'sso-openid-connect'],
  ...['client-public', 'client-confidential-symmetric', 'client-confidential-asymmetric'],
  ...['context-banner', 'context-style', 'context-ehr-patient', 'context-ehr-encounter'],
  ...['context-standalone-patient', 'context-standalone-encounter'],
  ...['permission-offline', 'permission-online', 'permission-patient', 'permission-user'],
  ...['permission-v1', 'permission-v2'],
];

describe.each(databases)('authorization server on $name', (database) => {
  const applications: NestFastifyApplication[] = [];

  const run = async (...parameters: Parameters<typeof start>): Promise<NestFastifyApplication> => {
    const app = await start(...parameters);
    applications.push(app);
    return app;
  };
  const localTokens = (app: NestFastifyApplication) =>
    app.get<LocalAccessTokens>(LOCAL_ACCESS_TOKENS, { strict: false });

  afterEach(async () => {
    await Promise.all(applications.splice(0).map((app) => app.close()));
  });

  it('keeps tokens, sessions and keys over a restart', async () => {
    const url = await database.create();
    const secretKey = randomBytes(32).toString('base64');
    const first = await run(url, {}, secretKey);
    await addUsers(first);
    await addClient(first, publicClient);
    const browser = new Browser(first);
    const tokens = await tokensFor(
      first,
      { scope: 'openid offline_access user/*.rs', aud: fhirBase },
      'alice',
      browser,
    );
    await applications.pop()!.close();
    const second = await run(url, {}, secretKey);
    expect(await localTokens(second).verify(tokens.access_token)).toMatchObject({ ok: true });
    const refreshed = await postForm(second, '/oauth2/token', {
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token!,
      client_id: 'growth-app',
    });
    expect(refreshed.statusCode).toBe(200);
    const kids = ((await send(second, { url: '/oauth2/jwks' })).json().keys as { kid: string }[]).map(
      ({ kid }) => kid,
    );
    expect(kids).toContain(decodeProtectedHeader(tokens.id_token!).kid);
    const again = new Browser(second);
    for (const [name, cookie] of browser.cookies) again.cookies.set(name, cookie);
    const page = await again.follow(
      await again.get(authorizationRequest({ scope: 'user/*.rs', aud: fhirBase }).address),
    );
    expect(page.body).toContain('value="allow"');
  });

  it('does not start with another secret key, and says which one it needs', async () => {
    const url = await database.create();
    await run(url);
    await applications.pop()!.close();
    await expect(start(url)).rejects.toMatchObject({
      code: 'CRYPTO_UNREADABLE',
      message: expect.stringContaining('FIREKEEP_SECRET_KEY'),
    });
  });

  it('publishes a new key before it signs, and the old one after', async () => {
    const app = await run(await database.create());
    await addUsers(app);
    await addClient(app, publicClient);
    const keys = app.get(KeyRing, { strict: false });
    const published = async () =>
      ((await send(app, { url: '/oauth2/jwks' })).json().keys as { kid: string; alg: string }[])
        .filter(({ alg }) => alg === 'RS256')
        .map(({ kid }) => kid);
    const signer = async () =>
      decodeProtectedHeader((await tokensFor(app, { scope: 'openid' })).id_token!).kid;
    const [before] = await published();
    await keys.rotate();
    expect(await published()).toHaveLength(2);
    expect(await signer()).toBe(before);
    const hour = 3_600_000;
    const later = keys.current(Date.now() + 2 * hour).signing.find(({ alg }) => alg === 'RS256')?.kid;
    expect(later).not.toBe(before);
    await keys.refresh(Date.now() + 26 * hour);
    expect(await published()).toEqual([later]);
    await keys.rotate({ compromised: true });
    const [replaced, ...others] = await published();
    expect(others).toEqual([]);
    expect(await signer()).toBe(replaced);
  });

  it('replaces keys by age', async () => {
    const app = await run(await database.create());
    const keys = app.get(KeyRing, { strict: false });
    const before = keys.current().signing.length;
    await keys.refresh(Date.now() + 91 * 24 * 3_600_000);
    expect(keys.current().signing.length).toBe(2 * before);
  });

  it('has one set of keys however many processes start at once', async () => {
    if (database.name === 'sqlite') return; // one process by design
    const url = await database.create();
    const secretKey = randomBytes(32).toString('base64');
    await run(url, {}, secretKey);
    await Promise.all([run(url, {}, secretKey), run(url, {}, secretKey)]);
    const sets = await Promise.all(
      applications.map(async (app) => (await send(app, { url: '/oauth2/jwks' })).body),
    );
    expect(new Set(sets).size).toBe(1);
  });

  it('purges what expired, and nothing else', async () => {
    const app = await run(await database.create());
    await addUsers(app);
    await addClient(app, publicClient);
    const tokens = await tokensFor(app, { scope: 'offline_access user/*.rs', aud: fhirBase });
    const job = app.get(ArtifactPurgeJob, { strict: false });
    expect(await job.run()).toBe(0);
    expect(await job.run(Date.now() + 2 * 3_600_000)).toBeGreaterThan(0);
    const refreshed = await postForm(app, '/oauth2/token', {
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token!,
      client_id: 'growth-app',
    });
    expect(refreshed.statusCode).toBe(200);
    expect(await job.run(Date.now() + 400 * 24 * 3_600_000)).toBeGreaterThan(0);
    const [row] = await app
      .get(Database, { strict: false })
      .query<{ rows: number }>('SELECT COUNT(*) AS `rows` FROM oauth2_artifact');
    expect(row?.rows).toBe(0);
  });

  describe('discovery', () => {
    let app: NestFastifyApplication;
    beforeEach(async () => {
      app = await run(await database.create());
    });

    it('is the same by OpenID and by RFC 8414, for any origin', async () => {
      const origin = { origin: 'https://anyone.example.org' };
      const openid = await send(app, { url: '/oauth2/.well-known/openid-configuration', headers: origin });
      const oauth = await send(app, {
        url: '/.well-known/oauth-authorization-server/oauth2',
        headers: origin,
      });
      expect(openid.json()).toEqual(oauth.json());
      for (const { headers } of [openid, oauth]) {
        expect(headers['access-control-allow-origin']).toBe('https://anyone.example.org');
        expect(headers['access-control-allow-credentials']).toBeUndefined();
      }
      expect(openid.json()).toMatchObject({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        registration_endpoint: `${issuer}/register`,
        introspection_endpoint: `${issuer}/introspection`,
        revocation_endpoint: `${issuer}/revocation`,
        userinfo_endpoint: `${issuer}/userinfo`,
        end_session_endpoint: `${issuer}/logout`,
        response_types_supported: ['code'],
        pushed_authorization_request_endpoint: `${issuer}/par`,
        device_authorization_endpoint: `${issuer}/device_authorization`,
        dpop_signing_alg_values_supported: expect.arrayContaining(['ES256']),
        request_parameter_supported: true,
        request_uri_parameter_supported: false,
        backchannel_logout_supported: true,
        grant_types_supported: [
          ...['authorization_code', 'refresh_token', 'client_credentials'],
          'urn:ietf:params:oauth:grant-type:device_code',
        ],
        code_challenge_methods_supported: ['S256'],
        authorization_response_iss_parameter_supported: true,
        prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
      });
      expect(openid.json().capabilities.toSorted()).toEqual(
        smartCapabilities.filter((name) => !name.startsWith('context-standalone')).toSorted(),
      );
    });

    it('names only addresses that answer', async () => {
      const document = (await send(app, { url: '/oauth2/.well-known/openid-configuration' })).json();
      for (const [name, value] of Object.entries(document)) {
        if (!/_(endpoint|uri)$/.test(name) || typeof value !== 'string') continue;
        const { pathname } = new URL(value);
        const answers = await Promise.all(
          (['GET', 'POST'] as const).map((method) => send(app, { method, url: pathname })),
        );
        expect([name, answers.every(({ statusCode }) => statusCode === 404)]).toEqual([name, false]);
      }
    });

    it('gives each endpoint its SMART configuration, as JSON whatever Accept says', async () => {
      for (const path of ['/fhir/r4', '/csp/healthshare/fhirserver/fhir/r4']) {
        const response = await send(app, {
          url: `${path}/.well-known/smart-configuration`,
          headers: { accept: 'application/fhir+xml', origin: 'https://anyone.example.org' },
        });
        expect(response.headers).toMatchObject({
          'content-type': 'application/json; charset=utf-8',
          'access-control-allow-origin': '*',
        });
        const document = response.json();
        expect(document).toMatchObject({ issuer, token_endpoint: `${issuer}/token` });
        expect(document.capabilities.toSorted()).toEqual(smartCapabilities.toSorted());
        expect(document).toMatchObject({
          jwks_uri: `${issuer}/jwks`,
          authorization_endpoint: `${issuer}/authorize`,
          registration_endpoint: `${issuer}/register`,
          introspection_endpoint: `${issuer}/introspection`,
          revocation_endpoint: `${issuer}/revocation`,
          userinfo_endpoint: `${issuer}/userinfo`,
          end_session_endpoint: `${issuer}/logout`,
          management_endpoint: `${issuer}/approvals`,
          authorization_response_iss_parameter_supported: true,
          code_challenge_methods_supported: ['S256'],
          response_types_supported: ['code'],
          grant_types_supported: expect.arrayContaining(['authorization_code', 'client_credentials']),
          token_endpoint_auth_methods_supported: expect.arrayContaining(['private_key_jwt', 'none']),
          token_endpoint_auth_signing_alg_values_supported: expect.arrayContaining(['RS384', 'ES384']),
          scopes_supported: expect.arrayContaining([
            ...['openid', 'fhirUser', 'launch', 'launch/patient', 'launch/encounter'],
            ...['offline_access', 'online_access', 'patient/*.rs', 'user/*.read', 'system/*.cruds'],
          ]),
        });
        expect(document.scopes_supported).not.toContain('admin');
      }
    });

    it('names an issuer only where an app can sign people in for the endpoint', async () => {
      await app
        .get(EndpointsService, { strict: false })
        .create({ path: '/fhir/basic', repository: 'default', checkMode: 'basic' });
      const document = (await send(app, { url: '/fhir/basic/.well-known/smart-configuration' })).json();
      expect(document).not.toHaveProperty('issuer');
      expect(document).toMatchObject({ capabilities: [], token_endpoint: `${issuer}/token` });
    });

    it('describes each endpoint as a protected resource, by how it takes tokens', async () => {
      const read = async (path: string) => send(app, { url: `/.well-known/oauth-protected-resource${path}` });
      expect((await read('/fhir/r4')).json()).toMatchObject({
        resource: fhirBase,
        authorization_servers: [issuer],
        bearer_methods_supported: ['header'],
        dpop_signing_alg_values_supported: expect.arrayContaining(['ES256']),
        dpop_bound_access_tokens_required: false,
      });
      expect((await read('/csp/healthshare/fhirserver/fhir/r4')).json()).toMatchObject({
        bearer_methods_supported: ['body', 'query'],
      });
      expect((await read('/fhir/r4')).json().scopes_supported).toEqual(
        expect.arrayContaining(['patient/*.rs', 'user/*.cruds', 'system/*.read']),
      );
      expect((await read('/nothing')).statusCode).toBe(404);
    });
  });

  it('serves nothing of the authorization server as a resource server', async () => {
    const app = await run(await database.create(), { role: 'resource-server' });
    for (const url of [
      '/oauth2/authorize?client_id=x',
      '/oauth2/jwks',
      '/oauth2/userinfo',
      '/oauth2/.well-known/openid-configuration',
      '/.well-known/oauth-authorization-server/oauth2',
    ]) {
      expect((await send(app, { url })).statusCode).toBe(404);
    }
    expect((await send(app, { method: 'POST', url: '/oauth2/register' })).statusCode).toBe(404);
    expect(() => app.get(LOCAL_ACCESS_TOKENS, { strict: false })).toThrow();
    const [row] = await app
      .get(Database, { strict: false })
      .query<{ rows: number }>('SELECT COUNT(*) AS `rows` FROM oauth2_key');
    expect(row?.rows).toBe(0);
  });

  describe('in a browser', () => {
    let app: NestFastifyApplication;
    let browser: Browser;
    beforeEach(async () => {
      app = await run(await database.create());
      await addUsers(app);
      await addClient(app, publicClient);
      browser = new Browser(app);
    });
    const openLogin = async () =>
      browser.follow(
        await browser.get(authorizationRequest({ scope: 'openid user/*.rs', aud: fhirBase }).address),
      );

    it('can be framed by nobody and runs no script, and its forms lead here and to the client only', async () => {
      const pages = [
        await openLogin(),
        await browser.get('/oauth2/authorize?client_id=nobody'),
        await browser.get('/oauth2/interaction/none'),
      ];
      for (const page of pages) {
        const policy = String(page.headers['content-security-policy']);
        expect(policy).toContain("default-src 'none'");
        expect(policy).toContain("frame-ancestors 'none'");
        expect(policy).not.toContain('script-src');
        expect(policy).not.toContain('unsafe');
        expect(page.headers['x-frame-options']).toBe('DENY');
        expect(page.headers['cache-control']).toContain('no-store');
        expect(page.body).not.toContain('<script');
      }
      expect(pages[0]!.headers['content-security-policy']).toContain("form-action 'self' https:;");
      expect(pages[1]!.headers['content-security-policy']).toContain("form-action 'self';");
    });

    it('escapes what a client or a person wrote', async () => {
      await addClient(app, {
        ...publicClient,
        clientId: 'hostile',
        clientName: '<img src=x onerror=alert(1)>"\'&',
      });
      const login = await browser.follow(
        await browser.get(
          authorizationRequest({ client_id: 'hostile', scope: 'openid', login_hint: '"><script>x</script>' })
            .address,
        ),
      );
      expect(login.body).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;');
      expect(login.body).not.toContain('<img');
      expect(login.body).not.toContain('<script');
    });

    it('says the same for a wrong password and an unknown user, and keeps the name', async () => {
      const page = await openLogin();
      const wrong = await browser.signIn(page, 'alice', 'wrong password');
      const unknown = await browser.signIn(page, 'nobody', 'wrong password');
      for (const response of [wrong, unknown]) {
        expect(response.statusCode).toBe(400);
        expect(response.body).toContain('User name or password is wrong.');
        expect(response.body).toContain('role="alert"');
      }
      expect(wrong.body).toContain('value="alice"');
      const empty = await browser.submit(page, { username: '', password: 'x', decision: 'login' });
      expect(empty.body).toContain('Enter your user name.');
    });

    it('takes no form without its token, from another browser or for another step', async () => {
      const page = await openLogin();
      const action = /action="([^"]*)"/.exec(page.body)![1]!;
      const credentials = { username: 'alice', password: 'x', decision: 'login', step: 'login' };
      expect((await browser.post(action, credentials)).statusCode).toBe(403);
      const csrf = /name="csrf" value="([^"]*)"/.exec(page.body)![1]!;
      expect((await new Browser(app).post(action, { ...credentials, csrf })).statusCode).toBe(400);
      const consent = await browser.post(action, {
        ...credentials,
        csrf,
        step: 'consent',
        decision: 'allow',
      });
      expect(consent.statusCode).toBe(403);
    });

    it('gives the browser a new session id when someone signs in', async () => {
      const first = await browser.signIn(await openLogin());
      const before = browser.cookies.get('__Secure-firekeep_session')?.value;
      const second = await browser.submit(first, { decision: 'allow' });
      expect(answerOf(second).get('code')).toBeTruthy();
      expect(browser.cookies.get('__Secure-firekeep_session')?.value).not.toBe(before);
      expect(browser.cookies.get('__Secure-firekeep_session')?.path).toBe('/oauth2');
    });

    it('keeps cookies from scripts, other sites and plain http', async () => {
      const app = await run(await database.create());
      await addUsers(app);
      await addClient(app, publicClient);
      const { address } = authorizationRequest({ scope: 'user/*.rs', aud: fhirBase });
      const shown = await Promise.all(
        [new URL(address).pathname + new URL(address).search, '/oauth2/device', '/oauth2/approvals'].map(
          async (url) => (await send(app, { url, headers: { accept: 'text/html' } })).headers['set-cookie'],
        ),
      );
      const cookies = shown.flat();
      expect(cookies.length).toBeGreaterThanOrEqual(5);
      for (const cookie of cookies) {
        expect(cookie).toMatch(/^__Secure-firekeep_\w+(\.sig)?=/);
        expect(cookie).toMatch(/; secure(;|$)/i);
        expect(cookie).toMatch(/; httponly(;|$)/i);
        expect(cookie).toMatch(/; samesite=(lax|strict)(;|$)/i);
        expect(cookie).toMatch(/; path=\/oauth2/i);
        expect(cookie).not.toMatch(/; domain=/i);
      }
    });

    it('signs nobody out without the token of its page', async () => {
      await browser.submit(await browser.signIn(await openLogin()), { decision: 'allow' });
      const forged = await browser.post('/oauth2/logout/confirm', { logout: 'yes' });
      expect(forged.statusCode).toBe(400);
      const page = await browser.get('/oauth2/logout');
      expect(page.body).toContain('Sign out?');
      const stays = await browser.submit(page, {});
      expect(stays.statusCode).toBe(200);
      const again = await openLogin();
      expect(again.body).toContain('value="allow"');
      await browser.submit(await browser.get('/oauth2/logout'), { logout: 'yes' });
      expect((await openLogin()).body).toContain('name="password"');
    });

    it('returns to a registered address after signing out, and to no other', async () => {
      await addClient(app, {
        ...publicClient,
        clientId: 'leaving',
        postLogoutRedirectUris: ['https://app.example.com/bye'],
      });
      await browser.submit(await browser.signIn(await openLogin()), { decision: 'allow' });
      const query = (uri: string) =>
        new URLSearchParams({ client_id: 'leaving', post_logout_redirect_uri: uri, state: 's' }).toString();
      const refused = await browser.get(`/oauth2/logout?${query('https://evil.example.org/')}`);
      expect(refused.statusCode).toBe(400);
      const page = await browser.get(`/oauth2/logout?${query('https://app.example.com/bye')}`);
      const response = await browser.submit(page, { logout: 'yes' });
      expect(response.headers.location).toBe('https://app.example.com/bye?state=s');
    });

    it('takes a request to sign out by form, from a page of the client too', async () => {
      await addClient(app, {
        ...publicClient,
        clientId: 'leaving',
        postLogoutRedirectUris: ['https://app.example.com/bye'],
      });
      await browser.submit(await browser.signIn(await openLogin()), { decision: 'allow' });
      const form = {
        client_id: 'leaving',
        post_logout_redirect_uri: 'https://app.example.com/bye',
        state: 's',
      };
      const sent = await postForm(app, '/oauth2/logout', form);
      expect([sent.statusCode, sent.headers['cache-control']]).toEqual([303, 'no-store']);
      const page = await browser.follow(sent);
      const response = await browser.submit(page, { logout: 'yes' });
      expect(response.headers.location).toBe('https://app.example.com/bye?state=s');
      expect((await openLogin()).body).toContain('name="password"');
    });

    it('lets another user take over the browser, and ends the session of the first', async () => {
      await browser.submit(await browser.signIn(await openLogin()), { decision: 'allow' });
      const request = authorizationRequest({ scope: 'user/*.rs', aud: fhirBase, prompt: 'login' });
      const login = await browser.follow(await browser.get(request.address));
      const change = await browser.signIn(login, 'root');
      const policy = String(change.headers['content-security-policy']);
      expect(policy).toMatch(/script-src 'sha256-[^']+'; *form-action 'self' https:/);
      const consent = await browser.submit(change, {});
      expect(consent.body).toContain('<dd>root</dd>');
      expect(answerOf(await browser.submit(consent, { decision: 'allow' })).get('code')).toBeTruthy();
    });

    it('answers by form_post with a page that leads to the client only', async () => {
      const request = authorizationRequest({
        scope: 'user/*.rs',
        aud: fhirBase,
        response_mode: 'form_post',
      });
      const consent = await browser.signIn(await browser.follow(await browser.get(request.address)));
      const page = await browser.submit(consent, { decision: 'allow' });
      expect(page.statusCode).toBe(200);
      expect(page.body).toContain('action="https://app.example.com/callback"');
      expect(page.headers['content-security-policy']).toMatch(/form-action 'self' https:/);
    });

    it('asks to sign in again where the account was disabled meanwhile', async () => {
      await browser.submit(await browser.signIn(await openLogin()), { decision: 'allow' });
      const { UsersService } = await import('../../../src/users/index.js');
      await app.get(UsersService, { strict: false }).disable('alice');
      expect((await openLogin()).body).toContain('name="password"');
    });

    it('opens the token endpoint to scripts of the client’s origin only, without credentials', async () => {
      const post = (origin: string) =>
        postForm(
          app,
          '/oauth2/token',
          { grant_type: 'refresh_token', refresh_token: 'x', client_id: 'growth-app' },
          { origin },
        );
      const own = await post('https://app.example.com');
      expect(own.headers['access-control-allow-origin']).toBe('https://app.example.com');
      const foreign = await post('https://evil.example.org');
      expect(foreign.headers['access-control-allow-origin']).toBeUndefined();
      const preflight = await send(app, {
        method: 'OPTIONS',
        url: '/oauth2/token',
        headers: { origin: 'https://app.example.com', 'access-control-request-method': 'POST' },
      });
      expect(preflight.headers['access-control-allow-origin']).toBe('https://app.example.com');
      for (const { headers } of [own, foreign, preflight]) {
        expect(headers['access-control-allow-credentials']).toBeUndefined();
      }
    });

    it('answers 405 and 404 where it should', async () => {
      const wrongMethod = await send(app, { url: '/oauth2/token' });
      expect([wrongMethod.statusCode, wrongMethod.headers.allow]).toEqual([405, 'POST']);
      for (const url of ['/oauth2/nothing', '/oauth2/AUTHORIZE', '/oauth2/%61uthorize', '/oauth2//jwks']) {
        expect([url, (await send(app, { url })).statusCode]).toEqual([url, 404]);
      }
      expect((await send(app, { url: '/oauth2' })).statusCode).toBe(404);
      expect((await send(app, { url: `${publicUrl}/oauth2/nothing` })).statusCode).toBe(404);
    });
  });
});
