import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ClientsService } from '../../../src/clients/index.js';
import { Database } from '../../../src/platform/database/index.js';
import { databases } from '../../kit/databases.js';
import { send as sendTo } from '../../kit/http.js';
import { addUsers, password, redirectUri, start } from './application.js';
import { basic } from './browser.js';

const base = 'https://rs.example.net/fhir';
const webApp = { client_name: 'Web app', redirect_uris: [redirectUri], scope: 'openid user/*.rs' };
const server = { client_name: 'Records', resource: [base] };

interface Made {
  readonly id: string;
  readonly token: string;
}

interface Registered {
  readonly client_id: string;
  readonly registration_access_token: string;
}

describe.each(databases)('what an initial access token may register on $name', (database) => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    app = await start(await database.create());
    await addUsers(app);
  });
  afterAll(() => app.close());

  const call = (method: string, url: string, authorization: string | undefined, payload?: object) =>
    sendTo(app, {
      ...{ method, url, headers: authorization === undefined ? {} : { authorization } },
      ...(payload === undefined ? {} : { payload }),
    });
  const make = (input: object) =>
    call('POST', '/admin/api/v1/initial-access-tokens', basic('root', password).authorization, input);
  const tokenFor = async (input: object): Promise<string> => (await make(input)).json<Made>().token;
  const register = (token: string, metadata: object) =>
    call('POST', '/oauth2/register', `Bearer ${token}`, metadata);
  const own = (client: Registered, metadata: object) =>
    call('PUT', `/oauth2/register/${client.client_id}`, `Bearer ${client.registration_access_token}`, {
      client_id: client.client_id,
      ...metadata,
    });
  const sql = (statement: string, values: readonly string[]) =>
    app.get(Database, { strict: false }).transaction((session) => session.execute(statement, values));

  it('is said by the administrator who makes it, and apps where nothing is said', async () => {
    expect((await make({})).json()).toMatchObject({ registers: 'apps', baseUrls: [] });
    const made = (await make({ registers: 'resource-servers', baseUrls: [`${base}/`] })).json<Made>();
    expect(made).toMatchObject({ registers: 'resource-servers', baseUrls: [base] });
    const listed = await call(
      'GET',
      '/admin/api/v1/initial-access-tokens',
      basic('root', password).authorization,
    );
    expect(listed.json<{ items: Made[] }>().items.find(({ id }) => id === made.id)).toMatchObject({
      ...{ registers: 'resource-servers', baseUrls: [base] },
    });
  });

  it.each([
    { registers: 'everything' },
    { registers: 'resource-servers' },
    { registers: 'resource-servers', baseUrls: [] },
    { registers: 'apps', baseUrls: [base] },
    { baseUrls: [base] },
    ...[
      'rs.example.net',
      'http://rs.example.net',
      'https://a:b@rs.example.net',
      `${base}?x`,
      `${base}#x`,
      `${base}/%2e%2e`,
      'javascript:alert(1)',
    ].map((one) => ({ registers: 'resource-servers', baseUrls: [one] })),
    { registers: 'resource-servers', baseUrls: Array.from({ length: 51 }, (_, n) => `${base}/${n}`) },
  ])('is refused as %j', async (input) => {
    expect((await make(input)).statusCode).toBe(400);
  });

  it('no resource server with one for apps, then or later, and the error names the other kind', async () => {
    const token = await tokenFor({ registers: 'apps' });
    const refused = await register(token, server);
    expect([refused.statusCode, refused.json()]).toEqual([
      400,
      {
        error: 'invalid_client_metadata',
        error_description: expect.stringContaining('an initial access token that registers resource-servers'),
      },
    ]);
    const client = (await register(token, webApp)).json<Registered>();
    const later = await own(client, { ...server, grant_types: [] });
    expect(later.json()).toMatchObject({ error: 'invalid_client_metadata' });
    expect((await own(client, { ...webApp, resource: [base] })).statusCode).toBe(400);
  });

  it('no app with one for resource servers, not even beside one, and the error names the other kind', async () => {
    const token = await tokenFor({ registers: 'resource-servers', baseUrls: [base] });
    const refused = await register(token, webApp);
    expect(refused.json()).toMatchObject({
      error: 'invalid_client_metadata',
      error_description: expect.stringContaining('an app needs one that registers apps'),
    });
    for (const more of [
      { redirect_uris: [redirectUri] },
      { redirect_uris: [redirectUri], grant_types: ['authorization_code'] },
      { grant_types: ['urn:ietf:params:oauth:grant-type:device_code'] },
    ]) {
      expect([more, (await register(token, { ...server, ...more })).statusCode]).toEqual([more, 400]);
    }
    const client = (await register(token, server)).json<Registered>();
    expect((await own(client, { ...server, redirect_uris: [redirectUri] })).statusCode).toBe(400);
  });

  describe('resource servers', () => {
    it('below the base URLs that it names, then and later', async () => {
      const token = await tokenFor({ registers: 'resource-servers', baseUrls: [base] });
      const client = (await register(token, { ...server, resource: [`${base}/r4`] })).json<Registered>();
      expect(client).toMatchObject({ resource: [`${base}/r4`] });
      const wider = await own(client, {
        ...server,
        resource: [`${base}/r4`, 'https://rs.example.net/other'],
      });
      expect(wider.json()).toMatchObject({
        error_description: expect.stringContaining(`is not below a base URL`),
      });
      const within = await own(client, { ...server, resource: [`${base}/r4`, `${base}/r5/`] });
      expect(within.json()).toMatchObject({ resource: [`${base}/r4`, `${base}/r5`] });
    });

    it.each([
      'https://rs.example.net',
      'https://rs.example.net/fhirx',
      'https://rs.example.net/FHIR',
      'https://rs.example.net:8443/fhir',
      'http://rs.example.net/fhir',
      'https://rs.example.net.evil.example/fhir',
      'https://rs.example.net@evil.example/fhir',
      'https://evil.example/https://rs.example.net/fhir',
      'https://rs.example.net/fhir/../admin',
      'https://rs.example.net/fhir/%2e%2e/admin',
      'https://rs.example.net\\fhir',
      'https://rs.example.net/fhir?x',
      '//rs.example.net/fhir',
    ])('and not at %s', async (resource) => {
      const token = await tokenFor({ registers: 'resource-servers', baseUrls: [base] });
      for (const all of [[resource], [base, resource]]) {
        expect((await register(token, { ...server, resource: all })).statusCode).toBe(400);
      }
    });
  });

  it('apps alone, where it was made before anybody asked', async () => {
    const { id, token } = (await make({ registers: 'resource-servers', baseUrls: [base] })).json<Made>();
    await sql('UPDATE oauth2_initial_access_token SET registers = NULL, base_urls = NULL WHERE id = ?', [id]);
    expect((await register(token, server)).statusCode).toBe(400);
    expect((await register(token, webApp)).statusCode).toBe(201);
  });

  it('for a resource server that registered before anybody asked: what is at the origins that it has', async () => {
    const token = await tokenFor({ registers: 'resource-servers', baseUrls: [base] });
    const client = (await register(token, server)).json<Registered>();
    await sql('UPDATE oauth2_registration SET base_urls = NULL WHERE client_id = ?', [client.client_id]);
    expect((await own(client, { ...server, resource: ['https://evil.example/fhir'] })).statusCode).toBe(400);
    const more = [base, 'https://rs.example.net/second'];
    expect((await own(client, { ...server, resource: more })).json()).toMatchObject({ resource: more });
    const { resource } = await app.get(ClientsService, { strict: false }).get(client.client_id);
    expect(resource).toEqual(more);
  });
});
