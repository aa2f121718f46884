import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { LOCAL_ACCESS_TOKENS, type LocalAccessTokens } from '../../../src/contract/index.js';
import { ClientsService } from '../../../src/clients/index.js';
import { databases } from '../../kit/databases.js';
import { send } from '../../kit/http.js';
import {
  addClient,
  addUsers,
  adminBase,
  fhirBase,
  issuer,
  publicClient,
  publicUrl,
  redirectUri,
  start,
} from './application.js';
import { answerOf, authorizationRequest, Browser, codeFor, postForm, tokensFor } from './browser.js';

describe.each(databases)('authorization code flow on $name', (database) => {
  let app: NestFastifyApplication;
  let local: LocalAccessTokens;

  beforeAll(async () => {
    app = await start(await database.create());
    local = app.get<LocalAccessTokens>(LOCAL_ACCESS_TOKENS, { strict: false });
    await addUsers(app);
    await addClient(app, publicClient);
    await addClient(app, {
      ...publicClient,
      clientId: 'console',
      clientName: 'Console',
      firstParty: true,
      scope: 'openid admin user/*.rs',
    });
    await addClient(app, {
      ...publicClient,
      clientId: 'installed-app',
      clientName: 'Installed',
      redirectUris: ['http://127.0.0.1/callback', 'com.example.app:/callback'],
      scope: 'openid user/*.rs',
    });
    await addClient(app, {
      clientId: 'old-web-app',
      clientName: 'Old web app',
      redirectUris: [redirectUri],
      grantTypes: ['authorization_code'],
      pkceRequired: false,
      clientSecret: 'a secret that a person chose',
      scope: 'openid user/*.rs',
    });
  });

  afterAll(() => app.close());

  const start303 = async (parameters: Record<string, string | undefined>): Promise<URLSearchParams> => {
    const response = await new Browser(app).get(authorizationRequest(parameters).address);
    return answerOf(response);
  };

  const exchange = (code: string, verifier: string, more: Record<string, string> = {}) =>
    postForm(app, '/oauth2/token', {
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: redirectUri,
      client_id: 'growth-app',
      ...more,
    });

  it('gives a token for the requested audience and keeps identity scopes beside those of the resource', async () => {
    const tokens = await tokensFor(app, { scope: 'openid fhirUser offline_access user/*.rs', aud: fhirBase });
    expect(tokens.token_type).toBe('Bearer');
    expect(tokens.expires_in).toBeLessThanOrEqual(3600);
    expect(tokens.refresh_token).toBeDefined();
    expect(tokens.scope.split(' ').sort()).toEqual(['fhirUser', 'offline_access', 'openid', 'user/*.rs']);
    expect(await local.verify(tokens.access_token)).toMatchObject({
      ok: true,
      claims: {
        issuer,
        subject: 'alice',
        clientId: 'growth-app',
        isUserToken: true,
        audience: [fhirBase],
        fhirUser: `${fhirBase}/Practitioner/alice`,
        patient: null,
      },
    });
  });

  it('signs the id_token by RS256 and names the user below the audience of the access token', async () => {
    const tokens = await tokensFor(app, { scope: 'openid fhirUser user/*.rs', aud: fhirBase, nonce: 'n-1' });
    expect(decodeProtectedHeader(tokens.id_token!)).toMatchObject({ alg: 'RS256' });
    expect(decodeJwt(tokens.id_token!)).toMatchObject({
      iss: issuer,
      aud: 'growth-app',
      sub: 'alice',
      nonce: 'n-1',
      fhirUser: `${fhirBase}/Practitioner/alice`,
    });
  });

  it('answers at the token endpoint without caching, for HTTP/1.0 too', async () => {
    const { code, verifier } = await codeFor(app, { scope: 'user/*.rs', aud: fhirBase });
    const response = await exchange(code, verifier);
    expect(response.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
  });

  it('says who it is in the answer of the authorization endpoint', async () => {
    const answer = await start303({ scope: 'openid', prompt: 'none' });
    expect(Object.fromEntries(answer)).toMatchObject({ error: 'login_required', iss: issuer });
  });

  it('reads resource for aud, and makes no difference of a slash at the end', async () => {
    for (const parameters of [
      { resource: fhirBase },
      { aud: `${fhirBase}/` },
      { aud: fhirBase, resource: `${fhirBase}/` },
    ]) {
      const tokens = await tokensFor(app, { scope: 'user/*.rs', ...parameters });
      expect(await local.verify(tokens.access_token)).toMatchObject({ claims: { audience: [fhirBase] } });
    }
  });

  it.each([
    ['unknown', { aud: 'https://elsewhere.example.org/fhir' }],
    ['missing', {}],
    ['several', { aud: fhirBase, resource: `${publicUrl}/csp/healthshare/fhirserver/fhir/r4` }],
  ])('refuses FHIR scopes with an %s audience before anyone signs in', async (_name, parameters) => {
    const answer = await start303({ scope: 'user/*.rs', ...parameters });
    expect(answer.get('error')).toBe('invalid_target');
  });

  it('names the valid audiences where it refuses one', async () => {
    const answer = await start303({ scope: 'user/*.rs', aud: 'https://elsewhere.example.org/fhir' });
    expect(answer.get('error_description')).toContain(fhirBase);
  });

  it('needs no audience for openid alone, and gives a token that is only good for userinfo', async () => {
    const tokens = await tokensFor(app, { scope: 'openid fhirUser' });
    expect(await local.verify(tokens.access_token)).toMatchObject({ ok: true, claims: { audience: [] } });
    const userinfo = await send(app, {
      url: '/oauth2/userinfo',
      headers: { authorization: `Bearer ${tokens.access_token}` },
    });
    expect(userinfo.json()).toEqual({ sub: 'alice', fhirUser: `${fhirBase}/Practitioner/alice` });
  });

  it('takes tokens of a FHIR endpoint at userinfo, where openid was granted', async () => {
    const userinfo = async (scope: string) => {
      const tokens = await tokensFor(app, { scope, aud: fhirBase });
      return send(app, {
        url: '/oauth2/userinfo',
        headers: { authorization: `Bearer ${tokens.access_token}` },
      });
    };
    expect((await userinfo('openid user/*.rs')).json()).toEqual({ sub: 'alice' });
    const refused = await userinfo('user/*.rs');
    expect(refused.statusCode).toBe(403);
    expect(refused.headers['www-authenticate']).toContain('insufficient_scope');
  });

  it('asks userinfo for a token by challenge, and ignores one in the URL', async () => {
    const tokens = await tokensFor(app, { scope: 'openid' });
    const bare = await send(app, { url: `/oauth2/userinfo?access_token=${tokens.access_token}` });
    expect(bare.statusCode).toBe(401);
    expect(bare.headers['www-authenticate']).toMatch(
      /^Bearer realm="[^"]*", DPoP realm="[^"]*", algs="[^"]*"$/,
    );
  });

  it.each([
    ['openid nonsense', 'unknown scope nonsense'],
    ['user/Patient.x', 'unknown scope user/Patient.x'],
    ['user/Patient.sr', 'unknown scope'],
    ['system/*.rs', 'without a user'],
    ['patient/*.cruds', 'not within the scopes'],
    ['admin', 'belong to this server'],
  ])('refuses the scope %s', async (scope, reason) => {
    const answer = await start303({ scope, aud: fhirBase });
    expect(answer.get('error')).toBe('invalid_scope');
    expect(answer.get('error_description')).toContain(reason);
  });

  it('needs PKCE by S256, save for a confidential client that is exempted', async () => {
    const base = { scope: 'user/*.rs', aud: fhirBase, code_challenge: undefined };
    const none = { ...base, code_challenge_method: undefined };
    expect((await start303(none)).get('error')).toBe('invalid_request');
    const plain = { scope: 'user/*.rs', aud: fhirBase, code_challenge_method: 'plain' };
    expect((await start303(plain)).get('error')).toBe('invalid_request');
    const exempted = await new Browser(app).get(
      authorizationRequest({ ...none, client_id: 'old-web-app' }).address,
    );
    expect(exempted.headers.location).toContain(`${issuer}/interaction/`);
  });

  it.each([
    ['another path', `${redirectUri}/more`],
    ['a query', `${redirectUri}?x=1`],
    ['a slash at the end', `${redirectUri}/`],
    ['another case', redirectUri.replace('callback', 'Callback')],
    ['an encoded dot', redirectUri.replace('app.', 'app%2e')],
    ['a user', redirectUri.replace('://', '://evil@')],
    ['a subdomain', redirectUri.replace('app.', 'x.app.')],
    ['a fragment', `${redirectUri}#x`],
    ['http', redirectUri.replace('https', 'http')],
    ['a port', redirectUri.replace('.com', '.com:8443')],
  ])('stays on its own page where the redirect URI has %s', async (_name, uri) => {
    const response = await new Browser(app).get(
      authorizationRequest({ scope: 'openid', redirect_uri: uri }).address,
    );
    expect(response.statusCode).toBe(400);
    expect(response.headers.location).toBeUndefined();
    expect(response.body).toContain('invalid_redirect_uri');
  });

  it('lets an installed application redirect to any port of the loopback address', async () => {
    const page = async (uri: string) =>
      new Browser(app).get(
        authorizationRequest({
          client_id: 'installed-app',
          scope: 'user/*.rs',
          aud: fhirBase,
          redirect_uri: uri,
        }).address,
      );
    expect((await page('http://127.0.0.1:51234/callback')).statusCode).toBe(303);
    expect((await page('com.example.app:/callback')).statusCode).toBe(303);
    expect((await page('http://127.0.0.1:51234/other')).statusCode).toBe(400);
    expect((await page('http://localhost:51234/callback')).statusCode).toBe(400);
  });

  it('shows a page for an unknown client and for a disabled one', async () => {
    await addClient(app, { ...publicClient, clientId: 'retired' });
    await app.get(ClientsService, { strict: false }).update('retired', { enabled: false });
    for (const client of ['nobody', 'retired']) {
      const response = await new Browser(app).get(
        authorizationRequest({ scope: 'openid', client_id: client }).address,
      );
      expect(response.statusCode).toBe(400);
      expect(response.body).toContain('not registered, or it was disabled');
    }
  });

  it('turns an authorization request by POST into a GET', async () => {
    const { address } = authorizationRequest({ scope: 'openid' });
    const response = await new Browser(app).post(
      '/oauth2/authorize',
      Object.fromEntries(new URL(address).searchParams),
    );
    expect(response.statusCode).toBe(303);
    expect(response.headers.location).toBe(address);
  });

  it('asks again for each launch and lets none inherit what another was granted', async () => {
    const browser = new Browser(app);
    const first = await tokensFor(app, { scope: 'openid user/*.cruds', aud: fhirBase }, 'alice', browser);
    const request = authorizationRequest({ scope: 'user/Patient.rs', aud: fhirBase });
    const page = await browser.follow(await browser.get(request.address));
    expect(page.body).toContain('value="allow"');
    const code = answerOf(await browser.submit(page, { decision: 'allow' })).get('code')!;
    const second = (await exchange(code, request.verifier)).json();
    expect(second.scope).toBe('user/Patient.rs');
    expect(await local.verify(first.access_token)).toMatchObject({
      ok: true,
      claims: { scopes: ['openid', 'user/*.cruds'] },
    });
  });

  it('keeps the tokens of one launch when another grant of the same session is revoked', async () => {
    const browser = new Browser(app);
    const first = await tokensFor(app, { scope: 'user/*.rs', aud: fhirBase }, 'alice', browser);
    const second = await tokensFor(app, { scope: 'user/*.rs', aud: fhirBase }, 'alice', browser);
    await postForm(app, '/oauth2/revocation', { token: second.access_token, client_id: 'growth-app' });
    expect(await local.verify(first.access_token)).toMatchObject({ ok: true });
    expect(await local.verify(second.access_token)).toMatchObject({
      ok: false,
      rejection: { check: 'token-active', actual: expect.stringContaining('revoked') },
    });
  });

  it('goes back to the client with access_denied where the user denies or cancels', async () => {
    const browser = new Browser(app);
    const request = authorizationRequest({ scope: 'user/*.rs', aud: fhirBase });
    const login = await browser.follow(await browser.get(request.address));
    const cancelled = answerOf(await browser.submit(login, { decision: 'cancel' }));
    expect(Object.fromEntries(cancelled)).toMatchObject({
      error: 'access_denied',
      state: request.state,
      iss: issuer,
    });
    const consent = await browser.signIn(await browser.follow(await browser.get(request.address)));
    expect(answerOf(await browser.submit(consent, { decision: 'deny' })).get('error')).toBe('access_denied');
  });

  it('asks a client of this server for no consent, but gives admin only to administrators', async () => {
    const admin = await tokensFor(
      app,
      { client_id: 'console', scope: 'openid admin', aud: adminBase },
      'root',
    );
    expect(await local.verify(admin.access_token)).toMatchObject({
      claims: { audience: [adminBase], scopes: ['openid', 'admin'] },
    });
    const browser = new Browser(app);
    const request = authorizationRequest({ client_id: 'console', scope: 'admin', aud: adminBase });
    const answer = answerOf(await browser.signIn(await browser.follow(await browser.get(request.address))));
    expect(answer.get('error')).toBe('access_denied');
  });

  it.each([
    ['admin', fhirBase],
    ['user/*.rs', adminBase],
  ])('keeps %s away from %s', async (scope, aud) => {
    const answer = await start303({ client_id: 'console', scope, aud });
    expect(answer.get('error')).toBe('invalid_scope');
  });

  it('refuses a wrong verifier, a missing one, and the code of another client', async () => {
    for (const change of [
      { code_verifier: 'x'.repeat(43) },
      { code_verifier: '' },
      { client_id: 'installed-app' },
    ]) {
      const { code, verifier } = await codeFor(app, { scope: 'user/*.rs', aud: fhirBase });
      const response = await exchange(code, verifier, change);
      expect(response.statusCode).toBe(400);
      expect(response.json().error).toBe('invalid_grant');
    }
  });

  it('lets exactly one of many parallel redemptions win, and ends the grant', async () => {
    const { code, verifier } = await codeFor(app, { scope: 'offline_access user/*.rs', aud: fhirBase });
    const responses = await Promise.all(Array.from({ length: 24 }, () => exchange(code, verifier)));
    const won = responses.filter(({ statusCode }) => statusCode === 200);
    expect(won).toHaveLength(1);
    for (const lost of responses.filter((response) => response !== won[0])) {
      expect(lost.json().error).toBe('invalid_grant');
    }
    const tokens = won[0]!.json();
    expect(await local.verify(tokens.access_token)).toMatchObject({ ok: false });
    const refresh = await postForm(app, '/oauth2/token', {
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token,
      client_id: 'growth-app',
    });
    expect(refresh.json().error).toBe('invalid_grant');
  });

  it('authenticates a confidential client against the hash of its secret', async () => {
    const login = async () => codeFor(app, { client_id: 'old-web-app', scope: 'user/*.rs', aud: fhirBase });
    const redeem = async (secret: string) => {
      const { code, verifier } = await login();
      return exchange(code, verifier, { client_id: 'old-web-app', client_secret: secret });
    };
    expect((await redeem('a secret that a person chose')).statusCode).toBe(200);
    const wrong = await redeem('another secret');
    expect(wrong.statusCode).toBe(401);
    expect(wrong.json().error).toBe('invalid_client');
  });

  it('writes no address that a Host or X-Forwarded header asked for', async () => {
    const headers = {
      host: 'evil.example.org',
      'x-forwarded-host': 'evil.example.org',
      'x-forwarded-proto': 'http',
      forwarded: 'host=evil.example.org',
    };
    const documents = [
      '/oauth2/.well-known/openid-configuration',
      '/fhir/r4/.well-known/smart-configuration',
    ];
    for (const url of documents) {
      expect((await send(app, { url, headers })).body).not.toContain('evil');
    }
    const { address } = authorizationRequest({ scope: 'openid' });
    const response = await send(app, { url: address.slice(publicUrl.length), headers });
    expect(response.statusCode).toBe(303);
    expect(JSON.stringify(response.headers)).not.toContain('evil');
    expect(response.headers['set-cookie']).toEqual(
      expect.arrayContaining([expect.stringMatching(/secure; httponly/)]),
    );
  });
});
