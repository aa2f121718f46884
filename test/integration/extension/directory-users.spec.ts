import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Attribute, Change } from 'ldapts';
import { DirectoryUsersModule } from '../../../examples/directory-users/directory-users.module.js';
import { directorySettings } from '../../../examples/directory-users/directory.settings.js';
import { LdapUserSource } from '../../../examples/directory-users/ldap-user.source.js';
import { createApplication } from '../../../src/application/create-application.js';
import { ClientsService } from '../../../src/clients/index.js';
import { EndpointsService } from '../../../src/endpoints/index.js';
import { Settings } from '../../../src/platform/config/index.js';
import { UsersService } from '../../../src/users/index.js';
import { makeAuthority, makeCertificate } from '../../kit/certificates.js';
import { clinicLdif, directoryEnvironment, groups, personOf } from '../../kit/clinic-directory.js';
import { databases } from '../../kit/databases.js';
import { Management } from '../../kit/management.js';
import { authorize, Person, type TokenAnswer } from '../../kit/person.js';
import { Slapd } from '../../kit/slapd.js';

const redirectUri = 'http://127.0.0.1:1/callback';
const secret = (uid: string): string => `${uid} in the directory`;
/** A little more than the answers of the directory hold here. */
const untilAskedAgain = 1_100;
const never = new AbortController().signal;

