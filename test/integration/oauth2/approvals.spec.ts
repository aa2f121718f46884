import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { decodeJwt } from 'jose';
import { ClientsService } from '../../../src/clients/index.js';
import { Database } from '../../../src/platform/database/index.js';
import { Oauth2Events } from '../../../src/oauth2/index.js';
import { ArtifactStore } from '../../../src/oauth2/store/artifact-store.js';
import { UsersService } from '../../../src/users/index.js';
import { databases } from '../../kit/databases.js';
import { type HttpAnswer, send } from '../../kit/http.js';
import { addClient, addUsers, fhirBase, issuer, password, publicClient, start } from './application.js';
import { Browser, postForm, tokensFor, type TokenResponse } from './browser.js';

const page = '/oauth2/approvals';
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0';

describe.each(databases)('approvals and sessions on $name', (database) => {
  let app: NestFastifyApplication;
  let receiver: Server;
  let received: string[] = [];

  beforeAll(async () => {
    app = await start(await database.create(), { clientNetworks: ['127.0.0.0/8'] });
    await addUsers(app);
    await addClient(app, publicClient);
    receiver = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        received.push(new URLSearchParams(body).get('logout_token') ?? '');
        response.end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    await addClient(app, {
      ...publicClient,
      clientId: 'told',
      clientName: 'Told app',
      metadata: {
        backchannel_logout_uri: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/logout`,
        backchannel_logout_session_required: true,
      },
    });
  });

  beforeEach(async () => {
    received = [];
    for (const browser of [await signedIn(), await signedIn('root')]) {
      const shown = await browser.get(page);
      for (const clientId of appsOn(shown)) await end(browser, shown, 'app', clientId);
      await end(browser, shown, 'sessions');
      await browser.submit(await browser.get('/oauth2/logout'), { logout: 'yes' });
    }
  });

  afterAll(async () => {
    receiver.closeAllConnections();
    receiver.close();
    await app.close();
  });

  const signedIn = async (username = 'alice'): Promise<Browser> => {
    const browser = new Browser(app);
    const shown = await browser.signIn(await browser.get(page), username);
    expect(shown.body).toContain('What you have allowed');
    return browser;
  };
  const csrfOf = (shown: HttpAnswer): string => /name="csrf" value="(\w+)"/.exec(shown.body)?.[1] ?? '';
  const appsOn = (shown: HttpAnswer): string[] =>
    [
      ...shown.body.matchAll(/name="value" value="([^"]*)">\n<div class="actions"><button [^>]*value="app"/g),
    ].map(([, id = '']) => id);
  const handlesOn = (shown: HttpAnswer): string[] =>
    [...shown.body.matchAll(/name="value" value="([0-9a-f]{64})"/g)].map(([, id = '']) => id);
  const sessionsOn = (shown: HttpAnswer): string[] =>
    [...shown.body.matchAll(/name="value" value="([^"]*)">\n<button [^>]*value="session"/g)].map(
      ([, id = '']) => id,
    );
  const end = async (browser: Browser, shown: HttpAnswer, what: string, value = ''): Promise<HttpAnswer> =>
    browser.follow(await browser.post(page, { csrf: csrfOf(shown), end: what, value }));
  const tokens = (parameters: Record<string, string> = {}, browser?: Browser, username = 'alice') =>
    tokensFor(
      app,
      { scope: 'openid user/*.rs offline_access', aud: fhirBase, ...parameters },
      username,
      browser,
    );
  const statusWith = async ({ access_token: token }: TokenResponse): Promise<number> =>
    (await send(app, { url: '/fhir/r4/Observation', headers: { authorization: `Bearer ${token}` } }))
      .statusCode;
  const refreshed = async (
    { refresh_token: token = '' }: TokenResponse,
    clientId = 'growth-app',
  ): Promise<HttpAnswer> =>
    postForm(app, '/oauth2/token', {
      grant_type: 'refresh_token',
      refresh_token: token,
      client_id: clientId,
    });

  it('are announced where they are true', async () => {
    const smart = (await send(app, { url: '/fhir/r4/.well-known/smart-configuration' })).json();
    expect(smart.management_endpoint).toBe(`${issuer}/approvals`);
    const server = (await send(app, { url: '/oauth2/.well-known/openid-configuration' })).json();
    expect(server.management_endpoint).toBe(`${issuer}/approvals`);
  });

  describe('signing in', () => {
    it('is asked for first, and leads back to what was asked for', async () => {
      const browser = new Browser(app);
      const login = await browser.get(`${page}?app=growth-app`);
      expect(login.statusCode).toBe(200);
      expect(login.body).toContain('name="password"');
      const wrong = await browser.signIn(login, 'alice', 'another password');
      expect(wrong.statusCode).toBe(400);
      expect(wrong.body).toContain('User name or password is wrong.');
      const shown = await browser.signIn(wrong);
      expect(shown.statusCode).toBe(200);
      expect(shown.body).toContain('This application has no access in your name.');
      expect(shown.headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(shown.headers['cache-control']).toBe('no-store');
    });

    it('is good for applications too, and the other way round', async () => {
      const browser = await signedIn();
      await tokens({}, browser);
      const other = new Browser(app);
      await tokens({}, other);
      expect((await other.get(page)).body).toContain('What you have allowed');
    });

    it('gives a session of its own where a cookie was planted', async () => {
      const users = app.get(UsersService, { strict: false });
      await users.create({ username: 'mallory', password });
      const attacker = await signedIn('mallory');
      const planted = attacker.cookies.get('__Secure-firekeep_session');
      // Of an account that may not sign in the browser is asked who uses it, and the session is there all the same.
      await users.disable('mallory');
      const victim = new Browser(app);
      if (planted !== undefined) victim.cookies.set('__Secure-firekeep_session', planted);
      expect(victim.cookies.size).toBe(1);
      await victim.signIn(await victim.get(page));
      expect(victim.cookies.get('__Secure-firekeep_session')?.value).not.toBe(planted?.value);
      expect((await victim.get(page)).body).toContain('What you have allowed');
      await users.update('mallory', { enabled: true });
      expect((await attacker.get(page)).body).not.toContain('<strong>alice</strong>');
      expect((await victim.post(page, {})).statusCode).toBe(403);
    });

    it('by a form of another site is refused', async () => {
      const browser = new Browser(app);
      const form = { step: 'login', username: 'alice', password, decision: 'login' };
      expect((await browser.post(page, form)).statusCode).toBe(403);
      const login = await browser.get(page);
      expect((await browser.post(page, { ...form, csrf: 'x' })).statusCode).toBe(403);
      const other = new Browser(app);
      await other.get(page);
      expect((await other.post(page, { ...form, csrf: csrfOf(login) })).statusCode).toBe(403);
      expect(other.cookies.has('__Secure-firekeep_session')).toBe(false);
    });
  });

  describe('of applications', () => {
    it('say who, what, since when and how long, in the language of the browser', async () => {
      await tokens({ scope: 'openid user/Observation.rs offline_access' });
      const browser = await signedIn();
      const shown = await browser.get(page);
      expect(shown.body).toContain('Growth chart');
      expect(shown.body).toContain('app.example.com');
      expect(shown.body).toContain('Measurements and observations');
      expect(shown.body).toContain('also when you are signed out');
      expect(shown.body).toContain(fhirBase);
      expect(shown.body).not.toContain('Unverified');
      const year = String(new Date().getFullYear());
      expect(shown.body).toMatch(new RegExp(`<dt>Allowed</dt><dd>[^<]*${year}[^<]*UTC</dd>`));
      const cookie = [...browser.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ');
      const japanese = await send(app, { url: page, headers: { cookie, 'accept-language': 'ja' } });
      expect(japanese.body).toContain('<html lang="ja">');
      expect(japanese.body).toContain('サインアウト後も');
    });

    it('tell when a token was got last, without a write for it', async () => {
      const first = await tokens();
      const database = app.get(Database, { strict: false });
      const past = Date.now() - 40 * 86_400_000;
      await database.transaction((session) =>
        session.execute('UPDATE oauth2_artifact SET issued_at = ? WHERE account_id = ?', [past, 'alice']),
      );
      const browser = await signedIn();
      const day = new Intl.DateTimeFormat('en', {
        year: 'numeric',
        month: 'short',
        day: 'numeric',
        timeZone: 'UTC',
      });
      const used = async (): Promise<string> =>
        /<dt>Last used<\/dt><dd>([^<]*)<\/dd>/.exec((await browser.get(page)).body)?.[1] ?? '';
      expect(await used()).toContain(day.format(past));
      expect((await refreshed(first)).statusCode).toBe(200);
      expect(await used()).toContain(day.format(Date.now()));
    });

    it('end with every token, refresh token and code of the application, and nothing else', async () => {
      const browser = await signedIn();
      const [first, second, other] = [
        await tokens({}, browser),
        await tokens({}, browser),
        await tokens({ client_id: 'told' }),
      ];
      const roots = await tokens({}, undefined, 'root');
      expect(await Promise.all([first, second, other, roots].map(statusWith))).toEqual([200, 200, 200, 200]);
      const shown = await browser.get(page);
      expect(appsOn(shown).toSorted()).toEqual(['growth-app', 'told']);
      expect(handlesOn(shown)).toHaveLength(2);
      const announced: unknown[] = [];
      const stop = app
        .get(Oauth2Events, { strict: false })
        .revoked.subscribe((event) => announced.push(event));
      const after = await end(browser, shown, 'app', 'growth-app');
      stop();
      expect(announced).toEqual([
        { what: 'approval growth-app', clientId: 'growth-app', username: 'alice', address: '127.0.0.1' },
      ]);
      expect(after.body).toContain('The application has no access any more.');
      expect(appsOn(after)).toEqual(['told']);
      expect(await Promise.all([first, second, other, roots].map(statusWith))).toEqual([401, 401, 200, 200]);
      expect((await refreshed(first)).json()).toMatchObject({ error: 'invalid_grant' });
      expect((await refreshed(other, 'told')).statusCode).toBe(200);
      // What follows is approved anew.
      expect(await statusWith(await tokens({}, browser))).toBe(200);
    });

    it('end one by one', async () => {
      const browser = await signedIn();
      const [first, second] = [await tokens({}, browser), await tokens({}, browser)];
      const shown = await browser.get(page);
      const [newest = ''] = handlesOn(shown);
      expect((await end(browser, shown, 'access', newest)).body).toContain('This access has ended.');
      const statuses = await Promise.all([first, second].map(statusWith));
      expect(statuses.toSorted()).toEqual([200, 401]);
      expect((await end(browser, shown, 'access', newest)).body).toContain('There was nothing left to end.');
    });

    it('of another user can be neither seen nor ended', async () => {
      const roots = await tokens({}, undefined, 'root');
      const more = await tokens({}, undefined, 'root');
      const [rootBrowser, browser] = [await signedIn('root'), await signedIn()];
      await signedIn();
      const [handle = ''] = handlesOn(await rootBrowser.get(page));
      expect(handle).not.toBe('');
      const shown = await browser.get(page);
      expect(appsOn(shown)).toEqual([]);
      for (const [what, value] of [
        ['access', handle],
        ['app', 'growth-app'],
        ['access', handle.toUpperCase()],
        ['access', `${handle}' OR '1'='1`],
        ['app', '%'],
        ['app', 'x'.repeat(3000)],
      ] as const) {
        expect((await end(browser, shown, what, value)).body).toContain('There was nothing left to end.');
      }
      expect((await browser.get(`${page}?app=growth-app`)).body).toContain('This application has no access');
      expect(await Promise.all([roots, more].map(statusWith))).toEqual([200, 200]);
    });

    it('are ended by no forged form', async () => {
      const browser = await signedIn();
      const token = await tokens({}, browser);
      const rootBrowser = await signedIn('root');
      const foreign = csrfOf(await rootBrowser.get(page));
      const own = csrfOf(await browser.get(page));
      for (const form of [
        { end: 'app', value: 'growth-app' },
        { csrf: '', end: 'app', value: 'growth-app' },
        { csrf: foreign, end: 'app', value: 'growth-app' },
        { csrf: own.slice(1), end: 'app', value: 'growth-app' },
        { csrf: own, end: 'everything', value: 'growth-app' },
        { csrf: own, value: 'growth-app' },
      ] as Record<string, string>[]) {
        expect((await browser.post(page, form)).statusCode).toBe(403);
      }
      const nobody = await new Browser(app).post(page, { csrf: own, end: 'app', value: 'growth-app' });
      expect([nobody.statusCode, nobody.headers.location]).toEqual([303, `${issuer}/approvals`]);
      const large = await browser.post(page, { csrf: own, end: 'app', value: 'x'.repeat(5000) });
      expect(large.statusCode).toBe(413);
      const json = await send(app, { method: 'POST', url: page, payload: { csrf: own } });
      expect(json.statusCode).toBe(415);
      expect(await statusWith(token)).toBe(200);
    });

    it('show what a client calls itself as text', async () => {
      const hostile = {
        ...publicClient,
        clientId: 'hostile',
        clientName: '"><script>alert(1)</script>&#39;',
      };
      await addClient(app, { ...hostile, dynamicallyRegistered: true });
      await tokens({ client_id: 'hostile' });
      const shown = await (await signedIn()).get(page);
      expect(shown.body).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;#39;');
      expect(shown.body).not.toContain('<script');
      expect(shown.body).toContain('Unverified.');
      expect(shown.headers['content-security-policy']).toContain("default-src 'none'");
    });

    it('of a client that was removed can still be ended', async () => {
      await addClient(app, { ...publicClient, clientId: 'leaving' });
      await tokens({ client_id: 'leaving' });
      await app.get(ClientsService, { strict: false }).remove('leaving');
      const browser = await signedIn();
      const shown = await browser.get(page);
      expect(shown.body).toContain('removed from this server');
      expect((await end(browser, shown, 'app', 'leaving')).body).toContain('has no access any more');
    });

    it('are shown by pages, however many there are', async () => {
      await fill(app, { username: 'alice', clients: 25, each: 400 });
      const browser = await signedIn();
      const first = await browser.get(page);
      expect(appsOn(first)).toHaveLength(10);
      expect(handlesOn(first)).toHaveLength(30);
      expect(first.body).toContain('All 400 times that you allowed it');
      expect(first.body.length).toBeLessThan(120_000);
      expect(appsOn(await browser.get(`${page}?page=3`))).toHaveLength(5);
      const beyond = await browser.follow(await browser.get(`${page}?page=9999`));
      expect(appsOn(beyond)).toHaveLength(10);
      for (const wrong of ['0', '-1', '1e3', '99999999', 'x', '1&page=2']) {
        expect(appsOn(await browser.get(`${page}?page=${wrong}`))).toHaveLength(10);
      }
      const [clientId = ''] = appsOn(first);
      const one = await browser.get(`${page}?app=${clientId}&page=40`);
      expect(handlesOn(one)).toHaveLength(10);
      expect(one.body).not.toContain('rel="next"');
      await end(browser, first, 'app', clientId);
      expect(appsOn(await browser.get(page))).not.toContain(clientId);
      await clear(app);
    });
  });

  describe('of sessions', () => {
    it('show each browser, mark this one and end another as signing out there does', async () => {
      const elsewhere = new Browser(app);
      const online = await tokens({ client_id: 'told', scope: 'openid user/*.rs online_access' }, elsewhere);
      const offline = await tokens({ client_id: 'told' }, elsewhere);
      const plain = await tokens({ scope: 'user/*.rs' }, elsewhere);
      const browser = await signedIn();
      const kept = await tokens({ scope: 'user/*.rs online_access' }, browser);
      const shown = await browser.get(page);
      expect(shown.body).toContain('(this browser)');
      const [other = '', ...rest] = sessionsOn(shown);
      expect(rest).toEqual([]);
      const after = await end(browser, shown, 'session', other);
      expect(after.body).toContain('You are signed out there.');
      expect(sessionsOn(after)).toEqual([]);
      expect(received.map((token) => decodeJwt(token))).toEqual([
        expect.objectContaining({ aud: 'told', sid: decodeJwt(online.id_token ?? '').sid }),
      ]);
      expect(await Promise.all([online, plain, offline, kept].map(statusWith))).toEqual([401, 401, 200, 200]);
      expect((await refreshed(online, 'told')).statusCode).toBe(400);
      expect((await refreshed(offline, 'told')).statusCode).toBe(200);
      expect((await refreshed(kept)).statusCode).toBe(200);
      expect((await elsewhere.get(page)).body).toContain('name="password"');
      expect((await end(browser, shown, 'session', other)).body).toContain('There was nothing left to end.');
    });

    it('end all but this one', async () => {
      const others = [await signedIn(), await signedIn(), await signedIn()];
      const browser = await signedIn();
      const root = await signedIn('root');
      const shown = await browser.get(page);
      expect(sessionsOn(shown)).toHaveLength(3);
      const after = await end(browser, shown, 'sessions');
      expect(after.body).toContain('You are signed out everywhere else.');
      expect(sessionsOn(after)).toEqual([]);
      for (const other of others) expect((await other.get(page)).body).toContain('name="password"');
      expect((await root.get(page)).body).toContain('What you have allowed');
    });

    it('of another user can’t be ended', async () => {
      const [first, browser] = [await signedIn('root'), await signedIn()];
      const second = await signedIn('root');
      await signedIn();
      const [roots = ''] = sessionsOn(await first.get(page));
      expect(roots).not.toBe('');
      const shown = await browser.get(page);
      for (const uid of [roots, 'x'.repeat(64), '../../x', '']) {
        expect((await end(browser, shown, 'session', uid)).body).toContain('There was nothing left to end.');
      }
      expect((await second.get(page)).body).toContain('What you have allowed');
    });

    it('end for this browser too, which must sign in again', async () => {
      const [browser, other] = [await signedIn(), await signedIn()];
      const uidHere = sessionsOn(await other.get(page))[0] ?? '';
      const login = await end(browser, await browser.get(page), 'session', uidHere);
      expect(login.body).toContain('name="password"');
      expect((await other.get(page)).body).toContain('What you have allowed');
    });

    it('that have expired or whose account is disabled show nothing', async () => {
      const users = app.get(UsersService, { strict: false });
      await users.create({ username: 'carla', password });
      const browser = await signedIn('carla');
      const stale = csrfOf(await browser.get(page));
      await users.disable('carla');
      expect((await browser.get(page)).body).toContain('name="password"');
      expect((await browser.post(page, { csrf: stale, end: 'sessions' })).statusCode).toBe(303);
      await users.update('carla', { enabled: true });
      const again = await signedIn('carla');
      const store = app.get(ArtifactStore, { strict: false });
      const past = Math.floor(Date.now() / 1000) - 60;
      for (const session of await store.sessionsOf('carla', 10)) {
        await store.save('Session', String(session.jti), { ...session, exp: past }, 3600);
      }
      expect((await again.get(page)).body).toContain('name="password"');
    });

    it('know the browser that they began with, and nothing else that it says', async () => {
      const browser = new Browser(app);
      const login = await browser.get(page);
      const cookie = [...browser.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ');
      const form = { step: 'login', csrf: csrfOf(login), username: 'alice', password };
      for (const agent of [firefox, '<b>bold</b>', undefined]) {
        const response = await postForm(app, page, form, {
          cookie,
          ...(agent === undefined ? { 'user-agent': '' } : { 'user-agent': agent }),
        });
        expect(response.statusCode).toBe(303);
      }
      const shown = await (await signedIn()).get(page);
      expect(shown.body).toContain('Firefox on Linux');
      expect(shown.body).not.toContain('bold');
    });
  });
});

/** Grants with a token each, as many as nobody has. */
async function fill(
  app: NestFastifyApplication,
  { username, clients, each }: { username: string; clients: number; each: number },
): Promise<void> {
  const database = app.get(Database, { strict: false });
  const now = Date.now();
  const payload = Buffer.from(
    JSON.stringify({ kind: 'Grant', accountId: username, resources: { [fhirBase]: 'user/*.rs' } }),
  );
  for (let client = 0; client < clients; client += 1) {
    const rows = Array.from({ length: each }, (_value, index) => {
      const grant = Buffer.from(`${client}-${index}`.padEnd(32, 'g'));
      const token = Buffer.from(`${client}-${index}`.padEnd(32, 't'));
      const shared = [username, `many-${client}`, payload, now - index, now + 86_400_000];
      return [
        [grant, 'Grant', null, ...shared],
        [token, 'AccessToken', grant, ...shared],
      ];
    }).flat();
    await database.transaction(async (session) => {
      for (let from = 0; from < rows.length; from += 100) {
        const part = rows.slice(from, from + 100);
        await session.execute(
          `INSERT INTO oauth2_artifact
           (id_hash, model, grant_hash, account_id, client_id, payload, issued_at, expires_at)
           VALUES ${part.map(() => '(?, ?, ?, ?, ?, ?, ?, ?)').join(', ')}`,
          part.flat(),
        );
      }
    });
  }
}

async function clear(app: NestFastifyApplication): Promise<void> {
  await app
    .get(Database, { strict: false })
    .transaction((session) =>
      session.execute("DELETE FROM oauth2_artifact WHERE client_id LIKE 'many-%'", []),
    );
}
