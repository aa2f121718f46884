import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { ClientsService } from '../../src/clients/index.js';
import { createApplication } from '../../src/application/create-application.js';
import { Settings } from '../../src/platform/config/index.js';
import { UsersService } from '../../src/users/index.js';
import { collectProblems, fitsWidth, launchChromium, takePicture } from '../kit/browser.js';
import { databases } from '../kit/databases.js';
import { authorize, Person, type TokenAnswer } from '../kit/person.js';

const password = 'correct horse battery staple';
const redirectUri = 'http://127.0.0.1:1/callback';
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0';

/** What a person reads, in each language. */
const words = {
  en: {
    ...{ title: 'What you have allowed', login: 'Sign in', signedInAs: 'Signed in as' },
    ...{ app: 'Growth chart', scopes: 'What it may do', scope: 'Measurements and observations' },
    ...{ endApp: 'End all access of Growth chart', appEnded: 'The application has no access any more.' },
    ...{ other: 'Firefox on Linux', endSession: 'Sign out there', sessionEnded: 'You are signed out there.' },
    none: 'No application has access in your name.',
  },
  ja: {
    ...{ title: '許可した内容', login: 'サインイン', signedInAs: 'サインインしています' },
    ...{ app: 'Growth chart', scopes: 'できること', scope: '検査・観察' },
    ...{ endApp: 'Growth chart のアクセスをすべて終了する', appEnded: 'アクセスはすべて終了しました' },
    ...{
      other: 'Linux の Firefox',
      endSession: 'そこからサインアウト',
      sessionEnded: 'サインアウトしました',
    },
    none: 'あなたの名義でアクセスできるアプリケーションはありません。',
  },
} as const;

