import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { LOCAL_ACCESS_TOKENS, type LocalAccessTokens } from '../../../src/contract/index.js';
import { BootstrapService } from '../../../src/administration/index.js';
import { ClientsService } from '../../../src/clients/index.js';
import { createContext } from '../../../src/application/create-application.js';
import { Oauth2Events } from '../../../src/oauth2/index.js';
import { Settings } from '../../../src/platform/config/index.js';
import { Database } from '../../../src/platform/database/index.js';
import { Logger } from '../../../src/platform/logging/index.js';
import { UsersService } from '../../../src/users/index.js';
import { databases } from '../../kit/databases.js';
import {
  addClient,
  addUsers,
  fhirBase,
  password,
  publicClient,
  publicUrl,
  redirectUri,
  start,
} from './application.js';
import { basic, Browser, codeFor, postForm, tokensFor, type TokenResponse } from './browser.js';
import { until } from '../../kit/until.js';

const page = '/oauth2/approvals';
const remoteBase = 'https://other.example.net/fhir';
const signIn = 'What you have allowed';
const bootstrapFile = join(mkdtempSync(join(tmpdir(), 'firekeep-')), 'bootstrap.yaml');

const soon = (holds: () => Promise<boolean>): Promise<void> => until('what another worker did', holds);

/** What was issued before an account or client was disabled is over, whoever enables it again and wherever. */
describe.each(databases)('accounts that are disabled and enabled again, on $name', (database) => {
  let app: NestFastifyApplication;
  let other: NestFastifyApplication;
  let databaseUrl: string;
  let serverSecret: string;
  const secretKey = randomBytes(32).toString('base64');

  beforeAll(async () => {
    databaseUrl = await database.create();
    app = await start(databaseUrl, { bootstrapFile }, secretKey);
    other = await start(databaseUrl, {}, secretKey);
    await addUsers(app);
    await addClient(app, publicClient);
    serverSecret = await addClient(app, { clientId: 'remote-server', resource: [remoteBase] });
  });

  afterAll(async () => {
    await other.close();
    await app.close();
  });

  const users = (): UsersService => app.get(UsersService, { strict: false });
  const clients = (): ClientsService => app.get(ClientsService, { strict: false });
  const scope = 'openid offline_access user/*.rs';
  const tokens = (username: string, aud = fhirBase, browser?: Browser): Promise<TokenResponse> =>
    tokensFor(app, { scope, aud }, username, browser);
  const verdict = (token: string, at = app) =>
    at.get<LocalAccessTokens>(LOCAL_ACCESS_TOKENS, { strict: false }).verify(token);
  const actualOf = async (token: string, at = app): Promise<string> => {
    const outcome = await verdict(token, at);
    return outcome.ok ? 'good' : outcome.rejection.actual;
  };
  const refresh = async (token = '', at = app): Promise<unknown> =>
    (
      await postForm(at, '/oauth2/token', {
        grant_type: 'refresh_token',
        refresh_token: token,
        client_id: 'growth-app',
      })
    ).json<{ error?: string }>().error;
  const redeem = async (code: string, verifier: string): Promise<unknown> =>
    (
      await postForm(app, '/oauth2/token', {
        ...{ grant_type: 'authorization_code', code, code_verifier: verifier },
        ...{ redirect_uri: redirectUri, client_id: 'growth-app' },
      })
    ).json<{ error?: string }>().error;
  const isActive = async (token: string): Promise<boolean> =>
    (await postForm(app, '/oauth2/introspection', { token }, basic('remote-server', serverSecret))).json<{
      active: boolean;
    }>().active;
  const patch = async (path: string, enabled: boolean): Promise<void> => {
    const { statusCode } = await app.inject({
      ...{ method: 'PATCH', url: `/admin/api/v1/${path}`, payload: { enabled } },
      headers: { ...basic('root', password), 'if-match': '*' },
    });
    expect(statusCode).toBe(200);
  };
  const bootstrap = async (text: string): Promise<void> => {
    writeFileSync(bootstrapFile, text);
    await app.get(BootstrapService, { strict: false }).apply();
  };
  /** As the command line does it: in a process of its own. */
  const byCommand = async (username: string): Promise<void> => {
    const settings = Settings.of({ databaseUrl, secretKey, publicUrl, logLevel: 'error' });
    const context = await createContext(settings, Logger.of(settings, process.stderr));
    await context.get(UsersService, { strict: false }).disable(username);
    await context.close();
  };

  it.each([
    ['the management API', (name: string, enabled: boolean) => patch(`users/${name}`, enabled)],
    [
      'the bootstrap file',
      (name: string, enabled: boolean) =>
        bootstrap(
          `users:\n  - username: ${name}\n    password: unused-password-1\n    enabled: ${String(enabled)}\n`,
        ),
    ],
    [
      'the command line',
      (name: string, enabled: boolean) => (enabled ? patch(`users/${name}`, true) : byCommand(name)),
    ],
  ])('begin afresh where %s does it', async (way, change) => {
    const name = `user-${way.replaceAll(' ', '-').toLowerCase()}`;
    await users().create({ username: name, password, roles: ['practitioner'] });
    const browser = new Browser(app);
    const given = await tokens(name, fhirBase, browser);
    const jwt = await tokens(name, remoteBase, browser);
    const waiting = await codeFor(app, { scope, aud: fhirBase }, name, browser);
    const alices = await tokens('alice');
    expect((await browser.get(page)).body).toContain(signIn);
    expect(await Promise.all([actualOf(given.access_token), actualOf(given.access_token, other)])).toEqual([
      ...['good', 'good'],
    ]);
    expect(await isActive(jwt.access_token)).toBe(true);

    await change(name, false);
    await soon(async () => (await actualOf(given.access_token)) === 'the user is disabled');
    await soon(async () => (await actualOf(given.access_token, other)) === 'the user is disabled');
    expect(await isActive(jwt.access_token)).toBe(false);
    expect(await refresh(given.refresh_token)).toBe('invalid_grant');

    await change(name, true);
    await soon(
      async () => (await app.get(UsersService, { strict: false }).findByUsername(name))?.enabled === true,
    );
    await soon(
      async () => (await other.get(UsersService, { strict: false }).findByUsername(name))?.enabled === true,
    );
    for (const at of [app, other]) {
      expect(await actualOf(given.access_token, at)).toContain('was revoked');
      expect(await refresh(given.refresh_token, at)).toBe('invalid_grant');
      const { body } = await at.inject({
        url: page,
        headers: { cookie: [...browser.cookies].map(([key, { value }]) => `${key}=${value}`).join('; ') },
      });
      expect(body).toContain('name="password"');
      expect(body).not.toContain(signIn);
    }
    expect(await isActive(jwt.access_token)).toBe(false);
    expect(await redeem(waiting.code, waiting.verifier)).toBe('invalid_grant');
    expect(await actualOf(alices.access_token)).toBe('good');
    expect(await refresh(alices.refresh_token)).toBeUndefined();
    // Whoever signs in again is as good as new.
    const anew = await tokens(name);
    expect(await actualOf(anew.access_token)).toBe('good');
    expect(await refresh(anew.refresh_token)).toBeUndefined();
  });

  it('begin afresh where nothing was ended when the account was disabled', async () => {
    await users().create({ username: 'early', password, roles: ['practitioner'] });
    const given = await tokens('early');
    const database = app.get(Database, { strict: false });
    await database.transaction((session) =>
      session.execute('UPDATE user_account SET enabled = 0 WHERE username = ?', ['early']),
    );
    await soon(async () => (await users().findByUsername('early'))?.enabled === false);
    await patch('users/early', true);
    expect(await actualOf(given.access_token)).toContain('was revoked');
    expect(await refresh(given.refresh_token)).toBe('invalid_grant');
  });

  it('keep all where nothing was switched, and where the change came to nothing', async () => {
    await users().create({ username: 'kept', password, roles: ['practitioner'] });
    const [kept, roots] = [await tokens('kept'), await tokens('root')];
    const announced: unknown[] = [];
    const stop = app.get(Oauth2Events, { strict: false }).revoked.subscribe((event) => announced.push(event));
    await users().update('kept', { enabled: true, roles: ['practitioner', 'auditor'] });
    await expect(users().disable('kept', 1)).rejects.toMatchObject({ code: 'USERS_VERSION_MISMATCH' });
    await expect(users().disable('root')).rejects.toMatchObject({ code: 'USERS_LAST_ADMINISTRATOR' });
    await clients().update('growth-app', { enabled: true, clientName: 'Growth chart' });
    await expect(clients().update('growth-app', { enabled: false }, 1)).rejects.toMatchObject({
      code: 'CLIENTS_VERSION_MISMATCH',
    });
    expect([await actualOf(kept.access_token), await actualOf(roots.access_token)]).toEqual(['good', 'good']);
    expect([await refresh(kept.refresh_token), await refresh(roots.refresh_token)]).toEqual([]);
    await users().disable('kept');
    await users().update('kept', { enabled: true });
    stop();
    expect(announced).toEqual([{ what: 'user kept', clientId: null, username: null, address: null }]);
  });

  it('take the way back from a session that is saved while it ends', async () => {
    await users().create({ username: 'racer', password, roles: ['practitioner'] });
    const browser = new Browser(app);
    await browser.signIn(await browser.get(page), 'racer');
    await Promise.all([
      ...Array.from({ length: 8 }, () => new Browser(app, publicUrl).get(page)),
      ...Array.from({ length: 8 }, () => browser.get(page)),
      users().disable('racer'),
    ]);
    await users().update('racer', { enabled: true });
    expect((await browser.get(page)).body).toContain('name="password"');
  });

  it.each([
    ['the management API', (id: string, enabled: boolean) => patch(`clients/${id}`, enabled)],
    [
      'the bootstrap file',
      (id: string, enabled: boolean) =>
        bootstrap(`clients:\n  - clientId: ${id}\n    enabled: ${String(enabled)}\n`),
    ],
  ])('of clients begin afresh, too, where %s does it', async (way, change) => {
    const id = `client-${way.replaceAll(' ', '-').toLowerCase()}`;
    await addClient(app, {
      ...publicClient,
      clientId: id,
    });
    const serviceId = `${id}-service`;
    const secret = await addClient(app, {
      clientId: serviceId,
      grantTypes: ['client_credentials'],
      scope: 'system/*.rs',
    });
    const ask = () =>
      postForm(app, '/oauth2/token', { grant_type: 'client_credentials' }, basic(serviceId, secret));
    const service = (await ask()).json<TokenResponse>().access_token;
    const browser = new Browser(app);
    const user = await tokensFor(app, { scope, aud: fhirBase, client_id: id }, 'alice', browser);
    const alices = await tokens('alice');
    expect([await actualOf(service), await actualOf(user.access_token, other)]).toEqual(['good', 'good']);
    for (const one of [id, serviceId]) await change(one, false);
    for (const at of [app, other]) {
      await soon(async () => (await actualOf(service, at)) === 'the client is disabled');
      await soon(async () => (await actualOf(user.access_token, at)) === 'the client is disabled');
    }
    for (const one of [id, serviceId]) await change(one, true);
    for (const at of [app, other]) {
      await soon(async () => (await at.get(ClientsService, { strict: false }).find(id))?.enabled === true);
      await soon(async () => (await actualOf(service, at)).includes('was revoked'));
      expect(await actualOf(user.access_token, at)).toContain('was revoked');
    }
    const refused = await postForm(app, '/oauth2/token', {
      ...{ grant_type: 'refresh_token', refresh_token: user.refresh_token ?? '', client_id: id },
    });
    expect(refused.json()).toMatchObject({ error: 'invalid_grant' });
    // The person stays signed in, and is asked again what the client may do.
    expect((await browser.get(page)).body).toContain(signIn);
    expect(await actualOf(alices.access_token)).toBe('good');
    expect(await actualOf((await ask()).json<TokenResponse>().access_token)).toBe('good');
    const anew = await tokensFor(app, { scope, aud: fhirBase, client_id: id }, 'alice', browser);
    expect(await actualOf(anew.access_token)).toBe('good');
  });
});
