import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ClientsService } from '../../../src/clients/index.js';
import { InitialAccessTokensService } from '../../../src/oauth2/index.js';
import { Database } from '../../../src/platform/database/index.js';
import { jwkOf, signingKey } from '../../kit/authorization-server.js';
import { databases } from '../../kit/databases.js';
import { send as sendTo, type HttpAnswer } from '../../kit/http.js';
import { addUsers, fhirBase, password, redirectUri, start } from './application.js';
import { answerOf, authorizationRequest, basic, Browser, tokensFor } from './browser.js';

const elsewhere = 'https://elsewhere.example.net/callback';
const webApp = {
  client_name: 'Web app',
  redirect_uris: [redirectUri, `${redirectUri}/second`],
  grant_types: ['authorization_code', 'refresh_token'],
  scope: 'openid fhirUser user/*.cruds',
};

interface Registered {
  readonly client_id: string;
  readonly client_secret: string;
  readonly registration_access_token: string;
}

describe.each(databases)(
  'what an administrator decided of a client that registered itself on $name',
  (database) => {
    let app: NestFastifyApplication;
    let initialAccessToken: string;

    beforeAll(async () => {
      app = await start(await database.create(), { registration: 'open' });
      await addUsers(app);
      ({ token: initialAccessToken } = await app
        .get(InitialAccessTokensService, { strict: false })
        .create({ scope: 'openid fhirUser user/*.cruds system/*.rs' }));
    });
    afterAll(() => app.close());

    const call = (method: string, url: string, authorization: string, body?: object, headers: object = {}) =>
      sendTo(app, {
        ...{ method, url, headers: { authorization, ...headers } },
        ...(body === undefined ? {} : { payload: body }),
      });
    const manage = (method: string, path: string, body?: object) =>
      call(method, `/admin/api/v1/${path}`, basic('root', password).authorization ?? '', body, {
        ...(method === 'PATCH' || method === 'DELETE' ? { 'if-match': '*' } : {}),
      });
    const decide = async (clientId: string, changes: object): Promise<void> => {
      const answer = await manage('PATCH', `clients/${clientId}`, changes);
      if (answer.statusCode !== 200) throw new Error(answer.body);
    };
    const register = async (metadata: object = webApp): Promise<Registered> => {
      const answer = await call('POST', '/oauth2/register', `Bearer ${initialAccessToken}`, metadata);
      if (answer.statusCode !== 201) throw new Error(answer.body);
      return answer.json<Registered>();
    };
    const own = (method: string, client: Registered, body?: object): Promise<HttpAnswer> =>
      call(
        method,
        `/oauth2/register/${client.client_id}`,
        `Bearer ${client.registration_access_token}`,
        body === undefined ? undefined : { client_id: client.client_id, ...body },
      );
    const stored = (clientId: string) => app.get(ClientsService, { strict: false }).get(clientId);

    it('is the most that it may register itself, member by member', async () => {
      const key = jwkOf(signingKey('other', 'P-256'));
      const client = await register({ ...webApp, require_pushed_authorization_requests: true });
      await decide(client.client_id, {
        ...{ clientName: 'Growth chart', redirectUris: [redirectUri], scope: 'openid user/Patient.rs' },
        ...{ grantTypes: ['authorization_code'], postLogoutRedirectUris: [`${redirectUri}/out`] },
        metadata: {
          ...{ access_token_lifetime: 120, require_pushed_authorization_requests: true, ward: 'north' },
          backchannel_logout_uri: 'https://app.example.com/logout',
        },
      });
      const before = await stored(client.client_id);
      const wider: readonly object[] = [
        webApp,
        { redirect_uris: [elsewhere] },
        { redirect_uris: [redirectUri, elsewhere] },
        { redirect_uris: [`${redirectUri}/second`] },
        { redirect_uris: redirectUri },
        { post_logout_redirect_uris: [elsewhere] },
        { grant_types: ['authorization_code', 'refresh_token'] },
        { grant_types: ['client_credentials'] },
        { response_types: ['code', 'token'] },
        { scope: 'openid user/Patient.cruds' },
        { scope: 'openid user/*.rs' },
        { scope: 'openid system/Patient.rs' },
        { scope: ['openid'] },
        { client_name: 'Hospital sign-in' },
        { token_endpoint_auth_method: 'none' },
        { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [key] } },
        { jwks: { keys: [key] } },
        { jwks_uri: 'https://elsewhere.example.net/jwks' },
        { resource: ['https://rs.example.net'] },
        { backchannel_logout_uri: 'https://elsewhere.example.net/logout' },
        { require_pushed_authorization_requests: false },
        { id_token_signed_response_alg: 'ES256' },
        { access_token_format: 'opaque' },
      ];
      for (const metadata of wider) {
        const answer = await own('PUT', client, metadata);
        expect([metadata, answer.statusCode]).toEqual([metadata, 400]);
        expect(answer.json<{ error: string }>().error).toMatch(/^invalid_(redirect_uri|client_metadata)$/);
      }
      expect((await own('PUT', client, { scope: 'openid user/*.rs' })).json()).toMatchObject({
        error_description: expect.stringContaining('scope: user/*.rs goes beyond what an administrator'),
      });
      expect(await stored(client.client_id)).toEqual(before);
    });

    it('stays where it says nothing of it, and it may have less and bind itself', async () => {
      const client = await register();
      await decide(client.client_id, {
        ...{ pkceRequired: false, description: 'of the ward', scope: 'openid system/*.rs user/*.rs' },
        ...{ redirectUris: webApp.redirect_uris, metadata: { access_token_lifetime: 120, ward: 'north' } },
      });
      const answer = await own('PUT', client, {
        ...{ redirect_uris: [redirectUri], scope: 'openid user/Patient.rs', dpop_bound_access_tokens: true },
        ...{ contacts: ['ops@example.com'], access_token_lifetime: 3600 },
      });
      expect(answer.statusCode).toBe(200);
      expect(await stored(client.client_id)).toMatchObject({
        ...{ redirectUris: [redirectUri], scope: 'openid user/Patient.rs', pkceRequired: false },
        ...{
          description: 'of the ward',
          grantTypes: webApp.grant_types,
          hasSecret: true,
          administered: true,
        },
        metadata: {
          ...{ access_token_lifetime: 120, ward: 'north', dpop_bound_access_tokens: true },
          contacts: ['ops@example.com'],
        },
      });
      // What it gave up, it doesn't get back by itself.
      const later = { ...client, ...answer.json<Registered>() };
      expect((await own('PUT', later, { scope: 'openid user/*.rs' })).statusCode).toBe(400);
    });

    it('begins with the first change by an administrator, and until then the client is its own', async () => {
      const client = await register();
      expect(await stored(client.client_id)).toMatchObject({ administered: false });
      const changed = await own('PUT', client, { ...webApp, redirect_uris: [elsewhere] });
      expect([changed.statusCode, (await stored(client.client_id)).administered]).toEqual([200, false]);
      const later = { ...client, ...changed.json<Registered>() };
      await decide(client.client_id, { enabled: false });
      expect((await own('PUT', later, webApp)).statusCode).toBe(401);
      await decide(client.client_id, { enabled: true });
      expect((await own('PUT', later, webApp)).json()).toMatchObject({ error: 'invalid_redirect_uri' });
    });

    it('counts as decided where a process that keeps no such record has written it', async () => {
      const client = await register();
      await app
        .get(Database, { strict: false })
        .transaction((session) =>
          session.execute('UPDATE oauth_client SET version = version + 1, scope = ? WHERE client_id = ?', [
            'openid',
            client.client_id,
          ]),
        );
      expect(await stored(client.client_id)).toMatchObject({ administered: true });
      expect((await own('PUT', client, webApp)).json()).toMatchObject({ error: 'invalid_client_metadata' });
    });

    describe('to be first party', () => {
      const anyone = async (client: Registered, uri: string): Promise<URLSearchParams> => {
        const request = authorizationRequest({
          ...{ client_id: client.client_id, redirect_uri: uri, scope: 'openid user/*.rs', aud: fhirBase },
        });
        const browser = new Browser(app);
        const login = await browser.follow(await browser.get(request.address));
        return answerOf(await browser.signIn(login));
      };

      it('takes the redirect URIs that it is to have, and lets none take their place', async () => {
        const client = await register();
        const bare = await manage('PATCH', `clients/${client.client_id}`, { firstParty: true });
        expect(bare.json()).toMatchObject({ status: 400, code: 'CLIENTS_INVALID' });
        expect(bare.body).toContain('redirectUris');
        await decide(client.client_id, { firstParty: true, redirectUris: [redirectUri] });
        expect((await anyone(client, redirectUri)).get('code')).toEqual(expect.any(String));
        for (const uris of [[elsewhere], [redirectUri, elsewhere]]) {
          const answer = await own('PUT', client, { ...webApp, redirect_uris: uris });
          expect([uris, answer.json()]).toMatchObject([uris, { error: 'invalid_redirect_uri' }]);
        }
        expect(await stored(client.client_id)).toMatchObject({
          firstParty: true,
          redirectUris: [redirectUri],
        });
      });

      it('does not hold beside a redirect URI that somebody wrote past all this, and asks the person then', async () => {
        const client = await register();
        await decide(client.client_id, { firstParty: true, redirectUris: [redirectUri] });
        await app
          .get(Database, { strict: false })
          .transaction((session) =>
            session.execute(
              'UPDATE oauth_client SET version = version + 1, redirect_uris = ? WHERE client_id = ?',
              [JSON.stringify([elsewhere]), client.client_id],
            ),
          );
        // Makes this process look anew.
        await register();
        expect((await manage('GET', `clients/${client.client_id}`)).json()).toMatchObject({
          firstParty: false,
        });
        const request = authorizationRequest({
          ...{ client_id: client.client_id, redirect_uri: elsewhere, scope: 'user/*.rs', aud: fhirBase },
        });
        const browser = new Browser(app);
        const page = await browser.signIn(await browser.follow(await browser.get(request.address)));
        expect(page.body).toContain('value="allow"');
        // Nor does it come back by a change that doesn't name them.
        await decide(client.client_id, { description: 'looked at' });
        expect(await stored(client.client_id)).toMatchObject({ firstParty: false });
      });
    });

    it('is what prompt=none goes by: what was allowed before a change by the client is asked anew', async () => {
      const client = await register({ ...webApp, token_endpoint_auth_method: 'none' });
      const browser = new Browser(app);
      const parameters = { client_id: client.client_id, scope: 'user/*.rs', aud: fhirBase };
      await tokensFor(app, parameters, 'alice', browser);
      const silently = async (uri: string) =>
        answerOf(
          await browser.follow(
            await browser.get(
              authorizationRequest({ ...parameters, redirect_uri: uri, prompt: 'none' }).address,
            ),
          ),
        );
      expect((await silently(redirectUri)).get('code')).toEqual(expect.any(String));
      const changed = await own('PUT', client, {
        ...{ ...webApp, token_endpoint_auth_method: 'none', redirect_uris: [elsewhere] },
      });
      expect(changed.statusCode).toBe(200);
      expect((await silently(elsewhere)).get('error')).toBe('consent_required');
    });

    describe('the registration access token', () => {
      it('is ended by the management API, at once and for all that it opens', async () => {
        const client = await register();
        const path = `clients/${client.client_id}/registration-access-token`;
        expect((await manage('DELETE', path)).statusCode).toBe(204);
        for (const [method, body] of [
          ['GET', undefined],
          ['PUT', webApp],
          ['DELETE', undefined],
        ] as const) {
          expect([method, (await own(method, client, body)).statusCode]).toEqual([method, 401]);
        }
        expect(await stored(client.client_id)).toMatchObject({ enabled: true });
        expect((await manage('DELETE', path)).json()).toMatchObject({
          ...{ status: 404, code: 'OAUTH2_REGISTRATION_NOT_FOUND' },
        });
        expect((await manage('DELETE', 'clients/nobody/registration-access-token')).json()).toMatchObject({
          ...{ status: 404, code: 'CLIENTS_NOT_FOUND' },
        });
      });

      it('ends with the client, whoever removes it, and is good once for a change', async () => {
        const [byItself, byAdministrator, twice] = [await register(), await register(), await register()];
        expect((await own('DELETE', byItself)).statusCode).toBe(204);
        expect((await manage('DELETE', `clients/${byAdministrator.client_id}`)).statusCode).toBe(204);
        const left = await app
          .get(Database, { strict: false })
          .query('SELECT client_id FROM oauth2_registration WHERE client_id IN (?, ?)', [
            byItself.client_id,
            byAdministrator.client_id,
          ]);
        expect(left).toEqual([]);
        const answers = await Promise.all(
          Array.from({ length: 6 }, (_, place) =>
            own('PUT', twice, { ...webApp, client_name: `Name ${place}` }),
          ),
        );
        expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
        const winner = answers.find(({ statusCode }) => statusCode === 200)?.json<Registered>();
        expect((await own('GET', { ...twice, ...winner })).statusCode).toBe(200);
        expect((await own('GET', twice)).statusCode).toBe(401);
      });
    });
  },
);
