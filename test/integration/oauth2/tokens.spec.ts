import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { exportJWK, generateKeyPair, SignJWT, createLocalJWKSet, jwtVerify } from 'jose';
import { LOCAL_ACCESS_TOKENS, type LocalAccessTokens } from '../../../src/contract/index.js';
import { ClientsService } from '../../../src/clients/index.js';
import { TokenIssuer } from '../../../src/oauth2/index.js';
import { Database } from '../../../src/platform/database/index.js';
import { UsersService } from '../../../src/users/index.js';
import { databases } from '../../kit/databases.js';
import { send } from '../../kit/http.js';
import {
  addClient,
  addUsers,
  adminBase,
  fhirBase,
  issuer,
  password,
  publicClient,
  start,
} from './application.js';
import { basic, Browser, postForm, tokensFor } from './browser.js';

const remoteBase = 'https://other.example.net/fhir';

describe.each(databases)('tokens on $name', (database) => {
  let app: NestFastifyApplication;
  let local: LocalAccessTokens;
  let loaderSecret: string;
  let serverSecret: string;
  let ownServerSecret: string;

  beforeAll(async () => {
    app = await start(await database.create());
    local = app.get<LocalAccessTokens>(LOCAL_ACCESS_TOKENS, { strict: false });
    await addUsers(app);
    await addClient(app, publicClient);
    loaderSecret = await addClient(app, {
      clientId: 'loader',
      grantTypes: ['client_credentials'],
      scope: 'system/*.cruds system/Patient.rs',
    });
    serverSecret = await addClient(app, { clientId: 'remote-server', resource: [remoteBase] });
    ownServerSecret = await addClient(app, { clientId: 'own-server', resource: [`${fhirBase}/`] });
  });

  afterAll(() => app.close());

  const loaderToken = (form: Record<string, string> = {}, secret = loaderSecret) =>
    postForm(app, '/oauth2/token', { grant_type: 'client_credentials', ...form }, basic('loader', secret));
  const refresh = (token: string, form: Record<string, string> = {}) =>
    postForm(app, '/oauth2/token', {
      grant_type: 'refresh_token',
      refresh_token: token,
      client_id: 'growth-app',
      ...form,
    });
  const introspect = async (token: string, client = 'own-server', secret = ownServerSecret) =>
    (await postForm(app, '/oauth2/introspection', { token }, basic(client, secret))).json();
  const userTokens = (scope = 'openid fhirUser offline_access user/*.rs', browser?: Browser) =>
    tokensFor(app, { scope, aud: fhirBase }, 'alice', browser);

  describe('client credentials', () => {
    it('go to the default endpoint with the registered system scopes where nothing is said', async () => {
      const response = await loaderToken();
      expect(response.json()).toMatchObject({
        scope: 'system/*.cruds system/Patient.rs',
        token_type: 'Bearer',
      });
      expect(response.json().expires_in).toBeLessThanOrEqual(300);
      expect(response.json().refresh_token).toBeUndefined();
      expect(await local.verify(response.json().access_token)).toMatchObject({
        ok: true,
        claims: { subject: 'loader', isUserToken: false, audience: [fhirBase], fhirUser: null },
      });
    });

    it('take aud and resource', async () => {
      for (const name of ['aud', 'resource']) {
        const response = await loaderToken({ [name]: `${fhirBase}/`, scope: 'system/Patient.rs' });
        expect(response.json().scope).toBe('system/Patient.rs');
      }
      const unknown = await loaderToken({ aud: 'https://elsewhere.example.org' });
      expect(unknown.json()).toMatchObject({
        error: 'invalid_target',
        error_description: expect.stringContaining(fhirBase),
      });
    });

    it.each([
      'user/*.rs',
      'patient/*.rs',
      'openid',
      'offline_access',
      'admin',
      'system/Patient.x',
      'nonsense',
    ])('refuse the scope %s', async (scope) => {
      expect((await loaderToken({ scope })).json().error).toBe('invalid_scope');
    });

    it('refuse what the scope list does not cover instead of dropping it', async () => {
      const secret = await addClient(app, {
        clientId: 'reader',
        grantTypes: ['client_credentials'],
        scope: 'system/Observation.rs',
      });
      const token = (scope: string) =>
        postForm(app, '/oauth2/token', { grant_type: 'client_credentials', scope }, basic('reader', secret));
      expect((await token('system/Observation.r')).json().scope).toBe('system/Observation.r');
      expect((await token('system/Observation.read')).statusCode).toBe(200);
      for (const scope of [
        'system/Observation.rs system/Patient.rs',
        'system/*.rs',
        'system/Observation.cruds',
      ]) {
        expect((await token(scope)).json().error).toBe('invalid_scope');
      }
    });

    it('fail with a wrong secret', async () => {
      const response = await loaderToken({}, 'wrong');
      expect(response.statusCode).toBe(401);
      expect(response.json().error).toBe('invalid_client');
    });

    it('never give the scope admin to a client without a user', async () => {
      const secret = await addClient(app, {
        clientId: 'robot',
        grantTypes: ['client_credentials'],
        firstParty: true,
        scope: 'admin system/*.rs',
      });
      const response = await postForm(
        app,
        '/oauth2/token',
        { grant_type: 'client_credentials', scope: 'admin', aud: adminBase },
        basic('robot', secret),
      );
      expect(response.json().error).toBe('invalid_scope');
    });

    it('take a signed assertion once, by RS384 or ES384, of at most five minutes', async () => {
      const { publicKey, privateKey } = await generateKeyPair('ES384');
      await addClient(app, {
        clientId: 'bulk',
        tokenEndpointAuthMethod: 'private_key_jwt',
        grantTypes: ['client_credentials'],
        scope: 'system/*.rs',
        jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES384', use: 'sig' }] },
      });
      const assertion = (lifetime: number, header: object = {}) =>
        new SignJWT({ jti: String(Math.random()) })
          .setProtectedHeader({ alg: 'ES384', kid: 'k1', ...header })
          .setIssuer('bulk')
          .setSubject('bulk')
          .setAudience(`${issuer}/token`)
          .setExpirationTime(Math.floor(Date.now() / 1000) + lifetime)
          .sign(privateKey);
      const token = (value: string) =>
        postForm(app, '/oauth2/token', {
          grant_type: 'client_credentials',
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: value,
        });
      const good = await assertion(240);
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => token(good)));
      expect(outcomes.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
      expect((await token(await assertion(3600))).json().error).toBe('invalid_client');
      expect((await token(await assertion(240, { jku: 'https://evil.example.org' }))).json().error).toBe(
        'invalid_client',
      );
    });
  });

  it('fetches no key set from a private address', async () => {
    let asked = 0;
    const keys = createServer((_request, response) => {
      asked += 1;
      response.end('{"keys":[]}');
    });
    await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve));
    const { port } = keys.address() as AddressInfo;
    await addClient(app, {
      clientId: 'inside',
      tokenEndpointAuthMethod: 'private_key_jwt',
      grantTypes: ['client_credentials'],
      scope: 'system/*.rs',
      jwksUri: `http://127.0.0.1:${port}/jwks`,
    });
    const { privateKey } = await generateKeyPair('ES384');
    const assertion = await new SignJWT({ jti: 'one' })
      .setProtectedHeader({ alg: 'ES384' })
      .setIssuer('inside')
      .setSubject('inside')
      .setAudience(issuer)
      .setExpirationTime('4m')
      .sign(privateKey);
    const response = await postForm(app, '/oauth2/token', {
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    });
    expect(response.json().error).toMatch(/^invalid_client/);
    expect(asked).toBe(0);
    keys.close();
  });

  describe('refresh tokens', () => {
    it('rotate, and a used one ends the whole family', async () => {
      const first = await userTokens();
      const second = (await refresh(first.refresh_token!)).json();
      expect(second.scope.split(' ').sort()).toEqual(['fhirUser', 'offline_access', 'openid', 'user/*.rs']);
      expect(second.refresh_token).not.toBe(first.refresh_token);
      expect(await local.verify(second.access_token)).toMatchObject({
        ok: true,
        claims: { audience: [fhirBase] },
      });
      expect((await refresh(first.refresh_token!)).json().error).toBe('invalid_grant');
      expect((await refresh(second.refresh_token)).json().error).toBe('invalid_grant');
      expect(await local.verify(second.access_token)).toMatchObject({ ok: false });
      expect(await local.verify(first.access_token)).toMatchObject({ ok: false });
    });

    it('have one winner among parallel uses', async () => {
      const { refresh_token: token } = await userTokens();
      const outcomes = await Promise.all(Array.from({ length: 12 }, () => refresh(token!)));
      expect(outcomes.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    });

    it('give a part of the scopes on request, and never more', async () => {
      const first = await userTokens('openid offline_access user/Patient.rs user/Observation.rs');
      const narrowed = (await refresh(first.refresh_token!, { scope: 'user/Patient.rs' })).json();
      expect(narrowed.scope).toBe('user/Patient.rs');
      const wider = await refresh(narrowed.refresh_token, { scope: 'user/*.cruds' });
      expect(wider.json().error).toBe('invalid_scope');
    });

    it.each([
      ['user/Observation.rs', 'user/Observation.rs'],
      ['user/Patient.read', 'user/Patient.read'],
      ['openid user/Patient.s', 'openid user/Patient.s'],
      ['user/Observation.rs?category=laboratory', 'user/Observation.rs?category=laboratory'],
    ])('compare scopes by meaning: %s of user/*.read', async (scope, granted) => {
      const first = await userTokens('openid fhirUser offline_access user/*.read');
      const answer = (await refresh(first.refresh_token!, { scope })).json();
      expect(answer.scope).toBe(granted);
      expect('id_token' in answer).toBe(scope.includes('openid'));
      expect(await local.verify(answer.access_token)).toMatchObject({
        ok: true,
        claims: { scopes: granted.split(' ') },
      });
      const again = (await refresh(answer.refresh_token)).json();
      expect(again.scope.split(' ').sort()).toEqual(first.scope.split(' ').sort());
    });

    it.each([
      'user/Observation.cud',
      'user/*.cruds',
      'patient/Observation.rs',
      'system/Observation.rs',
      'launch/patient',
      'user/Patient.rs nonsense',
    ])('give nothing of %s beside user/*.read, and stay good', async (scope) => {
      const first = await userTokens('openid fhirUser offline_access user/*.read');
      expect((await refresh(first.refresh_token!, { scope })).json().error).toBe('invalid_scope');
      expect((await refresh(first.refresh_token!)).statusCode).toBe(200);
    });

    it('come only on request, and work for their own client only', async () => {
      expect((await userTokens('openid user/*.rs')).refresh_token).toBeUndefined();
      await addClient(app, { ...publicClient, clientId: 'other-app' });
      const { refresh_token: token } = await userTokens();
      expect((await refresh(token!, { client_id: 'other-app' })).json().error).toBe('invalid_grant');
    });

    it('lose what the client is no longer registered for', async () => {
      await addClient(app, { ...publicClient, clientId: 'shrinking' });
      const tokens = await tokensFor(app, {
        client_id: 'shrinking',
        scope: 'offline_access user/Patient.rs user/Observation.rs',
        aud: fhirBase,
      });
      await app
        .get(ClientsService, { strict: false })
        .update('shrinking', { scope: 'offline_access user/Patient.rs' });
      const refreshed = (await refresh(tokens.refresh_token!, { client_id: 'shrinking' })).json();
      expect(refreshed.scope).toBe('offline_access user/Patient.rs');
    });

    it('with online_access last until the user signs out, those with offline_access longer', async () => {
      const browser = new Browser(app);
      const online = await userTokens('online_access user/*.rs', browser);
      const offline = await userTokens('offline_access user/*.rs', browser);
      const renewed = (await refresh(online.refresh_token!)).json();
      expect(renewed.access_token).toBeDefined();
      const page = await browser.get('/oauth2/logout');
      expect(page.body).toContain('Sign out?');
      const done = await browser.submit(page, { logout: 'yes' });
      expect(done.body).toContain('You can close this page');
      expect((await refresh(renewed.refresh_token)).json().error).toBe('invalid_grant');
      expect(await local.verify(renewed.access_token)).toMatchObject({ ok: false });
      expect(await local.verify(offline.access_token)).toMatchObject({ ok: true });
      expect((await refresh(offline.refresh_token!)).statusCode).toBe(200);
    });
  });

  describe('introspection', () => {
    it('tells a resource server about tokens for its own base', async () => {
      const tokens = await userTokens();
      const answer = await introspect(tokens.access_token);
      expect(answer).toMatchObject({
        active: true,
        client_id: 'growth-app',
        iss: issuer,
        sub: 'alice',
        aud: fhirBase,
        fhirUser: `${fhirBase}/Practitioner/alice`,
        subject_type: 'user',
      });
      expect(answer.scope.split(' ').sort()).toEqual(['fhirUser', 'offline_access', 'openid', 'user/*.rs']);
      expect(answer.exp - answer.iat).toBe(3600);
      expect(JSON.stringify(answer)).not.toContain(tokens.access_token);
    });

    it('marks tokens of clients without a user', async () => {
      const token = (await loaderToken()).json().access_token;
      expect(await introspect(token)).toMatchObject({ active: true, sub: 'loader', subject_type: 'client' });
    });

    it('says nothing of other bases, unknown tokens, refresh tokens and to other clients', async () => {
      const tokens = await userTokens();
      const nothing = { active: false };
      expect(await introspect(tokens.access_token, 'remote-server', serverSecret)).toEqual(nothing);
      expect(await introspect('unknown-token-unknown-token')).toEqual(nothing);
      expect(await introspect(tokens.refresh_token!)).toEqual(nothing);
      expect(await introspect(tokens.access_token, 'loader', loaderSecret)).toEqual(nothing);
    });

    it('needs authentication', async () => {
      const response = await postForm(
        app,
        '/oauth2/introspection',
        { token: 'x' },
        basic('own-server', 'wrong'),
      );
      expect(response.statusCode).toBe(401);
      const anonymous = await postForm(app, '/oauth2/introspection', { token: 'x' });
      expect(anonymous.statusCode).toBe(401);
    });
  });

  describe('JWTs for remote resource servers', () => {
    it('are of RFC 9068, live five minutes, and verify by the published keys', async () => {
      const { access_token: token } = (await loaderToken({ aud: remoteBase })).json();
      const jwks = (await send(app, { url: '/oauth2/jwks' })).json();
      expect(JSON.stringify(jwks)).not.toMatch(/"(d|p|q|dp|dq|qi)":/);
      const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(jwks), {
        issuer,
        audience: remoteBase,
        typ: 'at+jwt',
      });
      expect(protectedHeader.alg).toBe('RS256');
      expect(payload).toMatchObject({
        client_id: 'loader',
        sub: 'loader',
        subject_type: 'client',
        scope: 'system/*.cruds system/Patient.rs',
      });
      expect(payload.exp! - payload.iat!).toBeLessThanOrEqual(300);
    });

    it('are no tokens of this server’s own endpoints, nor is their jti', async () => {
      const { access_token: token } = (await loaderToken({ aud: remoteBase })).json();
      const { jti } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
      expect(await local.verify(token)).toMatchObject({ ok: false, rejection: { check: 'token-form' } });
      expect(await local.verify(jti)).toMatchObject({ ok: false });
      expect(await introspect(jti, 'remote-server', serverSecret)).toEqual({ active: false });
    });

    it('can be introspected by their resource server and revoked by their client', async () => {
      const user = await tokensFor(app, { scope: 'openid fhirUser user/*.rs', aud: remoteBase });
      expect(await introspect(user.access_token, 'remote-server', serverSecret)).toMatchObject({
        active: true,
        sub: 'alice',
        aud: remoteBase,
        fhirUser: `${remoteBase}/Practitioner/alice`,
      });
      expect(await introspect(user.access_token)).toEqual({ active: false });
      const revoked = await postForm(app, '/oauth2/revocation', {
        token: user.access_token,
        client_id: 'growth-app',
      });
      expect(revoked.statusCode).toBe(200);
      expect(await introspect(user.access_token, 'remote-server', serverSecret)).toEqual({ active: false });
    });

    it('are unknown when someone has tampered with them', async () => {
      const { access_token: token } = (await loaderToken({ aud: remoteBase })).json();
      const [header, payload, signature] = token.split('.');
      const changed = Buffer.from(
        Buffer.from(payload, 'base64url').toString().replace('"loader"', '"alice"'),
      ).toString('base64url');
      const forged = `${header}.${changed}.${signature}`;
      expect(await introspect(forged, 'remote-server', serverSecret)).toEqual({ active: false });
      const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
      expect(await introspect(unsigned, 'remote-server', serverSecret)).toEqual({ active: false });
    });

    it('are signed by ES256 where the resource server asks for it', async () => {
      const base = 'https://elliptic.example.net/fhir';
      await addClient(app, {
        clientId: 'elliptic-server',
        resource: [base],
        metadata: { access_token_signing_alg: 'ES256' },
      });
      const { access_token: token } = (await loaderToken({ aud: base })).json();
      const jwks = (await send(app, { url: '/oauth2/jwks' })).json();
      const { protectedHeader } = await jwtVerify(token, createLocalJWKSet(jwks), { audience: base });
      expect(protectedHeader.alg).toBe('ES256');
    });

    it('give way to opaque tokens where the resource server asks for them', async () => {
      const base = 'https://asking.example.net/fhir';
      const secret = await addClient(app, {
        clientId: 'asking-server',
        resource: [base],
        metadata: { access_token_format: 'opaque' },
      });
      const { access_token: token } = (await loaderToken({ aud: base })).json();
      expect(token).not.toContain('.');
      expect(await introspect(token, 'asking-server', secret)).toMatchObject({ active: true, aud: base });
    });
  });

  describe('revocation', () => {
    it('ends access and refresh token at once', async () => {
      const tokens = await userTokens();
      expect(await local.verify(tokens.access_token)).toMatchObject({ ok: true });
      const response = await postForm(app, '/oauth2/revocation', {
        token: tokens.refresh_token!,
        client_id: 'growth-app',
      });
      expect(response.statusCode).toBe(200);
      expect(await local.verify(tokens.access_token)).toMatchObject({
        ok: false,
        rejection: { check: 'token-active', actual: expect.stringContaining('revoked') },
      });
      expect((await refresh(tokens.refresh_token!)).json().error).toBe('invalid_grant');
    });

    it('answers 200 for an unknown token, and leaves those of other clients alone', async () => {
      const tokens = await userTokens();
      const unknown = await postForm(app, '/oauth2/revocation', {
        token: 'nothing',
        client_id: 'growth-app',
      });
      expect(unknown.statusCode).toBe(200);
      await postForm(
        app,
        '/oauth2/revocation',
        { token: tokens.access_token },
        basic('loader', loaderSecret),
      );
      expect(await local.verify(tokens.access_token)).toMatchObject({ ok: true });
    });
  });

  describe('a new password', () => {
    it('ends sessions, tokens and refresh-token families of the user, and nobody else’s', async () => {
      const users = app.get(UsersService, { strict: false });
      await users.create({ username: 'carol', password, roles: ['practitioner'] });
      const scope = 'openid offline_access user/*.rs';
      const tokens = await tokensFor(app, { scope, aud: fhirBase }, 'carol');
      const others = await userTokens();
      expect(await local.verify(tokens.access_token)).toMatchObject({ ok: true });
      await users.setPassword('carol', 'a-better-password-7');
      expect(await local.verify(tokens.access_token)).toMatchObject({ ok: false });
      expect(await introspect(tokens.access_token)).toEqual({ active: false });
      expect((await refresh(tokens.refresh_token!)).json().error).toBe('invalid_grant');
      const left = await app
        .get(Database, { strict: false })
        .query("SELECT 1 FROM oauth2_artifact WHERE account_id = 'carol' AND revoked_at IS NULL");
      expect(left).toEqual([]);
      expect(await local.verify(others.access_token)).toMatchObject({ ok: true });
      expect((await refresh(others.refresh_token!)).statusCode).toBe(200);
    });
  });

  describe('disabling', () => {
    it('a user ends their tokens at once, with the reason for the administrator', async () => {
      const users = app.get(UsersService, { strict: false });
      await users.create({ username: 'bob', password, roles: ['practitioner'] });
      const tokens = await tokensFor(app, { scope: 'openid offline_access user/*.rs', aud: fhirBase }, 'bob');
      expect(await local.verify(tokens.access_token)).toMatchObject({ ok: true });
      await users.disable('bob');
      expect(await local.verify(tokens.access_token)).toMatchObject({
        ok: false,
        rejection: { actual: 'the user is disabled' },
      });
      expect(await introspect(tokens.access_token)).toEqual({ active: false });
      expect((await refresh(tokens.refresh_token!)).json().error).toBe('invalid_grant');
    });

    it('a client ends its tokens at once', async () => {
      const secret = await addClient(app, {
        clientId: 'short-lived',
        grantTypes: ['client_credentials'],
        scope: 'system/*.rs',
      });
      const get = () =>
        postForm(app, '/oauth2/token', { grant_type: 'client_credentials' }, basic('short-lived', secret));
      const token = (await get()).json().access_token;
      expect(await local.verify(token)).toMatchObject({ ok: true });
      await app.get(ClientsService, { strict: false }).update('short-lived', { enabled: false });
      expect(await local.verify(token)).toMatchObject({ ok: false });
      expect((await get()).statusCode).toBe(401);
    });
  });

  describe('of the command line', () => {
    it('are real tokens for a user or a client', async () => {
      const issuing = app.get(TokenIssuer, { strict: false });
      const user = await issuing.issue({ username: 'alice', ttl: 60 });
      expect(user).toMatchObject({ scope: 'user/*.cruds', audience: fhirBase });
      expect(await local.verify(user.accessToken)).toMatchObject({
        ok: true,
        claims: { subject: 'alice', isUserToken: true, fhirUser: `${fhirBase}/Practitioner/alice` },
      });
      const client = await issuing.issue({ clientId: 'loader', scope: 'system/Patient.rs' });
      expect(await local.verify(client.accessToken)).toMatchObject({
        ok: true,
        claims: { subject: 'loader', isUserToken: false, scopes: ['system/Patient.rs'] },
      });
      const admin = await issuing.issue({ username: 'root', audience: adminBase });
      expect(admin.scope).toBe('admin');
    });

    it('stay within what the user or client may have', async () => {
      const issuing = app.get(TokenIssuer, { strict: false });
      for (const request of [
        { username: 'alice', audience: adminBase },
        { username: 'nobody' },
        { clientId: 'loader', scope: 'user/*.rs' },
        { username: 'alice', audience: 'https://elsewhere.example.org' },
        {},
      ]) {
        await expect(issuing.issue(request)).rejects.toMatchObject({ code: 'OAUTH2_TOKEN_REFUSED' });
      }
    });
  });

  it('keeps no token, code or session id in the database', async () => {
    const browser = new Browser(app);
    const tokens = await userTokens('openid offline_access user/*.rs', browser);
    const rows = await app
      .get(Database, { strict: false })
      .query<{ payload: Buffer; uid: string | null }>('SELECT payload, uid FROM oauth2_artifact');
    const everything = rows
      .map(({ payload, uid }) => `${payload.toString('latin1')} ${uid ?? ''}`)
      .join('\n');
    for (const secret of [
      tokens.access_token,
      tokens.refresh_token!,
      ...[...browser.cookies]
        .filter(([name]) => name === '__Secure-firekeep_session')
        .map(([, { value }]) => value),
    ]) {
      expect(everything).not.toContain(secret);
    }
  });
});
