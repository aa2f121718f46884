import { ClientsService } from '../../../src/clients/index.js';
import { EndpointsService } from '../../../src/endpoints/index.js';
import { ClientConfigurationsService, ServerDescriptionsService } from '../../../src/trust/index.js';
import { UsersService } from '../../../src/users/index.js';
import { AuthorizationServerDouble } from '../../kit/authorization-server.js';
import { databases } from '../../kit/databases.js';
import type { HttpAnswer } from '../../kit/http.js';
import { adminPath, basic, bearer, bearerPath, World } from './application.js';

describe.each(databases)('the gate of the management API on $name', ({ create }) => {
  let world: World;
  const url = `${adminPath}/users`;

  beforeAll(async () => {
    world = await World.start(await create());
  });
  afterAll(async () => {
    const rows = await world.refusalRows();
    await world.close();
    for (const secret of world.secrets) {
      expect(rows).not.toContain(secret);
      expect(world.log).not.toContain(secret);
    }
  });

  const get = (headers: Readonly<Record<string, string>> = {}, query = ''): Promise<HttpAnswer> =>
    world.call({ url: url + query, headers });
  const check = async (answer: HttpAnswer): Promise<string> => (await world.explain(answer)).check;

  it('asks for an administrator, by Basic or by a token', async () => {
    const answer = await get();
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(
      /^Basic realm="Firekeep", charset="UTF-8", Bearer realm="Firekeep", DPoP realm="Firekeep", algs="[^"]*"$/,
    );
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(await check(answer)).toBe('basic-present');
  });

  it('takes an administrator by Basic, with or without other roles', async () => {
    expect((await get(basic('carla'))).statusCode).toBe(200);
    expect((await get(basic('root'))).statusCode).toBe(200);
  });

  it('takes a token with its audience and the scope admin of an administrator', async () => {
    const token = await world.token({ username: 'carla', scope: 'admin' }, adminPath);
    expect((await get(bearer(token))).statusCode).toBe(200);
  });

  it.each(['alice', 'dora'] as const)('answers 403 to %s', async (username) => {
    const answer = await get(basic(username));
    expect(answer.statusCode).toBe(403);
    expect(await check(answer)).toBe('admin-role');
  });

  it('answers 401 to a wrong password, and does not say whether there is such an administrator', async () => {
    const wrong = await get(basic('carla', 'no'));
    const unknown = await get(basic('karla', 'no'));
    expect([wrong.statusCode, unknown.statusCode]).toEqual([401, 401]);
    expect(wrong.json()).toMatchObject({ code: 'ACCESS_WRONG_CREDENTIALS' });
    expect(unknown.json()).toMatchObject({ code: 'ACCESS_WRONG_CREDENTIALS' });
  });

  it('answers 401 to a token for a FHIR endpoint, in any place', async () => {
    const token = await world.token('root', bearerPath);
    const byHeader = await get(bearer(token));
    expect([byHeader.statusCode, await check(byHeader)]).toEqual([401, 'audience']);
    const byQuery = await get(basic('root'), `?access_token=${token}`);
    expect([byQuery.statusCode, await check(byQuery)]).toEqual([401, 'audience']);
  });

  it('answers 401 to a token for a FHIR endpoint of a client without a user', async () => {
    const token = await world.token({ clientId: 'loader' }, bearerPath);
    expect((await get(bearer(token))).statusCode).toBe(401);
  });

  it('answers 403 at once when the role admin goes, and 401 when the account or the client goes', async () => {
    const users = world.get(UsersService);
    await users.create({ username: 'erin', password: 'erin-passphrase-6', roles: ['admin'] });
    world.secrets.add('erin-passphrase-6');
    let token = await world.token({ username: 'erin', scope: 'admin' }, adminPath);
    const both = async (): Promise<number[]> => [
      (await get(bearer(token))).statusCode,
      (await get(basic('erin', 'erin-passphrase-6'))).statusCode,
    ];
    expect(await both()).toEqual([200, 200]);
    await users.update('erin', { roles: ['practitioner'] });
    expect(await both()).toEqual([403, 403]);
    await users.update('erin', { roles: ['admin'], enabled: false });
    expect(await both()).toEqual([401, 401]);
    await users.update('erin', { enabled: true });
    expect(await both()).toEqual([401, 200]);
    token = await world.token({ username: 'erin', scope: 'admin' }, adminPath);
    const clients = world.get(ClientsService);
    await clients.update('firekeep-cli', { firstParty: false });
    expect(await both()).toEqual([403, 200]);
    await clients.update('firekeep-cli', { firstParty: true, enabled: false });
    expect(await both()).toEqual([401, 200]);
    await clients.update('firekeep-cli', { enabled: true });
  });

  it('trusts no token of another server, though a FHIR endpoint does', async () => {
    const remote = await AuthorizationServerDouble.start();
    await world.get(ServerDescriptionsService).save({ issuer: remote.issuer });
    await world.get(ClientConfigurationsService).create({ applicationName: 'Remote', issuer: remote.issuer });
    await world
      .get(EndpointsService)
      .create({ path: '/remote/r4', checkMode: 'bearer', oauthClientName: 'Remote' });
    const aud = [world.base(adminPath), world.base('/remote/r4')];
    const claims = { aud, sub: 'root', scope: 'admin user/*.cruds' };
    for (const more of [{}, { iss: `${world.url}/oauth2` }]) {
      const answer = await get(bearer(remote.accessToken({ ...claims, ...more })));
      expect(answer.statusCode).toBe(401);
    }
    const there = await world.call({
      url: '/remote/r4/Patient',
      headers: bearer(remote.accessToken(claims)),
    });
    expect(there.statusCode).toBe(200);
    await remote.stop();
  });

  it.each<[Readonly<Record<string, string>>]>([
    [{ origin: 'https://evil.example' }],
    [{ origin: 'null' }],
    [{ origin: '' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
    [{ 'sec-fetch-site': 'SAME-ORIGIN' }],
    [{ origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }],
  ])('answers 403 to a page of another site: %j', async (headers) => {
    for (const method of ['GET', 'POST', 'DELETE'] as const) {
      const answer = await world.call({
        method,
        url: method === 'DELETE' ? `${url}/alice` : url,
        headers: { ...basic('root'), ...headers },
      });
      expect([method, answer.statusCode]).toEqual([method, 403]);
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      expect(answer.headers['www-authenticate']).toBeUndefined();
    }
  });

  it('takes a page of its own', async () => {
    for (const headers of [
      { origin: world.url },
      { 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'none' },
    ]) {
      expect((await get({ ...basic('root'), ...headers })).statusCode).toBe(200);
    }
  });

  it.each([
    '/ADMIN/api/v1/users',
    '/admin//api/v1/users',
    '/admin/api/v1//users',
    '/admin/api/v1/users/',
    '/admin/api/v1/./users',
    '/admin%2Fapi/v1/users',
    '/%61dmin/api/v1/users',
    '//admin/api/v1/users',
  ])('shows nothing at %s without credentials', async (path) => {
    const answer = await world.call(path);
    expect([401, 404]).toContain(answer.statusCode);
    expect(answer.body).not.toContain('carla');
  });

  it('explains a refusal to an administrator alone', async () => {
    const refused = await world.call(`${bearerPath}/Patient`);
    const reference = /Reference ([a-z2-9]+)/.exec(refused.body)?.[1] ?? '';
    const explain = (headers: Readonly<Record<string, string>>) =>
      world.call({ url: `${adminPath}/refusals/${reference}`, headers });
    expect((await explain({})).statusCode).toBe(401);
    expect((await explain(basic('alice'))).statusCode).toBe(403);
    const answer = await explain(basic('carla'));
    expect(answer.json()).toMatchObject({
      ...{ reference, check: 'token-present', mode: 'bearer', method: 'GET', path: `${bearerPath}/Patient` },
      trail: [
        { check: 'credentials-form', result: 'passed' },
        { check: 'token-present', result: 'failed' },
        { check: 'basic-password', result: 'not-reached' },
        ...[
          'token-active',
          'dpop-proof',
          'audience',
          'client-enabled',
          'user-enabled',
          'user-token',
          'same-user',
          'scope',
        ].map((name) => ({ check: name, result: 'not-reached' })),
      ],
    });
    const list = await world.call({ url: `${adminPath}/refusals`, headers: basic('carla') });
    expect(list.body).toContain(reference);
  });
});
