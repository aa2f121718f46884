import { createServer, type AddressInfo } from 'node:net';
import type { INestApplicationContext } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { TokenVerification } from '../../../src/contract/index.js';
import { ClientsService } from '../../../src/clients/index.js';
import { createApplication } from '../../../src/application/create-application.js';
import { EndpointRegistry, EndpointsService, type FhirEndpoint } from '../../../src/endpoints/index.js';
import { InitialAccessTokensService } from '../../../src/oauth2/index.js';
import { Settings } from '../../../src/platform/config/index.js';
import {
  ClientConfigurationsService,
  ServerDescriptionsService,
  TokenVerifier,
} from '../../../src/trust/index.js';
import { UsersService } from '../../../src/users/index.js';
import { databases } from '../../kit/databases.js';
import { authorize, Person } from '../../kit/person.js';
import { openTrust } from '../../kit/trust-application.js';
import { eventually } from '../../kit/until.js';

const base = 'http://localhost:8080/fhir/r4';
const password = 'correct horse battery staple';
const redirectUri = 'http://localhost:9000/callback';

function accepted(result: TokenVerification) {
  if (!result.ok) throw new Error(JSON.stringify(result.rejection));
  return result.claims;
}

/** The issuer is part of what the server is made of, so its port has to be known before. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Two processes of this program, each with a database of its own: one issues tokens, the other one trusts it. */
describe.each(databases)('this program as authorization server of another one, on $name', (kind) => {
  let server: NestFastifyApplication;
  let app: INestApplicationContext;
  let issuer: string;
  let clientSecret: string;
  let clients: ClientConfigurationsService;

  const endpoint = (): FhirEndpoint => {
    const [found] = app
      .get(EndpointRegistry, { strict: false })
      .all()
      .filter(({ path }) => path === '/fhir/r4');
    if (found === undefined) throw new Error('There is no endpoint.');
    return found;
  };
  const verify = (token: string) => app.get(TokenVerifier).verify(token, endpoint());

  beforeAll(async () => {
    const port = await freePort();
    const publicUrl = `http://localhost:${port}`;
    const settings = Settings.of({
      databaseUrl: await kind.create(),
      publicUrl,
      secretKey: Buffer.alloc(32, 9).toString('base64'),
      role: 'authorization-server',
      logLevel: 'silent',
    });
    server = await createApplication(settings);
    await server.listen(port, '127.0.0.1');
    issuer = `${publicUrl}/oauth2`;
    await server.get(UsersService, { strict: false }).create({
      username: 'alice',
      password,
      roles: ['practitioner'],
      fhirUser: 'Practitioner/alice',
    });
    const descriptions = server.get(ClientsService, { strict: false });
    const loader = await descriptions.create({
      clientId: 'loader',
      clientName: 'Loader',
      grantTypes: ['client_credentials'],
      scope: 'system/*.cruds',
    });
    clientSecret = loader.secret ?? '';
    await descriptions.create({
      clientId: 'growth-app',
      clientName: 'Growth chart',
      tokenEndpointAuthMethod: 'none',
      redirectUris: [redirectUri],
      grantTypes: ['authorization_code', 'refresh_token'],
      scope: 'openid fhirUser user/*.cruds',
    });
    ({ app } = await openTrust({ databaseUrl: await kind.create(), role: 'resource-server' }));
    clients = app.get(ClientConfigurationsService);
    await app
      .get(EndpointsService, { strict: false })
      .update('/fhir/r4', { oauthClientName: 'FHIRResource' });
  });
  afterAll(async () => {
    await app.close();
    await server.close();
  });

  const tokenOfLoader = async (): Promise<string> => {
    const answer = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`loader:${clientSecret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource: base, scope: 'system/*.rs' }),
    });
    const body = (await answer.json()) as { access_token?: string };
    if (body.access_token === undefined) throw new Error(JSON.stringify(body));
    return body.access_token;
  };
  const tokenOfAlice = async () =>
    authorize(
      { issuer, clientId: 'growth-app', redirectUri, scope: 'openid fhirUser user/*.rs', aud: base },
      new Person({ username: 'alice', password }),
    );

  it('is discovered, and registered with by an initial access token', async () => {
    const servers = app.get(ServerDescriptionsService);
    const preview = await servers.discover(issuer);
    expect(preview.metadata).toMatchObject({
      issuer,
      registration_endpoint: `${issuer}/register`,
      introspection_endpoint: `${issuer}/introspection`,
    });
    const { token } = await server
      .get(InitialAccessTokensService, { strict: false })
      .create({ uses: 1, registers: 'resource-servers', baseUrls: [base] });
    await servers.save({ issuer, initialAccessToken: token, digest: preview.digest });
    await clients.create({ applicationName: 'FHIRResource', issuer, description: 'A test' });
    const registered = await clients.perform('FHIRResource');
    expect(registered).toMatchObject({
      status: 'registered',
      drift: [],
      unsupported: [],
      nextAction: 'Get Update Metadata and Save',
    });
    const there = await server.get(ClientsService, { strict: false }).get(registered.clientId ?? '');
    expect(there).toMatchObject({
      clientType: 'resource_server',
      resource: [base],
      dynamicallyRegistered: true,
    });
  });

  it('gives its metadata again, shows drift and takes updates', async () => {
    const { clientId } = await clients.perform('FHIRResource');
    await server.get(ClientsService, { strict: false }).update(clientId ?? '', { clientName: 'Renamed' });
    expect(await clients.perform('FHIRResource')).toMatchObject({
      status: 'drifted',
      drift: [{ member: 'client_name', ours: 'FHIRResource', theirs: 'Renamed' }],
    });
    expect(await clients.pushMetadata('FHIRResource')).toMatchObject({ status: 'registered', drift: [] });
    expect(await clients.pushMetadata('FHIRResource')).toMatchObject({ status: 'registered' });
  });

  it('its JWTs are good here: of a client, which is no user', async () => {
    const token = await tokenOfLoader();
    expect(token.split('.')).toHaveLength(3);
    expect(accepted(await verify(token))).toMatchObject({
      issuer,
      subject: 'loader',
      clientId: 'loader',
      isUserToken: false,
      audience: [base],
      scopes: ['system/*.rs'],
    });
  });

  it('and of a user, with fhirUser; but not the id_token', async () => {
    const answer = await tokenOfAlice();
    expect(accepted(await verify(answer.access_token))).toMatchObject({
      subject: 'alice',
      clientId: 'growth-app',
      isUserToken: true,
      audience: [base],
      fhirUser: `${base}/Practitioner/alice`,
    });
    expect(await verify(answer.id_token ?? '')).toMatchObject({
      ok: false,
      rejection: { check: 'token-form' },
    });
  });

  it('its opaque tokens are introspected, and refused within five seconds of their revocation', async () => {
    const { clientId, metadata } = await clients.get('FHIRResource');
    expect(metadata).not.toBeNull();
    await server
      .get(ClientsService, { strict: false })
      .update(clientId ?? '', { metadata: { access_token_format: 'opaque' } });
    // Audiences of others may be some seconds old over there.
    const token = await eventually('an opaque token', tokenOfLoader, (one) => !one.includes('.'));
    expect(accepted(await verify(token))).toMatchObject({ subject: 'loader', isUserToken: false });
    const user = await tokenOfAlice();
    expect(accepted(await verify(user.access_token))).toMatchObject({ subject: 'alice', isUserToken: true });
    const revoked = await fetch(`${issuer}/revocation`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`loader:${clientSecret}`).toString('base64')}` },
      body: new URLSearchParams({ token }),
    });
    expect(revoked.status).toBe(200);
    const result = await eventually(
      'the end of the token',
      () => verify(token),
      ({ ok }) => !ok,
    );
    expect(result).toMatchObject({ ok: false, rejection: { check: 'token-active' } });
  });

  it('is left again: the client is gone on both sides', async () => {
    const { clientId } = await clients.get('FHIRResource');
    await app.get(EndpointsService, { strict: false }).update('/fhir/r4', { oauthClientName: null });
    expect(await clients.remove('FHIRResource')).toEqual({ deregistered: true });
    await expect(server.get(ClientsService, { strict: false }).get(clientId ?? '')).rejects.toMatchObject({
      code: 'CLIENTS_NOT_FOUND',
    });
  });
});
