import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { decodeJwt } from 'jose';
import { RevocationService } from '../../../src/oauth2/index.js';
import { databases } from '../../kit/databases.js';
import type { HttpAnswer } from '../../kit/http.js';
import { addClient, addUsers, fhirBase, publicClient, redirectUri, start } from './application.js';
import { answerOf, authorizationRequest, Browser, postForm } from './browser.js';

describe.each(databases)('what an authorization request says of the user on $name', (database) => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    app = await start(await database.create());
    await addUsers(app);
    await addClient(app, publicClient);
    await addClient(app, { ...publicClient, clientId: 'other-app' });
    await addClient(app, {
      ...publicClient,
      clientId: 'installed-app',
      redirectUris: ['http://127.0.0.1/callback'],
    });
  });

  afterAll(() => app.close());

  const ask = async (
    browser: Browser,
    parameters: Readonly<Record<string, string | undefined>>,
  ): Promise<{ page: HttpAnswer; verifier: string }> => {
    const { address, verifier } = authorizationRequest({
      scope: 'openid user/Patient.rs',
      aud: fhirBase,
      ...parameters,
    });
    return { page: await browser.follow(await browser.get(address)), verifier };
  };
  const redeem = async (page: HttpAnswer, verifier: string): Promise<Record<string, string>> =>
    (
      await postForm(app, '/oauth2/token', {
        grant_type: 'authorization_code',
        code: answerOf(page).get('code') ?? '',
        code_verifier: verifier,
        redirect_uri: redirectUri,
        client_id: 'growth-app',
      })
    ).json();
  /** A browser whose user has allowed the client. */
  const approved = async (
    parameters: Readonly<Record<string, string | undefined>> = {},
  ): Promise<Browser> => {
    const browser = new Browser(app);
    const { page } = await ask(browser, parameters);
    const done = await browser.submit(await browser.signIn(page), { decision: 'allow' });
    expect(answerOf(done).get('code')).toBeTruthy();
    return browser;
  };
  const error = ({ page }: { page: HttpAnswer }): string | null => answerOf(page).get('error');

  it('none: whoever is not signed in is not asked to be', async () => {
    expect(error(await ask(new Browser(app), { prompt: 'none' }))).toBe('login_required');
  });

  it('none: what was allowed in this session is given again, in a grant of its own', async () => {
    const browser = await approved();
    const { page, verifier } = await ask(browser, { prompt: 'none', nonce: 'again' });
    const tokens = await redeem(page, verifier);
    expect(tokens).toMatchObject({ scope: 'openid user/Patient.rs', token_type: 'Bearer' });
    expect(decodeJwt(tokens.id_token ?? '')).toMatchObject({ sub: 'alice', nonce: 'again' });
    const less = await ask(browser, { prompt: 'none', scope: 'user/Patient.r' });
    expect(await redeem(less.page, less.verifier)).toMatchObject({ scope: 'user/Patient.r' });
  });

  it('none: identity alone goes with anything that was allowed with it', async () => {
    const { page, verifier } = await ask(await approved(), {
      prompt: 'none',
      scope: 'openid',
      aud: undefined,
    });
    expect(await redeem(page, verifier)).toMatchObject({ scope: 'openid' });
  });

  it('none: access while away is not granted without a page', async () => {
    const scope = 'openid user/Patient.rs offline_access';
    const { page, verifier } = await ask(await approved(), { prompt: 'none', scope });
    const tokens = await redeem(page, verifier);
    expect(tokens).toMatchObject({ scope: 'openid user/Patient.rs' });
    expect(tokens).not.toHaveProperty('refresh_token');
  });

  it.each<[string, Record<string, string | undefined>]>([
    ['more scopes', { scope: 'openid user/*.rs' }],
    ['other scopes', { scope: 'openid fhirUser user/Patient.rs' }],
    ['another endpoint', { aud: 'https://fhir.example.org/csp/healthshare/fhirserver/fhir/r4' }],
    ['another client', { client_id: 'other-app' }],
  ])('none: %s ask for consent', async (_name, parameters) => {
    const browser = await approved();
    expect(error(await ask(browser, { ...parameters, prompt: 'none' }))).toBe('consent_required');
  });

  it('none: a patient is never chosen without a page', async () => {
    const browser = await approved();
    expect(error(await ask(browser, { prompt: 'none', scope: 'openid launch/patient patient/*.rs' }))).toBe(
      'interaction_required',
    );
  });

  it('none: an installed application, whose redirect anybody could receive, is asked about each time', async () => {
    const redirect = 'http://127.0.0.1:5000/callback';
    const request = { client_id: 'installed-app', redirect_uri: redirect };
    const browser = await approved(request);
    expect(error(await ask(browser, { ...request, prompt: 'none' }))).toBe('consent_required');
  });

  it('none: what was taken back is not given again', async () => {
    const browser = await approved();
    await app.get(RevocationService, { strict: false }).revokeApproval('alice', 'growth-app', null);
    expect(error(await ask(browser, { prompt: 'none' }))).toBe('consent_required');
  });

  it('nothing: each request is asked about, however often it was allowed', async () => {
    const { page } = await ask(await approved(), {});
    expect(page.body).toContain('value="allow"');
  });

  it('select_account: whoever is signed in may sign in as somebody else', async () => {
    const browser = await approved();
    const { page, verifier } = await ask(browser, { prompt: 'select_account' });
    expect(page.body).toContain('name="password"');
    let next = await browser.signIn(page, 'root');
    if (next.body.includes('end_session')) next = await browser.submit(next, {});
    const passage = next.body.includes('value="allow"') ? next : await browser.submit(next, {});
    const tokens = await redeem(await browser.submit(passage, { decision: 'allow' }), verifier);
    expect(decodeJwt(tokens.id_token ?? '').sub).toBe('root');
    expect(error(await ask(browser, { prompt: 'none select_account' }))).toBe('invalid_request');
  });
});
