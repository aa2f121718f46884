import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { databases } from '../../kit/databases.js';
import { send, type HttpAnswer } from '../../kit/http.js';
import {
  addClient,
  addUsers,
  fhirBase,
  issuer,
  password,
  publicClient,
  publicUrl,
  start,
} from './application.js';
import { authorizationRequest, Browser, postForm, tokensFor } from './browser.js';

const approvals = '/oauth2/approvals';

/** The language of a page, and whether it says so once. */
const languageOf = ({ body }: HttpAnswer): string =>
  [...body.matchAll(/<html lang="(\w+)"/g)].map(([, language = '']) => language).join();

/** OpenID Connect's `ui_locales`, then `Accept-Language`, then English: on every page of the way. */
describe.each(databases)('languages of the pages on $name', (database) => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    app = await start(await database.create());
    await addUsers(app);
    await addClient(app, publicClient);
    await addClient(app, {
      clientId: 'pump',
      clientName: 'Infusion pump',
      tokenEndpointAuthMethod: 'none',
      grantTypes: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      scope: 'openid offline_access user/*.rs',
    });
  });

  afterAll(() => app.close());

  const reading = (languages: string): Browser =>
    new Browser(app, publicUrl, { 'accept-language': languages });
  const request = (more: Record<string, string>): string =>
    authorizationRequest({ scope: 'openid user/*.rs', aud: fhirBase, ...more }).address;

  it('are announced in both metadata documents', async () => {
    for (const url of [
      '/oauth2/.well-known/openid-configuration',
      '/.well-known/oauth-authorization-server/oauth2',
    ]) {
      expect((await send(app, { url })).json().ui_locales_supported).toEqual(['en', 'ja']);
    }
  });

  it.each([
    ['ja', 'en', 'ja'],
    ['fr ja-JP en', 'en', 'ja'],
    ['en-GB', 'ja', 'en'],
    ['fr', 'ja;q=0.8, fr', 'ja'],
    [undefined, 'ja-JP, en;q=0.5', 'ja'],
    [undefined, 'fr', 'en'],
    ['"><script>', 'fr', 'en'],
  ])('follow ui_locales %p before Accept-Language %p, all the way: %s', async (asked, accepted, language) => {
    const browser = reading(accepted);
    const more = asked === undefined ? {} : { ui_locales: asked };
    const login = await browser.follow(
      await browser.get(request({ ...more, scope: 'openid patient/*.rs launch/patient user/*.rs' })),
    );
    expect(login.body).toContain('name="password"');
    const wrong = await browser.signIn(login, 'alice', 'another password');
    expect(wrong.statusCode).toBe(400);
    const picker = await browser.signIn(wrong);
    expect(picker.body).toContain('name="birthDate"');
    expect([login, wrong, picker].map(languageOf)).toEqual([language, language, language]);
    expect(login.body + wrong.body + picker.body).not.toContain('<script');
    const consent = await browser.follow(await browser.get(request(more)));
    expect(consent.body).toContain('value="allow"');
    const nothing = await browser.submit(consent, { decision: 'allow', scope: [] });
    expect(nothing.statusCode).toBe(400);
    expect([consent, nothing].map(languageOf)).toEqual([language, language]);
    // A form that was changed, and one that was sent before: errors in the words of the page before.
    const forged = await browser.submit(consent, { decision: 'allow', csrf: 'x' });
    const finished = await browser.submit(consent, { decision: 'allow' });
    expect(finished.headers.location).toContain('code=');
    const again = await browser.submit(consent, { decision: 'allow' });
    expect([forged, again].map(({ statusCode }) => statusCode)).toEqual([403, 400]);
    expect([forged, again].map(languageOf)).toEqual([language, language]);
    const refused = await browser.get(request({ ...more, redirect_uri: 'https://evil.example.org/' }));
    expect([refused.statusCode, languageOf(refused)]).toEqual([400, language]);
  });

  it('follow a pushed request, and stay when another person signs in', async () => {
    const { address } = authorizationRequest({ scope: 'openid user/*.rs', aud: fhirBase, ui_locales: 'ja' });
    const form = Object.fromEntries(new URL(address).searchParams);
    const pushed = (await postForm(app, '/oauth2/par', form)).json<{ request_uri: string }>();
    const query = new URLSearchParams({ client_id: 'growth-app', request_uri: pushed.request_uri });
    const browser = reading('en');
    const login = await browser.follow(await browser.get(`${issuer}/authorize?${query.toString()}`));
    expect([login.statusCode, languageOf(login)]).toEqual([200, 'ja']);
    const consent = await browser.signIn(login);
    expect(consent.body).toContain('value="allow"');
    expect(languageOf(consent)).toBe('ja');

    const other = await browser.follow(await browser.get(request({ ui_locales: 'ja', prompt: 'login' })));
    const passage = await browser.signIn(other, 'root');
    expect(passage.body).not.toContain('value="allow"');
    expect([other, passage].map(languageOf)).toEqual(['ja', 'ja']);
    expect(languageOf(await browser.submit(passage, {}))).toBe('ja');
  });

  it('stay when signing out, up to the end', async () => {
    const browser = reading('en');
    await browser.signIn(await browser.get(approvals));
    const asked = await browser.get('/oauth2/logout?ui_locales=ja');
    const stayed = await browser.submit(asked, {});
    const done = await browser.submit(await browser.get('/oauth2/logout?ui_locales=ja'), { logout: 'yes' });
    expect(done.body).toContain('完了');
    const nobody = await browser.get('/oauth2/logout?ui_locales=ja');
    expect([asked, stayed, done, nobody].map(languageOf)).toEqual(['ja', 'ja', 'ja', 'ja']);
    expect(languageOf(await browser.get('/oauth2/logout'))).toBe('en');
  });

  it('follow what a device says that its user reads, and the link that it shows', async () => {
    const form = { client_id: 'pump', scope: 'openid offline_access user/*.rs', ui_locales: 'ja' };
    const device = (await postForm(app, '/oauth2/device_authorization', form)).json<{ user_code: string }>();
    const browser = reading('en');
    const entered = await browser.get('/oauth2/device?ui_locales=ja');
    const wrong = await browser.submit(entered, { user_code: 'BBBB-BBBB' });
    expect([entered, wrong].map(languageOf)).toEqual(['ja', 'ja']);
    const plain = await browser.get('/oauth2/device');
    expect(languageOf(plain)).toBe('en');
    const compare = await browser.submit(plain, { user_code: device.user_code });
    const login = await browser.submit(compare, { confirm: 'yes' });
    const consent = await browser.signIn(login);
    const connected = await browser.submit(consent, { decision: 'allow' });
    expect(connected.body).toContain('接続しました');
    expect(connected.body).toContain('/oauth2/approvals?ui_locales=ja"');
    expect([compare, login, consent, connected].map(languageOf)).toEqual(['ja', 'ja', 'ja', 'ja']);
  });

  describe('on the page of approvals', () => {
    const linkTo = ({ body }: HttpAnswer, language: string): string =>
      (new RegExp(`<a href="([^"]*)" hreflang="${language}"`).exec(body)?.[1] ?? '').replaceAll('&amp;', '&');

    it('can be chosen by a link, and stay so whatever is done there', async () => {
      for (let n = 0; n < 5; n += 1) await tokensFor(app, { scope: 'openid user/*.rs', aud: fhirBase });
      const browser = reading('en');
      const english = await browser.get(`${approvals}?app=growth-app`);
      expect(languageOf(english)).toBe('en');
      const login = await browser.get(linkTo(english, 'ja'));
      const wrong = await browser.signIn(login, 'alice', 'another password');
      const one = await browser.signIn(wrong);
      expect(one.body).toContain('Growth chart');
      const [, back = ''] = /<nav class="pages"[^>]*>\n<a href="([^"]*)"/.exec(one.body) ?? [];
      const all = await browser.get(back);
      const [, handle = ''] = /name="value" value="([0-9a-f]{64})"/.exec(all.body) ?? [];
      const [, csrf = ''] = /name="csrf" value="(\w+)"/.exec(all.body) ?? [];
      const [, action = ''] = /<form method="post" action="([^"]*)"/.exec(all.body) ?? [];
      const ended = await browser.follow(await browser.post(action, { csrf, end: 'access', value: handle }));
      expect(ended.body).toContain('このアクセスは終了しました。');
      const [, more = ''] = /<a href="([^"]*app=growth-app[^"]*)"/.exec(ended.body) ?? [];
      const ofOne = await browser.get(more.replaceAll('&amp;', '&'));
      const forged = await browser.post(action, { csrf: 'x', end: 'access', value: handle });
      expect(forged.statusCode).toBe(403);
      const [, signOut = ''] = /<a href="([^"]*\/logout[^"]*)"/.exec(ofOne.body) ?? [];
      const leaving = await browser.get(signOut);
      const shown = [login, wrong, one, all, ended, ofOne, forged, leaving];
      expect(shown.map(languageOf)).toEqual(shown.map(() => 'ja'));
      const backToEnglish = await browser.get(linkTo(ofOne, 'en'));
      expect(languageOf(backToEnglish)).toBe('en');
      expect(backToEnglish.body).toContain('Growth chart');
      await browser.submit(leaving, { logout: 'yes' });
      const stale = await browser.follow(await browser.post(action, { csrf, end: 'access', value: handle }));
      expect(languageOf(stale)).toBe('ja');
      expect(stale.body).toContain('name="password"');
    });

    it.each([
      ['ui_locales=ja&ui_locales=en', 'en'],
      ['ui_locales=%22%3E%3Cscript%3Ealert(1)%3C/script%3E', 'en'],
      [`ui_locales=${'x+'.repeat(700)}ja`, 'en'],
      ['ui_locales=', 'en'],
      ['ui_locales[]=ja', 'en'],
      ['ui_locales=ja%0d%0aset-cookie:a=b', 'en'],
    ])('can’t be chosen by what is no language: %s', async (query, language) => {
      const shown = await reading('fr').get(`${approvals}?${query}`);
      expect(shown.statusCode).toBe(200);
      expect(languageOf(shown)).toBe(language);
      expect(shown.body).not.toContain('<script');
      expect(/<form method="post" action="([^"]*)"/.exec(shown.body)?.[1]).toBe(approvals);
      const browser = reading('fr');
      const after = await browser.signIn(await browser.get(`${approvals}?${query}`), 'alice', password);
      expect([after.statusCode, languageOf(after)]).toEqual([200, language]);
    });
  });
});
