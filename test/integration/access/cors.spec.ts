import { ClientsService } from '../../../src/clients/index.js';
import { databases } from '../../kit/databases.js';
import { adminPath, bearer, bearerPath, bothPath, World } from './application.js';

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
});
