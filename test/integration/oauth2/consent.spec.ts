import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { LOCAL_ACCESS_TOKENS, type LocalAccessTokens } from '../../../src/contract/index.js';
import { Oauth2Events } from '../../../src/oauth2/index.js';
import { databases } from '../../kit/databases.js';
import type { HttpAnswer } from '../../kit/http.js';
import { addClient, addUsers, fhirBase, publicClient, redirectUri, start } from './application.js';
import { answerOf, authorizationRequest, Browser, postForm, type TokenResponse } from './browser.js';

const scope = 'openid offline_access user/Observation.cruds user/Condition.read user/Patient.rs';
const laboratory = 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory';

describe.each(databases)('consent on $name', (database) => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    app = await start(await database.create());
    await addUsers(app);
    await addClient(app, publicClient);
  });

  afterAll(() => app.close());

  const consentOf = async (
    parameters: Record<string, string> = {},
  ): Promise<{ browser: Browser; page: HttpAnswer; verifier: string }> => {
    const browser = new Browser(app);
    const { address, verifier } = authorizationRequest({ scope, aud: fhirBase, ...parameters });
    const page = await browser.signIn(await browser.follow(await browser.get(address)));
    expect(page.statusCode).toBe(200);
    return { browser, page, verifier };
  };

  const tokensOf = async (answer: HttpAnswer, verifier: string): Promise<TokenResponse> => {
    const response = await postForm(app, '/oauth2/token', {
      grant_type: 'authorization_code',
      code: answerOf(answer).get('code') ?? '',
      code_verifier: verifier,
      redirect_uri: redirectUri,
      client_id: 'growth-app',
    });
    expect([response.statusCode, response.body]).toEqual([200, expect.any(String)]);
    return response.json();
  };

  it('grants everything where nothing is taken away', async () => {
    const { browser, page, verifier } = await consentOf();
    const tokens = await tokensOf(await browser.submit(page, { decision: 'allow' }), verifier);
    expect(tokens.scope.split(' ').sort()).toEqual(scope.split(' ').sort());
  });

  it('grants what is left, down to categories, in the token, its refreshes and the event', async () => {
    const { browser, page, verifier } = await consentOf();
    const given: (readonly string[])[] = [];
    const stop = app
      .get(Oauth2Events, { strict: false })
      .consentGiven.subscribe(({ scopes }) => given.push(scopes));
    const answer = await browser.submit(page, {
      decision: 'allow',
      scope: ['offline_access', 'user/Observation.cruds', 'user/Patient.rs'],
      reading: 'user/Observation.cruds',
      category: 'user/Observation.cruds laboratory',
    });
    stop();
    const left = ['offline_access', `user/Observation.rs?category=${laboratory}`, 'user/Patient.rs'];
    expect(given).toEqual([left]);
    const tokens = await tokensOf(answer, verifier);
    expect(tokens.scope.split(' ').sort()).toEqual(left);
    expect(tokens.id_token).toBeUndefined();

    const claims = await app
      .get<LocalAccessTokens>(LOCAL_ACCESS_TOKENS, { strict: false })
      .verify(tokens.access_token);
    expect(claims).toMatchObject({ ok: true, claims: { audience: [fhirBase] } });

    const refresh = (more: Record<string, string> = {}) =>
      postForm(app, '/oauth2/token', {
        grant_type: 'refresh_token',
        refresh_token: tokens.refresh_token ?? '',
        client_id: 'growth-app',
        ...more,
      });
    const wider = await refresh({ scope: 'user/Observation.cruds' });
    expect([wider.statusCode, wider.json<{ error: string }>().error]).toEqual([400, 'invalid_scope']);
    const refreshed = await refresh();
    expect(refreshed.json<TokenResponse>().scope.split(' ').sort()).toEqual(left);
  });

  it('gives no refresh token where offline_access is taken away', async () => {
    const { browser, page, verifier } = await consentOf();
    const answer = await browser.submit(page, { decision: 'allow', scope: ['openid', 'user/Patient.rs'] });
    const tokens = await tokensOf(answer, verifier);
    expect(tokens.refresh_token).toBeUndefined();
    expect(tokens.scope.split(' ').sort()).toEqual(['openid', 'user/Patient.rs']);
  });

  it.each([
    ['a scope that the app may have but did not ask for', { scope: ['openid', 'user/Patient.cruds'] }],
    ['a wider scope', { scope: ['user/*.cruds'] }],
    ['a scope beyond the app', { scope: ['admin'] }],
    ['scopes glued together', { scope: ['openid user/Encounter.rs'] }],
    ['a category that is a query', { category: ['user/Condition.read problem-list-item&x=y'] }],
    ['a category for another scope', { category: ['user/Patient.rs laboratory'] }],
    ['reading where there is nothing else', { reading: ['user/Patient.rs'] }],
  ])('refuses a form with %s, and grants nothing', async (_name, fields) => {
    const { browser, page } = await consentOf();
    const refused = await browser.submit(page, { decision: 'allow', ...fields });
    expect(refused.statusCode).toBe(403);
    expect(refused.headers.location).toBeUndefined();
    // The request itself still stands, as it was asked.
    const answer = await browser.submit(page, { decision: 'deny' });
    expect(answerOf(answer).get('error')).toBe('access_denied');
  });

  it('asks again where nothing is left', async () => {
    const { browser, page } = await consentOf();
    const again = await browser.submit(page, { decision: 'allow', scope: [] });
    expect(again.statusCode).toBe(400);
    expect(again.body).toContain('Nothing is left.');
    expect(again.body).not.toContain(' checked');
  });

  it('takes no form without its token against forgery', async () => {
    const { browser, page } = await consentOf();
    const forged = await browser.submit(page, { decision: 'allow', csrf: 'x' });
    expect(forged.statusCode).toBe(403);
  });
});