/** The page of approvals as a person without a mouse and without script uses it, on a telephone. */
describe.each(databases)('what a person has allowed, in a browser, on $name', (database) => {
  let app: NestFastifyApplication;
  let url: string;
  let browser: Browser;
  let contexts: BrowserContext[] = [];

  beforeAll(async () => {
    const settings = Settings.of({
      port: 0,
      databaseUrl: await database.create(),
      secretKey: randomBytes(32).toString('base64'),
      logLevel: 'error',
    });
    app = await createApplication(settings);
    await app.listen(0, '127.0.0.1');
    settings.setListeningPort((app.getHttpServer().address() as AddressInfo).port);
    url = settings.publicUrl;
    await app
      .get(UsersService, { strict: false })
      .create({ username: 'alice', password, roles: ['practitioner'] });
    await app.get(ClientsService, { strict: false }).create({
      clientId: 'growth-app',
      clientName: 'Growth chart',
      tokenEndpointAuthMethod: 'none',
      redirectUris: [redirectUri],
      grantTypes: ['authorization_code', 'refresh_token'],
      scope: 'openid offline_access user/*.cruds',
    });
    browser = await launchChromium();
  });

  afterEach(async () => {
    for (const context of contexts) await context.close();
    contexts = [];
  });

  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  const open = async (locale: string, userAgent?: string): Promise<Page> => {
    const context = await browser.newContext({
      ...{ javaScriptEnabled: false, locale, viewport: { width: 360, height: 740 } },
      ...(userAgent === undefined ? {} : { userAgent }),
    });
    contexts.push(context);
    return context.newPage();
  };
  const tokens = (): Promise<TokenAnswer> =>
    authorize(
      {
        ...{ issuer: `${url}/oauth2`, clientId: 'growth-app', redirectUri, aud: `${url}/fhir/r4` },
        scope: 'openid offline_access user/Observation.rs',
      },
      new Person({ username: 'alice', password }),
    );
  const read = async ({ access_token: token }: TokenAnswer): Promise<number> =>
    (await fetch(`${url}/fhir/r4/Observation`, { headers: { authorization: `Bearer ${token}` } })).status;
  const refresh = async ({ refresh_token: token = '' }: TokenAnswer): Promise<unknown> => {
    const body = { grant_type: 'refresh_token', refresh_token: token, client_id: 'growth-app' };
    const answer = await fetch(`${url}/oauth2/token`, { method: 'POST', body: new URLSearchParams(body) });
    return [answer.status, ((await answer.json()) as { error?: string }).error];
  };
  /** With the Tab key, as far as it takes. */
  const tabTo = async (page: Page, target: Locator): Promise<void> => {
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press('Tab');
      if (await target.evaluate((element) => element === element.ownerDocument.activeElement)) return;
    }
    throw new Error('The Tab key does not lead there.');
  };
  const press = async (page: Page, target: Locator): Promise<void> => {
    await tabTo(page, target);
    await page.keyboard.press('Enter');
  };
  const signIn = async (page: Page): Promise<void> => {
    await page.locator('input[name=username]:focus').waitFor();
    await page.keyboard.type('alice');
    await page.keyboard.press('Tab');
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
  };

  it.each(['en', 'ja'] as const)('can be seen and ended by keyboard alone, in %s', async (language) => {
    const text = words[language];
    const given = await tokens();
    expect(await read(given)).toBe(200);
    const elsewhere = await open(language, firefox);
    await elsewhere.goto(`${url}/oauth2/approvals`);
    await signIn(elsewhere);
    await elsewhere.getByRole('heading', { name: text.title }).waitFor();

    const page = await open(language);
    const problems = collectProblems(page);
    await page.goto(url);
    expect(await fitsWidth(page)).toBe(true);
    await takePicture(page, `start-${language}`);
    await press(page, page.getByRole('link', { name: 'What you have allowed' }));
    await page.getByRole('heading', { name: text.login }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe(language);
    expect(await fitsWidth(page)).toBe(true);
    await takePicture(page, `approvals-login-${language}`);
    await signIn(page);

    await page.getByRole('heading', { name: text.title }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe(language);
    expect(await page.getByText(text.signedInAs).first().isVisible()).toBe(true);
    const growth = page.getByRole('region', { name: text.app });
    await press(page, growth.getByText(text.scopes));
    expect(await growth.getByText(text.scope).isVisible()).toBe(true);
    expect(await fitsWidth(page)).toBe(true);
    await takePicture(page, `approvals-${language}`);

    await press(page, page.getByRole('button', { name: text.endApp }));
    await page.getByRole('status').getByText(text.appEnded).waitFor();
    expect(await page.getByText(text.none).count()).toBe(1);
    expect(await read(given)).toBe(401);
    expect(await refresh(given)).toEqual([400, 'invalid_grant']);

    const other = page.getByRole('region', { name: text.other });
    await press(page, other.getByRole('button', { name: text.endSession }));
    await page.getByRole('status').getByText(text.sessionEnded).waitFor();
    expect(await page.getByRole('region', { name: text.other }).count()).toBe(0);
    expect(await fitsWidth(page)).toBe(true);
    await takePicture(page, `approvals-ended-${language}`);
    await elsewhere.reload();
    await elsewhere.getByRole('heading', { name: text.login }).waitFor();
    // Of this browser the session goes on.
    await page.reload();
    await page.getByRole('heading', { name: text.title }).waitFor();
    expect(problems).toEqual([]);
  });

  it('is read in another language by a link, from signing in to signing out', async () => {
    const page = await open('en');
    const language = (): Promise<string | null> => page.locator('html').getAttribute('lang');
    await page.goto(`${url}/oauth2/approvals`);
    await press(page, page.getByRole('link', { name: '日本語' }));
    await page.getByRole('heading', { name: words.ja.login }).waitFor();
    expect(await language()).toBe('ja');
    expect(await fitsWidth(page)).toBe(true);
    await takePicture(page, 'approvals-login-chosen');
    await signIn(page);
    await page.getByRole('heading', { name: words.ja.title }).waitFor();
    expect(await fitsWidth(page)).toBe(true);
    await takePicture(page, 'approvals-chosen');
    await press(page, page.getByRole('link', { name: 'English' }));
    await page.getByRole('heading', { name: words.en.title }).waitFor();
    await press(page, page.getByRole('link', { name: '日本語' }));
    await page.getByRole('heading', { name: words.ja.title }).waitFor();
    await press(page, page.getByRole('link', { name: 'サインアウト' }));
    await press(page, page.getByRole('button', { name: 'サインアウト' }));
    await page.getByRole('heading', { name: '完了' }).waitFor();
    expect(await language()).toBe('ja');
  });

  it('is where the consent page leads, and the way back goes on', async () => {
    const page = await open('en');
    const parameters = new URLSearchParams({
      ...{ response_type: 'code', client_id: 'growth-app', redirect_uri: redirectUri, state: 's' },
      ...{ scope: 'user/Observation.rs', aud: `${url}/fhir/r4`, code_challenge_method: 'S256' },
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    });
    await page.goto(`${url}/oauth2/authorize?${parameters.toString()}`);
    await signIn(page);
    await page.getByRole('heading', { name: 'Allow Growth chart access?' }).waitFor();
    expect(await fitsWidth(page)).toBe(true);
    await takePicture(page, 'consent-with-approvals');
    await press(page, page.getByRole('link', { name: 'What you have allowed' }));
    await page.getByRole('heading', { name: 'What you have allowed' }).waitFor();
    await page.goBack();
    const back = page.waitForRequest((request) => request.url().startsWith(redirectUri));
    await press(page, page.getByRole('button', { name: 'Allow' }));
    expect(new URL((await back).url()).searchParams.get('code')).toMatch(/^[\w-]+$/);
  });
});
