import { InitialAccessTokensService } from '../../../src/oauth2/index.js';
import { sqlite } from '../../kit/databases.js';
import { adminPath, basic, basicPath, bearerPath, openPath, World } from './application.js';

describe('pages of clients that registered themselves', () => {
  let world: World;
  let count = 0;

  beforeAll(async () => {
    world = await World.start(await sqlite.create(), { registration: 'open' });
  });
  afterAll(() => world.close());

  /** An app at an origin of its own. */
  const register = async (token?: string): Promise<{ clientId: string; origin: string; uri: string }> => {
    count += 1;
    const origin = `https://app-${count}.example.net`;
    const answer = await world.call({
      ...{ method: 'POST', url: '/oauth2/register' },
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      payload: { redirect_uris: [`${origin}/callback`], token_endpoint_auth_method: 'none' },
    });
    const { client_id: clientId } = answer.json<{ client_id: string }>();
    return { clientId, origin, uri: `${origin}/callback` };
  };
  const write = async (path: string, origin: string): Promise<number> =>
    (
      await world.call({
        ...{ method: 'POST', url: `${path}/Binary`, payload: 'planted' },
        headers: {
          ...{ origin, 'content-type': 'text/plain', 'sec-fetch-site': 'cross-site' },
          ...(path === basicPath ? basic('alice') : {}),
        },
      })
    ).statusCode;
  const writes = async (origin: string): Promise<number[]> => [
    await write(basicPath, origin),
    await write(openPath, origin),
  ];
  const mayRead = async (origin: string): Promise<boolean> => {
    const { headers } = await world.call({ url: `${bearerPath}/Patient`, headers: { origin } });
    return headers['access-control-allow-origin'] === origin;
  };
  const decide = async (clientId: string, changes: object): Promise<void> => {
    const answer = await world.call({
      ...{ method: 'PATCH', url: `${adminPath}/clients/${clientId}`, payload: changes },
      headers: { ...basic('carla'), 'if-match': '*' },
    });
    if (answer.statusCode !== 200) throw new Error(answer.body);
  };

  it('write nothing where the browser sends credentials along, and read what a token opens', async () => {
    const { token } = await world.get(InitialAccessTokensService).create();
    for (const { origin } of [await register(), await register(token)]) {
      expect(await writes(origin)).toEqual([403, 403]);
      expect(await mayRead(origin)).toBe(true);
    }
    const refused = await world.call({
      ...{ method: 'POST', url: `${basicPath}/Binary`, payload: 'planted' },
      headers: { ...basic('alice'), origin: 'https://app-1.example.net', 'content-type': 'text/plain' },
    });
    expect(await world.explain(refused)).toMatchObject({
      check: 'cross-site',
      remedy: expect.stringContaining('Have an administrator name a redirect URI of that origin'),
    });
  });

  it('write once an administrator names the redirect URI, and no longer than the client has it', async () => {
    const { clientId, origin, uri } = await register();
    expect(await writes(origin)).toEqual([403, 403]);
    await decide(clientId, { description: 'looked at' });
    expect(await writes(origin)).toEqual([403, 403]);
    await decide(clientId, { redirectUris: [uri] });
    expect(await writes(origin)).toEqual([201, 201]);
    await decide(clientId, { redirectUris: ['https://other.example.net/callback'] });
    expect([await writes(origin), await mayRead(origin)]).toEqual([[403, 403], false]);
  });

  it('neither write nor read once the client is disabled or removed', async () => {
    const { clientId, origin, uri } = await register();
    await decide(clientId, { redirectUris: [uri] });
    expect([await writes(origin), await mayRead(origin)]).toEqual([[201, 201], true]);
    await decide(clientId, { enabled: false });
    expect([await writes(origin), await mayRead(origin)]).toEqual([[403, 403], false]);
    await decide(clientId, { enabled: true });
    expect([await writes(origin), await mayRead(origin)]).toEqual([[201, 201], true]);
    await world.call({
      ...{ method: 'DELETE', url: `${adminPath}/clients/${clientId}` },
      headers: { ...basic('carla'), 'if-match': '*' },
    });
    expect([await writes(origin), await mayRead(origin)]).toEqual([[403, 403], false]);
  });

  it('do not take the origin of another client that an administrator made away', async () => {
    const { token } = await world.get(InitialAccessTokensService).create();
    await world.call({
      ...{ method: 'POST', url: '/oauth2/register', headers: { authorization: `Bearer ${token}` } },
      payload: { redirect_uris: ['https://app.example.com/other'], token_endpoint_auth_method: 'none' },
    });
    expect(await writes('https://app.example.com')).toEqual([201, 201]);
  });
});
