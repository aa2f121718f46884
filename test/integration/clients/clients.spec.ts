import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ClientsService, type ClientInput } from '../../../src/clients/index.js';
import { createApplication } from '../../../src/application/create-application.js';
import { Settings } from '../../../src/platform/config/index.js';
import { Database } from '../../../src/platform/database/index.js';
import { jwkOf, signingKey } from '../../kit/authorization-server.js';
import { databases } from '../../kit/databases.js';

const key = signingKey('one', 'P-256');
const rsaKey = jwkOf(signingKey('rsa')) as { n: string; e: string };
const service: ClientInput = { grantTypes: ['client_credentials'], scope: 'system/*.cruds' };
const app1: ClientInput = {
  tokenEndpointAuthMethod: 'none',
  redirectUris: ['http://localhost:9000/callback'],
  grantTypes: ['authorization_code', 'refresh_token'],
};

describe.each(databases)('clients on $name', ({ create }) => {
  let app: NestFastifyApplication;
  let clients: ClientsService;

  beforeAll(async () => {
    const secretKey = Buffer.alloc(32, 1).toString('base64');
    app = await createApplication(
      Settings.of({
        databaseUrl: await create(),
        secretKey,
        publicUrl: 'https://fhir.example.org',
        logLevel: 'silent',
      }),
    );
    clients = app.get(ClientsService, { strict: false });
  });
  afterAll(() => app.close());

  test('a secret is generated, said once and stored hashed', async () => {
    const { client, secret = '' } = await clients.create({ ...service, clientId: 'loader' });
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect(client).toMatchObject({
      clientId: 'loader',
      clientType: 'confidential',
      tokenEndpointAuthMethod: 'client_secret_basic',
      hasSecret: true,
      pkceRequired: true,
      version: 1,
    });
    for (const shown of [
      client,
      await clients.get('loader'),
      await clients.find('loader'),
      await clients.list(),
    ]) {
      expect(JSON.stringify(shown)).not.toMatch(/secretHash|sha256\$|argon2/);
    }
    const rows = await app.get(Database, { strict: false }).query('SELECT * FROM oauth_client');
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(await clients.verifySecret('loader', secret)).toBe(true);
    expect(await clients.verifySecret('loader', `${secret}x`)).toBe(false);
    expect(await clients.verifySecret('loader', '')).toBe(false);
    expect(await clients.verifySecret('nobody', secret)).toBe(false);
    for (const other of ['Loader', 'loader ', ' loader']) {
      expect(await clients.verifySecret(other, secret)).toBe(false);
      expect(await clients.find(other)).toBeUndefined();
      await expect(clients.remove(other)).rejects.toMatchObject({ code: 'CLIENTS_NOT_FOUND' });
    }
  });

  test('a chosen secret is stored by Argon2id and is not said again', async () => {
    const made = await clients.create({ ...service, clientId: 'chosen', clientSecret: 'chosen by a person' });
    expect(made.secret).toBeUndefined();
    const [row] = await app
      .get(Database, { strict: false })
      .query("SELECT secret_hash FROM oauth_client WHERE client_id = 'chosen'");
    expect(row?.secret_hash).toMatch(/^\$argon2id\$/);
    for (let time = 0; time < 3; time++) {
      expect(await clients.verifySecret('chosen', 'chosen by a person')).toBe(true);
    }
    expect(await clients.verifySecret('chosen', 'chosen by nobody')).toBe(false);
  });

  test('a chosen secret that comes many times at once is one guess', async () => {
    await clients.create({ ...service, clientId: 'eager', clientSecret: 'chosen by someone eager' });
    const origin = { address: '203.0.113.77' };
    const answers = await Promise.all(
      Array.from({ length: 64 }, () => clients.verifySecret('eager', 'chosen by someone eager', origin)),
    );
    expect(new Set(answers)).toEqual(new Set([true]));
  });

  test('guessing a chosen secret is slowed down, and its owner elsewhere still gets in', async () => {
    const owner = { address: '203.0.113.9' };
    expect(await clients.verifySecret('chosen', 'chosen by a person', owner)).toBe(true);
    for (let time = 0; time < 10; time++) {
      await clients.verifySecret('chosen', `guess ${time}`, { address: '192.0.2.1' });
    }
    await expect(
      clients.verifySecret('chosen', 'chosen by a person', { address: '192.0.2.1' }),
    ).rejects.toMatchObject({ code: 'CLIENTS_THROTTLED', category: 'throttled' });
    expect(await clients.verifySecret('chosen', 'chosen by a person', owner)).toBe(true);
  });

  test('a rotated secret ends the old one at once', async () => {
    const before = await clients.create({ ...service, clientId: 'rotating' });
    expect(await clients.verifySecret('rotating', before.secret ?? '')).toBe(true);
    const secret = await clients.rotateSecret('rotating');
    expect(await clients.verifySecret('rotating', before.secret ?? '')).toBe(false);
    expect(await clients.verifySecret('rotating', secret)).toBe(true);
    expect((await clients.get('rotating')).version).toBe(2);
  });

  test('the secret of a disabled client is not accepted', async () => {
    const { secret = '' } = await clients.create({ ...service, clientId: 'disabled' });
    await clients.update('disabled', { enabled: false });
    expect(await clients.verifySecret('disabled', secret)).toBe(false);
    await clients.update('disabled', { enabled: true });
    expect(await clients.verifySecret('disabled', secret)).toBe(true);
  });

  test('a public client has no secret, and none can be made', async () => {
    const made = await clients.create({ ...app1, clientId: 'growth-app', clientName: 'Growth chart' });
    expect(made.secret).toBeUndefined();
    expect(made.client).toMatchObject({ clientType: 'public', hasSecret: false });
    await expect(clients.rotateSecret('growth-app')).rejects.toMatchObject({ code: 'CLIENTS_NO_SECRET' });
    expect(await clients.verifySecret('growth-app', 'anything at all')).toBe(false);
  });

  test('a resource server names its bases, kept without a slash at the end', async () => {
    const { client } = await clients.create({ resource: ['https://rs.example.org/fhir/'] });
    expect(client).toMatchObject({
      clientType: 'resource_server',
      resource: ['https://rs.example.org/fhir'],
      grantTypes: [],
    });
    expect(client.clientId).toMatch(/^[0-9a-f]{32}$/);
  });

  test.each<[string, ClientInput]>([
    ['redirectUris', { ...app1, redirectUris: ['javascript:alert(1)'] }],
    ['redirectUris', { ...app1, redirectUris: [] }],
    ['postLogoutRedirectUris', { ...app1, postLogoutRedirectUris: ['http://example.org/'] }],
    ['grantTypes', { ...app1, grantTypes: ['client_credentials'] }],
    ['grantTypes', { ...service, grantTypes: ['client_credentials', 'refresh_token'] }],
    ['grantTypes', { ...service, grantTypes: ['password' as never] }],
    ['grantTypes', { ...service, grantTypes: ['client_credentials', 'client_credentials'] }],
    ['scope', { ...service, scope: 'system/*.sdurc' }],
    ['pkceRequired', { ...app1, pkceRequired: false }],
    ['tokenEndpointAuthMethod', { ...service, tokenEndpointAuthMethod: 'client_secret_jwt' as never }],
    ['tokenEndpointAuthMethod', { ...app1, clientType: 'confidential' }],
    ['jwks', { ...service, tokenEndpointAuthMethod: 'private_key_jwt' }],
    ['jwks', { ...service, jwks: { keys: [{ kty: 'oct', k: 'secret' }] } }],
    ['jwks', { ...service, jwks: { keys: [{ kty: 'EC', d: 'private' }] } }],
    ['jwks', { ...service, jwks: {} as never }],
    ['jwks', { ...service, jwks: { keys: [{ kty: 'EC', crv: 'P-384', x: 'x', y: 'y' }] } }],
    ['jwks', { ...service, jwks: { keys: [rsaKey, { ...rsaKey, kid: 'b', e: '_____w' }] } }],
    ['jwks', { ...service, jwks: { keys: [{ ...rsaKey, e: 'f'.repeat(43) }] } }],
    ['jwks', { ...service, jwks: { keys: [{ ...rsaKey, n: `${rsaKey.n}${'A'.repeat(400)}` }] } }],
    ['jwks', { ...service, jwks: { keys: [jwkOf(key), jwkOf(key)] } }],
    ['jwksUri', { ...service, jwksUri: 'http://example.org/keys' }],
    ['jwksUri', { ...service, jwksUri: 'file:///etc/passwd' }],
    ['jwksUri', { ...service, jwksUri: 'https://example.org/keys#1' }],
    ['metadata', { ...app1, metadata: { backchannel_logout_uri: 'https://example.org/logout#1' } }],
    ['metadata', { ...app1, metadata: { backchannel_logout_uri: 'https://me@example.org/logout' } }],
    ['resource', { resource: ['https://rs.example.org/fhir?x'] }],
    ['resource', { ...service, resource: ['https://rs.example.org'], clientType: 'confidential' }],
    ['resource', { clientType: 'resource_server' }],
    ['clientId', { ...service, clientId: 'a:b' }],
    ['clientId', { ...service, clientId: 'a b' }],
    ['clientName', { ...service, clientName: ' ' }],
    ['clientName', { ...service, clientName: 'good\u202eevil' }],
    ['clientSecret', { ...service, clientSecret: 'short' }],
  ])('what is wrong with %s is said at the field (%#)', async (field, input) => {
    await expect(clients.create(input)).rejects.toMatchObject({
      code: 'CLIENTS_INVALID',
      category: 'invalid',
      issues: expect.arrayContaining([expect.objectContaining({ expression: field })]),
    });
  });

  test('addresses that this server calls may have a query, as those of mod_auth_openidc do', async () => {
    const jwksUri = 'https://site.example.org/oidc/callback?jwks=rsa';
    const metadata = { backchannel_logout_uri: 'https://site.example.org/oidc/callback?logout=backchannel' };
    const { client } = await clients.create({
      ...{ clientId: 'site', tokenEndpointAuthMethod: 'private_key_jwt', jwksUri, metadata },
      redirectUris: ['https://site.example.org/oidc/callback'],
    });
    expect(client).toMatchObject({ jwksUri, metadata });
  });

  test('a confidential client can be exempted from PKCE, by itself', async () => {
    const made = await clients.create({
      clientId: 'legacy',
      redirectUris: ['https://legacy.example.org/cb'],
      pkceRequired: false,
    });
    expect(made.client.pkceRequired).toBe(false);
  });

  test('a change keeps what it does not name, and a stale version is refused', async () => {
    const { version } = await clients.get('growth-app');
    const changed = await clients.update('growth-app', { scope: 'openid patient/*.rs' }, version);
    expect(changed).toMatchObject({
      clientName: 'Growth chart',
      scope: 'openid patient/*.rs',
      version: version + 1,
    });
    await expect(clients.update('growth-app', { scope: '' }, version)).rejects.toMatchObject({
      code: 'CLIENTS_VERSION_MISMATCH',
    });
    await expect(
      clients.update('growth-app', { tokenEndpointAuthMethod: 'client_secret_post' }),
    ).rejects.toMatchObject({ code: 'CLIENTS_INVALID' });
  });

  test('a secret goes when the client authenticates by key, and does not come back', async () => {
    const { secret = '' } = await clients.create({ ...service, clientId: 'by-key' });
    await clients.update('by-key', {
      tokenEndpointAuthMethod: 'private_key_jwt',
      jwks: { keys: [jwkOf(signingKey('k', 'P-384'))] },
    });
    expect((await clients.get('by-key')).hasSecret).toBe(false);
    await clients.update('by-key', { tokenEndpointAuthMethod: 'client_secret_basic' });
    expect(await clients.verifySecret('by-key', secret)).toBe(false);
  });

  test('a removed client is gone at once and its id stays taken', async () => {
    await clients.create({ ...service, clientId: 'leaving' });
    await clients.find('leaving');
    await clients.remove('leaving');
    expect(await clients.find('leaving')).toBeUndefined();
    await expect(clients.create({ ...service, clientId: 'leaving' })).rejects.toMatchObject({
      code: 'NAME_TAKEN',
    });
    await expect(clients.remove('leaving')).rejects.toMatchObject({ code: 'CLIENTS_NOT_FOUND' });
  });

  test("the documentation's client follows the public URL and can only be disabled", async () => {
    const client = await clients.find('firekeep-docs');
    expect(client).toMatchObject({
      firstParty: true,
      clientType: 'public',
      redirectUris: ['https://fhir.example.org/docs/oauth2-redirect.html'],
    });
    const refused = { code: 'CLIENTS_BUILT_IN', category: 'conflict' };
    await expect(clients.remove('firekeep-docs')).rejects.toMatchObject(refused);
    await expect(clients.update('firekeep-docs', { scope: '' })).rejects.toMatchObject(refused);
    expect(await clients.update('firekeep-docs', { enabled: false })).toMatchObject({ enabled: false });
  });
});
