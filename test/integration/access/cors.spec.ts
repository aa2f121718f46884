import { ClientsService } from '../../../src/clients/index.js';
import { databases } from '../../kit/databases.js';
import { adminPath, basic, basicPath, bearer, bearerPath, bothPath, openPath, World } from './application.js';

const origin = 'https://app.example.com';
const stranger = 'https://evil.example';

describe.each(databases)('pages of other origins on $name', ({ create }) => {
  let world: World;

  beforeAll(async () => {
    world = await World.start(await create());
    await world.get(ClientsService).create({
      clientId: 'native',
      clientName: 'Native app',
      tokenEndpointAuthMethod: 'none',
      redirectUris: ['com.example.app:/callback', 'http://127.0.0.1/callback'],
      grantTypes: ['authorization_code'],
      scope: 'user/*.rs',
    });
  });
  afterAll(() => world.close());

  const preflight = (path: string, from: string, method = 'GET') =>
    world.call({
      method: 'OPTIONS',
      url: path,
      headers: {
        origin: from,
        'access-control-request-method': method,
        'access-control-request-headers': 'authorization',
      },
    });

  it.each(['GET', 'POST', 'PUT', 'DELETE'])('of a client may ask for %s', async (method) => {
    const { statusCode, headers, body } = await preflight(`${bearerPath}/Patient`, origin, method);
    expect([statusCode, body]).toEqual([204, '']);
    expect(headers['access-control-allow-origin']).toBe(origin);
    expect(headers['access-control-allow-methods']).toContain(method);
    expect(headers['access-control-allow-headers']).toContain('Authorization');
    expect(headers['access-control-allow-credentials']).toBeUndefined();
    expect(headers.vary).toContain('Origin');
  });

  it('of a client may read answers, refusals too, and see why they were refused', async () => {
    const token = await world.token('alice', bearerPath);
    for (const [credentials, status] of [
      [bearer(token), 200],
      [{}, 401],
    ] as const) {
      const { statusCode, headers } = await world.call({
        url: `${bearerPath}/Patient`,
        headers: { ...credentials, origin },
      });
      expect(statusCode).toBe(status);
      expect(headers['access-control-allow-origin']).toBe(origin);
      expect(headers['access-control-expose-headers']).toContain('WWW-Authenticate');
      expect(headers['access-control-allow-credentials']).toBeUndefined();
      expect(String(headers.vary)).toContain('Origin');
    }
  });

  it.each([
    stranger,
    'null',
    'http://app.example.com',
    'https://app.example.com:444',
    'https://app.example.com.evil.example',
    'https://APP.example.com',
    'https://app.example.com/callback',
    'com.example.app:',
    '*',
    '',
  ])('of %j may read nothing', async (from) => {
    const token = await world.token('alice', bearerPath);
    const answer = await world.call({
      url: `${bearerPath}/Patient`,
      headers: { ...bearer(token), origin: from },
    });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    const asked = await preflight(`${bearerPath}/Patient`, from);
    expect(asked.statusCode).toBeGreaterThanOrEqual(400);
    expect(asked.headers['access-control-allow-origin']).toBeUndefined();
  });

  it.each([
    `${bearerPath}/metadata`,
    `${bothPath}/metadata`,
    `${bearerPath}/.well-known/smart-configuration`,
    `/.well-known/oauth-protected-resource${bearerPath}`,
  ])('of anyone may read %s', async (path) => {
    const { statusCode, headers } = await world.call({ url: path, headers: { origin: stranger } });
    expect(statusCode).toBe(200);
    expect(headers['access-control-allow-origin']).toBe('*');
    expect(headers['access-control-allow-credentials']).toBeUndefined();
    expect((await preflight(path, stranger)).statusCode).toBe(204);
  });

  it.each([`${adminPath}/users`, '/', '/docs', '/health/live', '/@fhir/metadata', '/nowhere'])(
    'may not read %s',
    async (path) => {
      for (const from of [origin, stranger]) {
        const answer = await world.call({ url: path, headers: { origin: from } });
        expect(answer.headers['access-control-allow-origin']).toBeUndefined();
        expect((await preflight(path, from)).headers['access-control-allow-origin']).toBeUndefined();
      }
    },
  );

  it('an OPTIONS that is no preflight needs credentials like every other request', async () => {
    const answer = await world.call({
      method: 'OPTIONS',
      url: `${bearerPath}/Patient`,
      headers: { origin },
    });
    expect(answer.statusCode).toBe(401);
  });

  describe('can change nothing by what a browser sends without asking before', () => {
    const body = { 'content-type': 'text/plain' };
    const send = (path: string, from: Readonly<Record<string, string>>) =>
      world.call({
        ...{ method: 'POST', url: `${path}/Binary`, payload: 'planted' },
        headers: { ...body, ...(path === basicPath ? basic('alice') : {}), ...from },
      });

    it.each([
      [basicPath, { origin: stranger }],
      [basicPath, { origin: stranger, 'sec-fetch-site': 'cross-site' }],
      [basicPath, { origin: 'null' }],
      [basicPath, { 'sec-fetch-site': 'same-site' }],
      [openPath, { origin: stranger }],
    ] as const)('at %s from %j', async (path, from) => {
      const answer = await send(path, from);
      expect([answer.statusCode, answer.json().issue[0].details.coding[0].code]).toEqual([
        403,
        'ACCESS_CROSS_SITE',
      ]);
      expect(answer.headers['www-authenticate']).toBeUndefined();
      expect(await world.explain(answer)).toMatchObject({ check: 'cross-site' });
      expect((await send(path, {})).statusCode).toBe(201);
    });

    it('but the server itself and registered clients can', async () => {
      const allowed: readonly Readonly<Record<string, string>>[] = [
        { origin: world.url, 'sec-fetch-site': 'same-origin' },
        { origin, 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'none' },
      ];
      for (const from of allowed) {
        expect([from, (await send(basicPath, from)).statusCode]).toEqual([from, 201]);
      }
    });

    it('and a token that they bring is what counts at the other endpoints', async () => {
      const token = await world.token('alice', bearerPath);
      const answer = await send(bearerPath, { origin: stranger, ...bearer(token) });
      expect(answer.statusCode).toBe(201);
    });
  });
});