describe.each(databases)('users of a directory on $name', (database) => {
  let slapd: Slapd;
  let app: NestFastifyApplication;
  let url: string;
  let management: Management;
  const before = { ...process.env };

  beforeAll(async () => {
    slapd = await Slapd.start(clinicLdif);
    Object.assign(process.env, directoryEnvironment(slapd.url), { DIRECTORY_MAXIMUM_AGE: '1' });
    const settings = Settings.of({
      port: 0,
      databaseUrl: await database.create(),
      secretKey: randomBytes(32).toString('base64'),
      logLevel: 'silent',
    });
    app = await createApplication(settings, undefined, [DirectoryUsersModule]);
    await app.listen(0, '127.0.0.1');
    settings.setListeningPort((app.getHttpServer().address() as AddressInfo).port);
    url = settings.publicUrl;
    await app.get(UsersService, { strict: false }).create({
      ...{ username: 'admin', password: 'admin of this server', roles: ['admin'] },
    });
    await app.get(EndpointsService, { strict: false }).create({ path: '/fhir/basic', checkMode: 'basic' });
    await app.get(ClientsService, { strict: false }).create({
      ...{ clientId: 'chart', clientName: 'Chart', tokenEndpointAuthMethod: 'none' },
      redirectUris: [redirectUri],
      grantTypes: ['authorization_code', 'refresh_token'],
      scope: 'openid fhirUser offline_access user/*.cruds',
    });
    management = new Management(url, 'admin', 'admin of this server');
  });
  afterAll(async () => {
    await app?.close();
    await slapd?.remove();
    process.env = before;
  });

  const basic = (username: string, password: string): string =>
    `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const get = async (path: string, authorization: string) => {
    const answer = await fetch(`${url}${path}`, { headers: { authorization } });
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  };
  const byBasic = async (username: string, password = secret(username)): Promise<number> =>
    (await get('/fhir/basic/Patient', basic(username, password))).status;
  const tokensOf = (username: string): Promise<TokenAnswer> =>
    authorize(
      {
        ...{ issuer: `${url}/oauth2`, clientId: 'chart', redirectUri, aud: `${url}/fhir/r4` },
        scope: 'openid fhirUser offline_access user/*.rs',
      },
      new Person({ username, password: secret(username) }),
    );
  const byToken = async ({ access_token: token }: TokenAnswer): Promise<number> =>
    (await get('/fhir/r4/Patient', `Bearer ${token}`)).status;
  const refreshed = async ({ refresh_token: token = '' }: TokenAnswer) => {
    const body = { grant_type: 'refresh_token', refresh_token: token, client_id: 'chart' };
    const answer = await fetch(`${url}/oauth2/token`, { method: 'POST', body: new URLSearchParams(body) });
    const json = (await answer.json()) as Partial<TokenAnswer> & { readonly error?: string };
    return { ...json, status: answer.status };
  };
  const signInPage = async (username: string, password: string) => {
    const page = await fetch(`${url}/oauth2/approvals`);
    const csrf = /name="csrf" value="([^"]*)"/.exec(await page.text())?.[1] ?? '';
    const answer = await fetch(`${url}/oauth2/approvals`, {
      ...{ method: 'POST', redirect: 'manual' },
      headers: { cookie: page.headers.get('set-cookie')?.split(';')[0] ?? '' },
      body: new URLSearchParams({ csrf, step: 'login', username, password }),
    });
    return { status: answer.status, text: await answer.text() };
  };
  const change = async (method: string, path: string, body: object): Promise<Response> => {
    const { version } = await management.call<{ version: number }>('GET', 'users/dora');
    return management.request(method, path, body, { 'if-match': `"${version}"` });
  };
  const inGroup = (uid: string, group: string, operation: 'add' | 'delete'): Promise<void> =>
    slapd.change((client) =>
      client.modify(
        `cn=${group},${groups}`,
        new Change({ operation, modification: new Attribute({ type: 'member', values: [personOf(uid)] }) }),
      ),
    );

  it('are let in by their password there, with the roles of their groups', async () => {
    expect(await byBasic('dora')).toBe(200);
    expect(await management.call('GET', 'users/dora')).toMatchObject({
      ...{ username: 'dora', roles: ['practitioner'], fhirUser: 'Practitioner/17', enabled: true },
      ...{ source: 'directory', sourceActive: true, sourceId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    const given = await tokensOf('dora');
    expect(await byToken(given)).toBe(200);
    const both = await fetch(`${url}/csp/healthshare/fhirserver/fhir/r4/Patient?access_token=none`, {
      headers: { authorization: basic('dora', secret('dora')) },
    });
    expect(both.status).toBe(401);
    expect(await refreshed(given)).toMatchObject({ status: 200 });
  });

  it('are turned away with a wrong password, with none, and under another spelling', async () => {
    expect(await byBasic('dora', 'wrong')).toBe(401);
    expect(await byBasic('dora', '')).toBe(401);
    expect(await byBasic('DORA', secret('dora'))).toBe(401);
    expect(await byBasic('nobody', 'whatever')).toBe(401);
    expect(await signInPage('dora', 'wrong')).toMatchObject({
      status: 400,
      text: expect.stringContaining('User name or password is wrong.'),
    });
    const names = (await management.call<{ items: { username: string }[] }>('GET', 'users')).items;
    expect(names.map(({ username }) => username)).toEqual(['admin', 'dora']);
  });

  it('have nothing where they are in no group that means a role', async () => {
    expect(await byBasic('nils')).toBe(403);
    expect(await management.call('GET', 'users/nils')).toMatchObject({ roles: [], fhirUser: null });
  });

  it('manage the server by Basic where a group says so', async () => {
    expect((await get('/admin/api/v1/users', basic('root', secret('root')))).status).toBe(200);
    await slapd.change((client) => client.del(`cn=Operators,${groups}`));
    await sleep(untilAskedAgain);
    expect((await get('/admin/api/v1/users', basic('root', secret('root')))).status).toBe(403);
  });

  it('never take over a name of this server', async () => {
    expect((await get('/admin/api/v1/users', basic('admin', secret('admin')))).status).toBe(401);
    expect((await get('/admin/api/v1/users', basic('admin', 'admin of this server'))).status).toBe(200);
    expect(await management.call('GET', 'users/admin')).toMatchObject({ source: null });
    const taken = await management.request('POST', 'users', { username: 'dora', password: 'a local one' });
    expect(taken.status).toBe(409);
  });

  it('lose with the group what it gave, also for tokens that are out', async () => {
    const given = await tokensOf('dora');
    expect(await byToken(given)).toBe(200);
    await inGroup('dora', 'Doctors', 'delete');
    await sleep(untilAskedAgain);
    expect(await byToken(given)).toBe(403);
    expect(await byBasic('dora')).toBe(403);
    await inGroup('dora', 'Doctors', 'add');
    await sleep(untilAskedAgain);
    expect(await byToken(given)).toBe(200);
  });

  it('get 503 while the directory is away, and go on when it is back', async () => {
    const given = await tokensOf('dora');
    await slapd.stop();
    await sleep(untilAskedAgain);
    const refused = await get('/fhir/basic/Patient', basic('dora', secret('dora')));
    expect(refused).toMatchObject({ status: 503, text: expect.stringContaining('USERS_SOURCE_UNAVAILABLE') });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await byBasic('dora', 'wrong')).toBe(503);
    expect(await byBasic('unheard-of', 'whatever')).toBe(503);
    expect(await byToken(given)).toBe(503);
    expect(await refreshed(given)).toMatchObject({ status: 503, error: 'temporarily_unavailable' });
    expect(await signInPage('dora', secret('dora'))).toMatchObject({
      status: 503,
      text: expect.stringContaining('can’t be checked at the moment'),
    });
    // Who is of this server isn't touched by it.
    expect(await management.call('GET', 'users/dora')).toMatchObject({ source: 'directory' });
    await slapd.startAgain();
    expect(await byBasic('dora')).toBe(200);
    expect(await byToken(given)).toBe(200);
    expect(await refreshed(given)).toMatchObject({ status: 200 });
  });

  it('can be disabled here, which ends their tokens', async () => {
    const given = await tokensOf('dora');
    expect((await change('PATCH', 'users/dora', { enabled: false })).status).toBe(200);
    expect(await byToken(given)).toBe(401);
    expect(await byBasic('dora')).toBe(401);
    await sleep(untilAskedAgain);
    expect(await byBasic('dora')).toBe(401);
    expect((await change('PATCH', 'users/dora', { enabled: true })).status).toBe(200);
    expect(await byBasic('dora')).toBe(200);
    expect(await byToken(given)).toBe(401);
  });

  it('are changed there and not here', async () => {
    for (const [method, path, body] of [
      ['PUT', 'users/dora/password', { password: 'another password' }],
      ['PATCH', 'users/dora', { roles: ['admin'] }],
      ['PATCH', 'users/dora', { fhirUser: null }],
    ] as const) {
      const answer = await change(method, path, body);
      expect([answer.status, await answer.text()]).toEqual([409, expect.stringContaining('USERS_OF_SOURCE')]);
    }
  });

  it('end with their entry there; whoever gets the name later is somebody else', async () => {
    const given = await tokensOf('dora');
    await slapd.change((client) => client.del(personOf('dora')));
    await sleep(untilAskedAgain);
    expect(await byToken(given)).toBe(401);
    expect(await refreshed(given)).toMatchObject({ status: 400, error: 'invalid_grant' });
    await slapd.change((client) =>
      client.add(personOf('dora'), {
        ...{ objectClass: 'inetOrgPerson', uid: 'dora', cn: 'Another Dora', sn: 'Dora' },
        userPassword: secret('dora'),
      }),
    );
    expect(await byBasic('dora')).toBe(401);
    expect(await management.call('GET', 'users/dora')).toMatchObject({ sourceActive: false, roles: [] });
  });
});

describe('the source of users in a directory', () => {
  const { authority } = makeAuthority();
  const caFile = join(mkdtempSync(join(tmpdir(), 'firekeep-ca-')), 'ca.pem');
  writeFileSync(caFile, authority.certificate);
  const tls = makeCertificate({ name: 'slapd', issuer: authority, alternativeNames: ['127.0.0.1'] });
  const sourceOf = (url: string, more: Readonly<Record<string, string>> = {}): LdapUserSource =>
    new LdapUserSource(directorySettings({ ...directoryEnvironment(url), ...more }));
  let slapd: Slapd;

  beforeAll(async () => {
    slapd = await Slapd.start(clinicLdif, { tls });
  });
  afterAll(() => slapd?.remove());

  it.each(['*', 'dora)(uid=*', '*)(objectClass=*', 'd*', '\\2a', 'dora\0', '(uid=dora)', 'dora,ou=people'])(
    'takes %j for a name and for nothing else',
    async (name) => {
      for (const more of [{}, { DIRECTORY_USER_DN: 'uid={username},ou=people,dc=clinic,dc=example' }]) {
        const source = sourceOf(slapd.url, more);
        expect(await source.find(name, never)).toBeNull();
        expect(await source.authenticate(name, secret('dora'), never)).toBeNull();
      }
    },
  );

  it('finds a name with characters that mean something in filters, and names', async () => {
    for (const more of [{}, { DIRECTORY_USER_DN: 'uid={username},ou=people,dc=clinic,dc=example' }]) {
      const user = await sourceOf(slapd.url, more).authenticate('star*', secret('star*'), never);
      expect(user).toMatchObject({ username: 'star*', roles: [], fhirUser: 'Practitioner/1)(x' });
    }
  });

  it('binds nobody without a password, which this directory would let through', async () => {
    expect(await sourceOf(slapd.url).authenticate('dora', '', never)).toBeNull();
    await slapd.change(async (client) => {
      await expect(client.bind(personOf('dora'), '')).resolves.toBeUndefined();
    });
  });

  it('speaks to it by StartTLS and ldaps, with the authority that it is told', async () => {
    const secure = { DIRECTORY_START_TLS: 'true', DIRECTORY_CA_FILE: caFile };
    expect(await sourceOf(slapd.url, secure).find('dora', never)).toMatchObject({ username: 'dora' });
    await expect(sourceOf(slapd.url, { DIRECTORY_START_TLS: 'true' }).find('dora', never)).rejects.toThrow();
    // The certificate is for another name.
    const otherName = sourceOf(slapd.url.replace('127.0.0.1', 'localhost'), secure);
    await expect(otherName.find('dora', never)).rejects.toThrow('altnames');
    const other = await Slapd.start(clinicLdif, { scheme: 'ldaps', tls });
    try {
      const found = await sourceOf(other.url, { DIRECTORY_CA_FILE: caFile }).authenticate(
        ...(['dora', secret('dora'), never] as const),
      );
      expect(found).toMatchObject({ roles: ['practitioner'] });
      await expect(sourceOf(other.url).find('dora', never)).rejects.toThrow();
    } finally {
      await other.remove();
    }
  });

  it('is refused a way on which others could read passwords', () => {
    expect(() => sourceOf('ldap://directory.example.org')).toThrow('DIRECTORY_URL');
    expect(() => sourceOf('ldap://127.0.0.1', { DIRECTORY_BIND_PASSWORD: '' })).toThrow(
      'DIRECTORY_BIND_PASSWORD',
    );
    expect(() => sourceOf('ldap://127.0.0.1', { DIRECTORY_ROLES: '{' })).toThrow('DIRECTORY_ROLES');
  });

  it.each([
    [{ DIRECTORY_URL: '' }, 'DIRECTORY_URL is not set.'],
    [{ DIRECTORY_URL: 'directory.example.org' }, 'DIRECTORY_URL must be an address'],
    [{ DIRECTORY_URL: 'ldap://directory.example.org' }, 'DIRECTORY_URL would send passwords in the clear'],
    [{ DIRECTORY_START_TLS: 'yes' }, 'DIRECTORY_START_TLS must be true or false.'],
    [{ DIRECTORY_CA_FILE: '/nowhere/ca.pem' }, "DIRECTORY_CA_FILE can't be read"],
    [{ DIRECTORY_ROLES: '["doctors"]' }, 'DIRECTORY_ROLES must be a JSON object'],
    [{ DIRECTORY_ROLES: 'null' }, 'DIRECTORY_ROLES must be a JSON object'],
    [{ DIRECTORY_ROLES: '{"doctors":1}' }, 'DIRECTORY_ROLES has something else than names of roles'],
    [{ DIRECTORY_TIMEOUT: '0' }, 'DIRECTORY_TIMEOUT must be a number of seconds'],
  ])('is refused %j with one line', (more, message) => {
    expect(() => sourceOf('ldap://127.0.0.1', more)).toThrow(
      expect.objectContaining({
        name: 'FirekeepError',
        code: 'DIRECTORY_SETTING_INVALID',
        message: expect.stringContaining(message),
      }),
    );
  });

  it.each(['DIRECTORY_USER_BASE', 'DIRECTORY_GROUP_BASE'])(
    'takes a %s that is not there for a failure, and not for a wrong password',
    async (name) => {
      const source = sourceOf(slapd.url, { [name]: 'ou=nowhere,dc=clinic,dc=example' });
      await expect(source.find('dora', never)).rejects.toThrow(`${name}: the directory has no ou=nowhere`);
      await expect(source.authenticate('dora', secret('dora'), never)).rejects.toThrow(name);
    },
  );

  it('ends its connection when it is told to', async () => {
    const ended = AbortSignal.abort();
    await expect(sourceOf(slapd.url).find('dora', ended)).rejects.toThrow();
  });
});
