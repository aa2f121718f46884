import { createServer, type Server } from 'node:http';
import { mkdtempSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { LaunchesService } from '../../../src/oauth2/index.js';
import { databases } from '../../kit/databases.js';
import { send } from '../../kit/http.js';
import { addClient, addUsers, fhirBase, issuer, publicClient, start } from './application.js';
import { answerOf, authorizationRequest, Browser, postForm, tokensFor } from './browser.js';
import { until } from '../../kit/until.js';

const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><script>alert(1)</script></svg>';
const css = 'html{--accent:#064}';
const style = { color_background: '#f0f0f0', dim_font_size: '14px' };

describe.each(databases)('the theme on $name', (database) => {
  const folder = mkdtempSync(join(tmpdir(), 'firekeep-theme-'));
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  let app: NestFastifyApplication;
  let elsewhere: Server;
  let address: string;
  let asked: string[] = [];

  beforeAll(async () => {
    elsewhere = createServer((request, response) => {
      asked.push(request.url ?? '');
      if (request.url === '/logo.svg') response.end(svg);
      else if (request.url === '/large') response.end(Buffer.alloc(300 * 1024));
      else response.writeHead(302, { location: '/logo.svg' }).end();
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
    app = await start(await database.create(), {
      themeName: 'Spital Nord',
      themeLogo: `${address}/logo.svg`,
      themeStylesheet: file('style.css', css),
      smartStyle: file('smart.json', JSON.stringify(style)),
    });
    await addUsers(app);
    await addClient(app, publicClient);
    await addClient(app, {
      ...publicClient,
      clientId: 'launched',
      redirectUris: [...(publicClient.redirectUris ?? [])],
      scope: `${publicClient.scope ?? ''} launch`,
    });
    await fetched(app);
  });

  afterAll(async () => {
    elsewhere.closeAllConnections();
    elsewhere.close();
    await app.close();
  });

  const fetched = (application: NestFastifyApplication): Promise<void> =>
    until(
      'the logo',
      async () => (await send(application, { url: '/oauth2/theme/logo' })).statusCode === 200,
    );

  it('gives each page name, logo and stylesheet, from this server only', async () => {
    const login = await new Browser(app).get('/oauth2/approvals');
    expect(login.body).toContain('<title>Sign in · Spital Nord</title>');
    const [, logo = ''] = /<img src="([^"]*)" alt="Spital Nord">/.exec(login.body) ?? [];
    const [, sheet = ''] = /<link rel="stylesheet" href="([^"]*)">/.exec(login.body) ?? [];
    const policy = String(login.headers['content-security-policy']);
    for (const url of [logo, sheet]) {
      expect(url.startsWith(`${issuer}/theme/`)).toBe(true);
      expect(policy).toContain(` ${url.split('?')[0]};`);
    }
    expect(policy).not.toContain(address);
    const { pathname, search } = new URL(logo);
    const image = await send(app, { url: pathname + search });
    expect([image.body, image.headers['content-type']]).toEqual([svg, 'image/svg+xml']);
    expect(image.headers['content-security-policy']).toContain('sandbox');
    expect(image.headers['x-content-type-options']).toBe('nosniff');
    const stylesheet = await send(app, { url: new URL(sheet).pathname });
    expect([stylesheet.body, stylesheet.headers['content-type']]).toEqual([css, 'text/css; charset=utf-8']);
    for (const path of ['/oauth2/nothing', '/oauth2/logout', '/oauth2/device', '/oauth2/authorize']) {
      expect((await new Browser(app).get(path)).body).toContain(' · Spital Nord</title>');
    }
  });

  it('is fetched once, not by every page', async () => {
    await new Browser(app).get('/oauth2/approvals');
    expect(asked).toEqual(['/logo.svg']);
  });

  it('tells apps its style, of which the address changes with the content; a launch comes first', async () => {
    const request = { scope: 'openid user/*.rs offline_access', aud: fhirBase };
    const tokens = (await tokensFor(app, request)) as unknown as Record<string, string>;
    const url = tokens.smart_style_url ?? '';
    expect(url).toMatch(/\/oauth2\/theme\/smart-style\.json\?v=[0-9a-f]{16}$/);
    const served = await send(app, { url: new URL(url).pathname });
    expect(served.json()).toEqual(style);
    expect(served.headers['access-control-allow-origin']).toBe('*');
    const refreshed = await postForm(app, '/oauth2/token', {
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token ?? '',
      client_id: 'growth-app',
    });
    expect(refreshed.json()).toMatchObject({ smart_style_url: url });
    const own = 'https://ehr.example.org/style.json';
    const { launch } = await app
      .get(LaunchesService, { strict: false })
      .create({ username: 'alice', clientId: 'launched', smartStyleUrl: own });
    const launched = await tokensFor(app, {
      ...{ client_id: 'launched', scope: 'launch user/*.rs', aud: fhirBase, launch },
    });
    expect(launched).toMatchObject({ smart_style_url: own });
    expect(await tokensFor(app, { scope: 'openid' })).not.toHaveProperty('smart_style_url');
  });

  it.each([
    ['themeLogo', 'FIREKEEP_THEME_LOGO', () => join(folder, 'absent.png')],
    ['themeLogo', 'FIREKEEP_THEME_LOGO', () => file('page.png', '<html>')],
    ['themeStylesheet', 'FIREKEEP_THEME_STYLESHEET', () => file('large.css', 'x'.repeat(65 * 1024))],
    ['smartStyle', 'FIREKEEP_SMART_STYLE', () => file('list.json', '[]')],
  ] as const)('ends the start where %s is wrong', async (key, name, source) => {
    await expect(start(await database.create(), { [key]: source() })).rejects.toMatchObject({
      code: 'OAUTH2_THEME_INVALID',
      message: expect.stringContaining(name) as string,
    });
  });

  it('is left out where an address gives nothing that can be used', async () => {
    for (const path of ['/large', '/redirect']) {
      asked = [];
      const other = await start(await database.create(), {
        themeLogo: address + path,
        smartStyle: 'https://ehr.example.org/style.json',
        logLevel: 'silent',
      });
      await until(`a request for ${path}`, () => asked.length > 0);
      await sleep(100);
      expect(asked).toEqual([path]);
      const login = await new Browser(other).get('/oauth2/approvals');
      expect(login.body).toContain('<p class="brand">Firekeep</p>');
      expect((await send(other, { url: '/oauth2/theme/logo' })).statusCode).toBe(404);
      await other.close();
    }
  });

  describe('pages', () => {
    it('are this server’s where nobody is signed in who could sign out', async () => {
      await addClient(app, {
        ...publicClient,
        clientId: 'gone',
        postLogoutRedirectUris: ['https://app.example.com/bye?x=1'],
      });
      const browser = new Browser(app);
      const page = await browser.get('/oauth2/logout');
      expect(page.statusCode).toBe(200);
      expect(page.body).toContain('Nobody is signed in with this browser');
      expect(page.body).not.toContain('<form');
      expect(browser.cookies.size).toBe(0);
      const query = (uri: string): string =>
        new URLSearchParams({ client_id: 'gone', post_logout_redirect_uri: uri, state: 's' }).toString();
      const back = await browser.get(`/oauth2/logout?${query('https://app.example.com/bye?x=1')}`);
      expect([back.statusCode, back.headers.location]).toEqual([
        303,
        'https://app.example.com/bye?x=1&state=s',
      ]);
      const evil = await browser.get(`/oauth2/logout?${query('https://evil.example.org/')}`);
      expect([evil.statusCode, evil.headers.location]).toEqual([400, undefined]);
      const anybody = await browser.get('/oauth2/logout?post_logout_redirect_uri=https://evil.example.org/');
      expect([anybody.statusCode, anybody.headers.location]).toEqual([200, undefined]);
    });

    it('are this server’s on the way to a client and from one user to another', async () => {
      const browser = new Browser(app);
      const parameters = { scope: 'user/*.rs', aud: fhirBase };
      const first = authorizationRequest({ ...parameters, response_mode: 'form_post' });
      const consent = await browser.signIn(await browser.follow(await browser.get(first.address)));
      const toClient = await browser.submit(consent, { decision: 'allow' });
      expect(toClient.body).toContain('You are being taken back to <strong>Growth chart</strong>.');
      expect(toClient.body).toContain('action="https://app.example.com/callback"');
      expect(toClient.body).toMatch(/name="code" value="[\w-]+"/);
      expect(toClient.headers['content-security-policy']).toMatch(
        /script-src 'sha256-[^']+'; form-action 'self' https:;/,
      );
      const second = authorizationRequest({ ...parameters, prompt: 'login' });
      const change = await browser.signIn(await browser.follow(await browser.get(second.address)), 'root');
      expect(change.body).toContain('Somebody else is signed in here');
      expect(change.body).not.toContain('Growth chart');
      const asked2 = await browser.submit(change, {});
      expect(answerOf(await browser.submit(asked2, { decision: 'allow' })).get('code')).toBeTruthy();
      const denied = authorizationRequest({
        ...parameters,
        prompt: 'consent',
        response_mode: 'form_post',
        state: '"><b>',
      });
      const refusal = await browser.submit(await browser.follow(await browser.get(denied.address)), {
        decision: 'deny',
      });
      expect(refusal.body).toContain('name="error" value="access_denied"');
      expect(refusal.body).not.toContain('<b>');
    });

    it.each([
      ['GET', '/oauth2/nothing', 404],
      ['GET', '/oauth2/authorize', 400],
      ['GET', '/oauth2/authorize/abc', 400],
      ['GET', '/oauth2/interaction/abc', 400],
      ['GET', '/oauth2/device', 200],
      ['GET', '/oauth2/device/abc', 303],
      ['GET', '/oauth2/token', 405],
      ['GET', '/oauth2/logout', 200],
      ['GET', '/oauth2/logout?id_token_hint=x', 400],
      ['GET', '/oauth2/logout/success', 200],
      ['GET', '/oauth2/logout/success?client_id=unknown', 400],
      ['POST', '/oauth2/logout/confirm', 400],
      ['POST', '/oauth2/device', 303],
      ['POST', '/oauth2/interaction/abc', 400],
      ['POST', '/oauth2/approvals', 415],
    ] as const)('%s %s is one of this server, and JSON for programs', async (method, url, status) => {
      const people = await send(app, { method, url, headers: { accept: 'text/html,*/*;q=0.8' } });
      expect(people.statusCode).toBe(status);
      if (status === 404 || status === 405) {
        const program = await send(app, { method, url, headers: { accept: 'application/json' } });
        expect(program.json()).toMatchObject({ error: 'invalid_request' });
      }
      if (status !== 303) {
        expect(people.headers['content-type']).toBe('text/html; charset=utf-8');
        expect(people.body).toContain('<p class="brand">');
        expect(people.headers['content-security-policy']).toContain("frame-ancestors 'none'");
      }
    });
  });
});
