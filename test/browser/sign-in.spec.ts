import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { ClientsService } from '../../src/clients/index.js';
import { createApplication } from '../../src/application/create-application.js';
import { Settings } from '../../src/platform/config/index.js';
import { UsersService } from '../../src/users/index.js';
import { authorizationRequest } from '../integration/oauth2/browser.js';
import { sqlite } from '../kit/databases.js';

const password = 'correct horse battery staple';
const screenshots = process.env.FIREKEEP_TEST_SCREENSHOTS;

/** The pages of the authorization server, in a real browser without script. */
describe('signing in with a browser', () => {
  let app: NestFastifyApplication;
  let settings: Settings;
  let home: Server;
  let client: Server;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  const listen = async (server: Server): Promise<string> => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const picture = async (name: string): Promise<void> => {
    if (screenshots === undefined) return;
    await page.screenshot({ path: `${screenshots}/${name}.png`, fullPage: true });
  };
  const authorize = (scope: string, more: Record<string, string> = {}): string => {
    const { address } = authorizationRequest({
      client_id: 'growth-app',
      redirect_uri: `${clientUrl}/callback`,
      scope,
      aud: `${settings.publicUrl}/fhir/r4`,
      ...more,
    });
    return `${settings.publicUrl}${new URL(address).pathname}${new URL(address).search}`;
  };
  const fits = async (): Promise<boolean> => {
    const size = page.viewportSize()?.width ?? 0;
    return page.locator('main').evaluate((element, width) => element.scrollWidth <= width, size);
  };
  let clientUrl: string;

  beforeAll(async () => {
    settings = Settings.of({
      port: 0,
      databaseUrl: await sqlite.create(),
      secretKey: randomBytes(32).toString('base64'),
      logLevel: 'error',
    });
    app = await createApplication(settings);
    await app.listen(0, '127.0.0.1');
    settings.setListeningPort((app.getHttpServer().address() as AddressInfo).port);
    home = createServer((_request, response) => response.end('home'));
    const homeUrl = await listen(home);
    // As many clients do: the callback leads on to another place.
    client = createServer((request, response) => {
      response.writeHead(303, { location: `${homeUrl}${request.url ?? ''}` }).end();
    });
    clientUrl = await listen(client);
    await app
      .get(UsersService, { strict: false })
      .create({ username: 'alice', password, roles: ['practitioner'], fhirUser: 'Practitioner/alice' });
    await app.get(ClientsService, { strict: false }).create({
      clientId: 'growth-app',
      clientName: 'Growth chart',
      tokenEndpointAuthMethod: 'none',
      redirectUris: ['http://127.0.0.1/callback'],
      grantTypes: ['authorization_code', 'refresh_token'],
      scope: 'openid fhirUser profile offline_access launch/patient user/*.cruds patient/*.rs',
      dynamicallyRegistered: true,
    });
    browser = await chromium.launch({
      executablePath: process.env.FIREKEEP_TEST_CHROMIUM ?? '/usr/bin/chromium',
      args: ['--headless', '--no-sandbox', '--disable-gpu'],
    });
  });

  beforeEach(async () => {
    context = await browser.newContext({ javaScriptEnabled: false });
    page = await context.newPage();
  });

  afterEach(() => context.close());

  afterAll(async () => {
    await browser.close();
    home.closeAllConnections();
    client.closeAllConnections();
    home.close();
    client.close();
    await app.close();
  });

  it.each([
    ['wide', 1280],
    ['narrow', 320],
  ])('works by keyboard in a %s window, and follows the client wherever it leads', async (name, width) => {
    await page.setViewportSize({ width, height: 700 });
    const problems: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('400')) problems.push(message.text());
    });
    await page.goto(authorize('openid fhirUser offline_access user/*.cruds'));
    expect(await page.title()).toBe('Sign in · Firekeep');
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    await picture(`login-${name}`);
    expect(await fits()).toBe(true);

    await page.getByLabel('User name').fill('alice');
    await page.getByLabel('Password').fill('wrong password');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    expect(await page.title()).toBe('Error: Sign in · Firekeep');
    await picture(`login-error-${name}`);
    expect(await fits()).toBe(true);

    await page.getByLabel('Password').focus();
    await page.keyboard.type(password);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Allow Growth chart access?' }).waitFor();
    await picture(`consent-${name}`);
    expect(await fits()).toBe(true);
    expect(await page.getByText('Unverified.').count()).toBe(1);

    await page.getByRole('button', { name: 'Allow' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/callback\?code=/);
    expect(await page.textContent('body')).toBe('home');
    expect(problems).toEqual([]);
  });

  it.each([
    ['wide', 1280],
    ['narrow', 360],
  ])('lets the user take away parts of what an app asks for, by keyboard, %s', async (name, width) => {
    await page.setViewportSize({ width, height: 700 });
    const { address, verifier } = authorizationRequest({
      client_id: 'growth-app',
      redirect_uri: `${clientUrl}/callback`,
      scope: 'openid offline_access user/Observation.cruds user/Condition.rs',
      aud: `${settings.publicUrl}/fhir/r4`,
    });
    await page.goto(`${settings.publicUrl}${new URL(address).pathname}${new URL(address).search}`);
    await page.getByLabel('User name').fill('alice');
    await page.getByLabel('Password').fill(password);
    await page.keyboard.press('Enter');
    const box = (label: string | RegExp) => page.getByRole('checkbox', { name: label });
    await box(/Keep this access/).focus();
    await page.keyboard.press('Space');
    await box(/Measurements and observations/).focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    expect(await box('Only read, change nothing').isChecked()).toBe(true);
    await box('vital signs').focus();
    await page.keyboard.press('Space');
    await picture(`consent-narrowed-${name}`);
    expect(await fits()).toBe(true);
    await page.keyboard.press('Enter');
    await page.waitForURL(/callback\?code=/);
    const response = await context.request.post(`${settings.publicUrl}/oauth2/token`, {
      form: {
        grant_type: 'authorization_code',
        code: new URL(page.url()).searchParams.get('code') ?? '',
        code_verifier: verifier,
        redirect_uri: `${clientUrl}/callback`,
        client_id: 'growth-app',
      },
    });
    const tokens = (await response.json()) as { scope: string; refresh_token?: string };
    expect(tokens.scope.split(' ').sort()).toEqual([
      'openid',
      'user/Condition.rs',
      'user/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|vital-signs',
    ]);
    expect(tokens.refresh_token).toBeUndefined();
  });

  it.each([
    ['wide', 1280],
    ['narrow', 360],
  ])('speaks Japanese to who reads it, by ui_locales, %s', async (name, width) => {
    await page.setViewportSize({ width, height: 700 });
    await page.goto(authorize('openid offline_access user/Observation.cruds', { ui_locales: 'ja-JP en' }));
    expect(await page.locator('html').getAttribute('lang')).toBe('ja');
    await picture(`login-japanese-${name}`);
    expect(await fits()).toBe(true);
    await page.getByLabel('ユーザー名').fill('alice');
    await page.getByLabel('パスワード').fill(password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Growth chart のアクセスを許可しますか' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('ja');
    await page.getByText('一部だけを許可する').focus();
    await page.keyboard.press('Enter');
    await picture(`consent-japanese-${name}`);
    expect(await fits()).toBe(true);
    await page.getByRole('button', { name: '拒否' }).click();
    await page.waitForURL(/callback\?error=access_denied/);
    await page.goto(`${settings.publicUrl}/oauth2/logout?ui_locales=ja`);
    expect(await page.getByRole('heading').textContent()).toBe('サインアウトしますか');
  });

  it('shows errors and the device page in the language of the browser', async () => {
    await page.setExtraHTTPHeaders({ 'accept-language': 'ja,en;q=0.5' });
    await page.goto(authorize('user/*.rs', { redirect_uri: 'https://evil.example.org/' }));
    expect(await page.getByRole('heading').textContent()).toBe('問題が発生しました');
    await picture('error-japanese');
    await page.goto(`${settings.publicUrl}/oauth2/interaction/unknown`);
    expect(await page.getByRole('heading').textContent()).toBe('問題が発生しました');
    await page.goto(`${settings.publicUrl}/oauth2/device`);
    expect(await page.getByRole('heading').textContent()).toBe('機器の接続');
    await picture('device-japanese');
  });

  it('takes the user back empty-handed when they deny', async () => {
    await page.goto(authorize('user/*.rs'));
    await page.getByLabel('User name').fill('alice');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.waitForURL(/callback\?error=access_denied/);
  });

  it('shows an error as a page, and asks before it signs out', async () => {
    await page.setViewportSize({ width: 320, height: 700 });
    await page.goto(authorize('user/*.rs', { redirect_uri: 'https://evil.example.org/' }));
    expect(await page.getByRole('heading').textContent()).toBe('Something went wrong');
    await picture('error-narrow');
    expect(await fits()).toBe(true);

    await page.goto(authorize('user/*.rs'));
    await page.getByLabel('User name').fill('alice');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForURL(/callback\?code=/);
    await page.goto(`${settings.publicUrl}/oauth2/logout`);
    await picture('logout-narrow');
    expect(await fits()).toBe(true);
    await page.getByRole('button', { name: 'Sign out' }).click();
    expect(await page.getByRole('heading').textContent()).toBe('Done');
    await page.goto(authorize('user/*.rs'));
    expect(await page.getByLabel('Password').count()).toBe(1);
  });
});
