import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { BootstrapService } from '../../../src/administration/index.js';
import { ClientsService } from '../../../src/clients/index.js';
import { EndpointRegistry } from '../../../src/endpoints/index.js';
import {
  ClientConfigurationsService,
  ServerDescriptionsService,
  TlsConfigurationsService,
} from '../../../src/trust/index.js';
import { PasswordAuthentication, RolesService, UsersService } from '../../../src/users/index.js';
import { databases } from '../../kit/databases.js';
import { start } from './application.js';

const here = { address: '192.0.2.1' };
const issuer = 'http://localhost:9/oauth2';

describe.each(databases)('bootstrap file on $name', ({ create }) => {
  let app: NestFastifyApplication;
  const file = join(mkdtempSync(join(tmpdir(), 'firekeep-')), 'bootstrap.yaml');

  const apply = async (text: string): Promise<void> => {
    writeFileSync(file, text);
    await app.get(BootstrapService, { strict: false }).apply();
  };
  const users = () => app.get(UsersService, { strict: false });
  const clients = () => app.get(ClientsService, { strict: false });

  beforeAll(async () => {
    delete process.env.ALICE_PASSWORD_TOKEN;
    process.env.ALICE_PASSWORD = 'alice from the environment';
    app = await start(await create(), { bootstrapFile: file });
  });
  afterAll(() => app.close());

  const everything = `
users:
  - username: alice
    password: \${ALICE_PASSWORD}
    roles: [practitioner]
    fhirUser: Practitioner/alice
clients:
  - clientId: loader
    clientSecret: loader secret of length
    clientName: Loader
    grantTypes: [client_credentials]
    scope: system/*.cruds
  - clientId: growth-app
    clientName: Growth chart
    tokenEndpointAuthMethod: none
    redirectUris: [http://localhost:9000/callback]
    grantTypes: [authorization_code, refresh_token]
    scope: launch launch/patient openid fhirUser offline_access patient/*.rs
tlsConfigurations:
  - name: hospital
    minVersion: TLSv1.3
serverDescriptions:
  - issuer: ${issuer}
    tls: hospital
    initialAccessToken: \${ALICE_PASSWORD_TOKEN}
clientConfigurations:
  - applicationName: FHIRResource
    issuer: ${issuer}
    clientType: resource_server
endpoints:
  - path: /fhir/r4
    repository: default
    checks: bearer
    oauthClientName: FHIRResource
  - path: /fhir/second
    checks: basic
`;

  test('nothing is applied where anything is wrong, and all of it is said', async () => {
    await expect(apply(`${everything}  - path: /fhir/r4/below\n    checks: strict\n`)).rejects.toMatchObject({
      code: 'BOOTSTRAP_INVALID',
      issues: [{ expression: 'serverDescriptions[0].initialAccessToken' }],
    });
    process.env.ALICE_PASSWORD_TOKEN = 'token';
    await expect(apply(`${everything}  - path: /fhir/r4/below\n    checks: strict\n`)).rejects.toMatchObject({
      issues: expect.arrayContaining([
        expect.objectContaining({ expression: 'endpoints[2].checks' }),
        expect.objectContaining({ expression: 'endpoints[2].path' }),
      ]),
    });
    expect((await users().list()).map(({ username }) => username)).toEqual(['admin']);
    expect(await app.get(TlsConfigurationsService, { strict: false }).list()).toEqual([]);
  });

  test('what the file names is there afterwards, and what can not be reached does not hold it up', async () => {
    await apply(everything);
    expect(
      await app
        .get(PasswordAuthentication, { strict: false })
        .verify('alice', 'alice from the environment', here),
    ).toMatchObject({ ok: true, user: { roles: ['practitioner'], fhirUser: 'Practitioner/alice' } });
    expect(await clients().verifySecret('loader', 'loader secret of length')).toBe(true);
    expect(await clients().get('growth-app')).toMatchObject({
      clientType: 'public',
      clientName: 'Growth chart',
    });
    const servers = await app.get(ServerDescriptionsService, { strict: false }).list();
    expect(servers).toMatchObject([{ issuer, tls: 'hospital', hasInitialAccessToken: true, metadata: null }]);
    const [configuration] = await app.get(ClientConfigurationsService, { strict: false }).list();
    expect(configuration).toMatchObject({
      applicationName: 'FHIRResource',
      pending: true,
      endpoints: ['/fhir/r4'],
    });
    expect(app.get(EndpointRegistry, { strict: false }).all()).toMatchObject([
      { path: '/csp/healthshare/fhirserver/fhir/r4', oauthClientName: null },
      { path: '/fhir/r4', oauthClientName: 'FHIRResource' },
      { path: '/fhir/second', checkMode: 'basic', repository: 'default' },
    ]);
  });

  test('the second time nothing changes', async () => {
    const before = [await users().list(), await clients().list()];
    await apply(everything);
    expect([await users().list(), await clients().list()]).toEqual(before);
    expect(
      app.get(EndpointRegistry, { strict: false }).byBase('https://fhir.example.org/fhir/second')?.version,
    ).toBe(1);
  });

  test('only what the file says of a thing is changed; passwords and secrets are not', async () => {
    await users().setPassword('alice', 'chosen by alice herself');
    const secret = await clients().rotateSecret('loader');
    await users().update('alice', { enabled: false });
    await apply(
      everything
        .replace('Practitioner/alice', 'Practitioner/a')
        .replace('clientName: Loader', 'clientName: Bulk'),
    );
    expect(await users().get('alice')).toMatchObject({ fhirUser: 'Practitioner/a', enabled: false });
    await users().update('alice', { enabled: true });
    expect(
      await app
        .get(PasswordAuthentication, { strict: false })
        .verify('alice', 'chosen by alice herself', here),
    ).toMatchObject({ ok: true });
    expect(await clients().verifySecret('loader', secret)).toBe(true);
    expect(await clients().get('loader')).toMatchObject({ clientName: 'Bulk', scope: 'system/*.cruds' });
  });

  test('null takes a thing away, and a slash at the end is no change', async () => {
    const server =
      'clients: [{ clientId: rs, clientSecret: long enough secret, resource: ["https://rs.example.org/"] }]';
    await apply(server);
    await apply(server);
    expect(await clients().get('rs')).toMatchObject({ version: 1, resource: ['https://rs.example.org'] });
    await apply('endpoints: [{ path: /fhir/r4, checks: bearer, oauthClientName: null }]');
    expect(app.get(EndpointRegistry, { strict: false }).defaultEndpoint()?.oauthClientName).toBeNull();
  });

  test('what the file no longer names is left alone', async () => {
    await apply('users: []');
    expect(await users().findByUsername('alice')).toBeDefined();
    expect(await clients().find('loader')).toBeDefined();
  });

  test('what was deleted stays deleted and does not stop the start', async () => {
    await users().remove('alice');
    await clients().remove('growth-app');
    await apply(everything);
    expect(await users().findByUsername('alice')).toBeUndefined();
    expect(await clients().find('growth-app')).toBeUndefined();
  });

  test.each([
    ['users: [{ username: bob }]', 'users[0].password'],
    ['users: [{ username: bob, password: short }]', 'users[0].password'],
    ['users: [{ username: bob, password: long enough, roles: [king] }]', 'users[0].roles'],
    ['users: [{ username: bob, password: long enough, roles: [King] }]', 'users[0].roles'],
    ['roles: [{ name: admin, rules: [] }]', 'roles[0].name'],
    [
      'roles: [{ name: nurse, rules: [{ types: [Patient], interactions: rs, criteria: nme=x }] }]',
      'roles[0].rules[0].criteria',
    ],
    ['users: [{ username: loader, password: long enough }]', 'users[0].username'],
    [
      'clients: [{ clientId: alice, clientSecret: long enough secret, grantTypes: [client_credentials] }]',
      'clients[0].clientId',
    ],
    ['clients: [{ clientId: c1, grantTypes: [client_credentials] }]', 'clients[0].clientSecret'],
    ['clients: [{ clientId: loader, clientType: public }]', 'clients[0]'],
    ['clients: [{ clientId: firekeep-docs, scope: openid }]', 'clients[0]'],
    ['clients: [{ clientId: loader, redirectUris: ["javascript:x"] }]', 'clients[0].redirectUris'],
    [
      'users: [{ username: both, password: long enough }]\nclients: [{ clientId: both, clientSecret: long enough secret, grantTypes: [client_credentials] }]',
      'clients[0].clientId',
    ],
    ['endpoints: [{ path: /new, checks: open }]', 'endpoints[0].checks'],
    ['endpoints: [{ path: /a, checks: basic }, { path: /a/b, checks: basic }]', 'endpoints[1].path'],
    ['tlsConfigurations: [{ name: other, caFile: /nowhere.pem }]', 'tlsConfigurations[0]'],
    ['serverDescriptions: [{ issuer: "ftp://example.org" }]', 'serverDescriptions[0]'],
    ['serverDescriptions: [{ issuer: "https://as.example.org", tls: nothing }]', 'serverDescriptions[0].tls'],
    [
      'clientConfigurations: [{ applicationName: X, issuer: "https://nobody.example.org" }]',
      'clientConfigurations[0].issuer',
    ],
  ])('%s is refused with its path', async (text, path) => {
    await expect(apply(text)).rejects.toMatchObject({
      code: 'BOOTSTRAP_INVALID',
      issues: expect.arrayContaining([expect.objectContaining({ expression: path })]),
    });
  });

  test('roles are there before the users who have them, and become what the file says', async () => {
    const text = (interactions: string) => `
roles:
  - name: ward-nurse
    rules: [{ types: ['*'], interactions: ${interactions}, ownPatients: [careteam] }]
users: [{ username: ward, password: long enough, roles: [ward-nurse, auditor] }]`;
    const roles = app.get(RolesService, { strict: false });
    await apply(text('rs'));
    expect(await users().get('ward')).toMatchObject({ roles: ['ward-nurse', 'auditor'] });
    await apply(text('rs'));
    expect(await roles.get('ward-nurse')).toMatchObject({ version: 1 });
    await apply(text('cruds'));
    expect(await roles.get('ward-nurse')).toMatchObject({
      version: 2,
      rules: [{ types: ['*'], interactions: 'cruds', ownPatients: ['careteam'] }],
    });
  });
});
