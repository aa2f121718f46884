import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomBytes, createHash } from 'node:crypto';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { collectProblems, fitsWidth, launchChromium, takePicture } from '../kit/browser.js';
import { sqlite } from '../kit/databases.js';
import { Management } from '../kit/management.js';
import { startServer, type ServerProcess } from '../kit/server-process.js';

const administrator = 'correct horse battery staple';
const alice = { username: 'alice', password: 'a long walk to the harbour', roles: ['practitioner'] };

/** Pages of a server that runs on its own, without script. */
describe('the pages in a browser', () => {
  let server: ServerProcess;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let problems: string[];
  let client: Server;
  let clientUrl: string;

  beforeAll(async () => {
    server = await startServer(await sqlite.create(), { FIREKEEP_ADMIN_PASSWORD: administrator });
    browser = await launchChromium();
    client = createServer((request, response) => {
      response.setHeader('content-type', 'text/html');
      const framed = new URL(request.url ?? '/', 'http://client').searchParams.get('frame');
      response.end(
        `<title>Client</title><link rel="icon" href="data:,">${framed === null ? 'Back' : `<iframe src="${framed.replaceAll('&', '&amp;')}"></iframe>`}`,
      );
    });
    await new Promise<void>((resolve) => client.listen(0, '127.0.0.1', resolve));
    clientUrl = `http://127.0.0.1:${(client.address() as AddressInfo).port}`;
    const management = new Management(server.url, 'admin', administrator);
    await management.call('POST', 'users', alice);
    await management.call('POST', 'clients', {
      clientId: 'ward-app',
      clientName: 'Ward app',
      tokenEndpointAuthMethod: 'none',
      redirectUris: [`${clientUrl}/callback`],
      grantTypes: ['authorization_code'],
      scope: 'openid fhirUser user/*.cruds',
    });
  });

  beforeEach(async () => {
    context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1280, height: 800 } });
    page = await context.newPage();
    problems = collectProblems(page);
  });

  afterEach(() => context.close());

  afterAll(async () => {
    await browser.close();
    client.closeAllConnections();
    client.close();
    await server.stop();
  });

  const authorizationUrl = (): string => {
    const url = new URL(`${server.url}/oauth2/authorize`);
    url.search = new URLSearchParams({
      response_type: 'code',
      client_id: 'ward-app',
      redirect_uri: `${clientUrl}/callback`,
      scope: 'openid user/*.cruds',
      aud: `${server.url}/fhir/r4`,
      state: randomBytes(8).toString('hex'),
      code_challenge: createHash('sha256').update(randomBytes(32).toString('hex')).digest('base64url'),
      code_challenge_method: 'S256',
    }).toString();
    return url.href;
  };

  it('leads from sign-in over consent back to the client by keyboard alone', async () => {
    await page.goto(authorizationUrl());
    await page.keyboard.type(alice.username);
    await page.keyboard.press('Tab');
    await page.keyboard.type(alice.password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Allow Ward app access?' }).waitFor();
    const allow = page.getByRole('button', { name: 'Allow' });
    for (let presses = 0; presses < 10; presses += 1) {
      if (await allow.evaluate((button) => button === button.ownerDocument.activeElement)) break;
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/callback\?code=/);
    expect(problems).toEqual([]);
  });

  it('tells a screen reader what was wrong, and where', async () => {
    await page.goto(authorizationUrl());
    await page.getByLabel('User name').fill(alice.username);
    await page.getByLabel('Password').fill('another password');
    await page.keyboard.press('Enter');
    expect(await page.getByRole('alert').innerText()).toContain('User name or password is wrong.');
    for (const label of ['User name', 'Password']) {
      const field = page.getByLabel(label);
      expect(await field.getAttribute('aria-invalid')).toBe('true');
      const described = await field.getAttribute('aria-describedby');
      expect(await page.locator(`#${described}`).innerText()).toBe('User name or password is wrong.');
    }
    expect(await page.getByLabel('User name').inputValue()).toBe(alice.username);
    expect(await page.getByLabel('Password').inputValue()).toBe('');
  });

  it.each([
    ['the sign-in page', () => authorizationUrl()],
    ['the start page', () => `${server.url}/`],
    ['the documentation', () => `${server.url}/docs`],
    ['the way back of the documentation', () => `${server.url}/docs/oauth2-redirect.html`],
  ])('does not let %s be shown in a frame of another site', async (_name, address) => {
    const { headers } = await context.request
      .get(address())
      .then((answer) => ({ headers: answer.headers() }));
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    const blocked = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
    await page.goto(`${clientUrl}/?frame=${encodeURIComponent(address())}`);
    expect((await blocked).type()).toBe('error');
  });

  it.each([
    ['wide', 1280],
    ['narrow', 320],
  ])('shows what runs here in a %s window', async (name, width) => {
    await page.setViewportSize({ width, height: 800 });
    await page.goto(`${server.url}/`);
    await takePicture(page, `start-${name}`);
    expect(await page.getByRole('link', { name: `${server.url}/fhir/r4`, exact: true }).count()).toBe(1);
    expect(await fitsWidth(page)).toBe(true);
    expect(problems).toEqual([]);
  });

  it('has no link on the start page that leads nowhere', async () => {
    await page.goto(`${server.url}/`);
    const addresses = await page
      .getByRole('link')
      .evaluateAll((links) => links.map((link) => (link as unknown as { href: string }).href));
    expect(addresses.length).toBeGreaterThan(6);
    for (const address of addresses) {
      expect([address, (await context.request.get(address)).status()]).toEqual([address, 200]);
    }
  });

  it('names on the start page what keeps an endpoint from working', async () => {
    const management = new Management(server.url, 'admin', administrator);
    await management.call('POST', 'endpoints', {
      path: '/elsewhere',
      repository: 'default',
      checkMode: 'bearer',
      oauthClientName: 'Nobody',
    });
    await page.setViewportSize({ width: 320, height: 800 });
    await page.goto(`${server.url}/`);
    await takePicture(page, 'start-problem-narrow');
    expect(await page.getByText('no client configuration has the application name Nobody').count()).toBe(1);
    expect(await fitsWidth(page)).toBe(true);
  });
});
