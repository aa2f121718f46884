import type { INestApplicationContext } from '@nestjs/common';
import { ClientsService } from '../../../src/clients/index.js';
import { EndpointRegistry, EndpointsService } from '../../../src/endpoints/index.js';
import type { Database } from '../../../src/platform/database/index.js';
import {
  ClientConfigurationsService,
  ServerDescriptionsService,
  TrustStatus,
} from '../../../src/trust/index.js';
import { SetupWorker } from '../../../src/trust/setup/setup-worker.js';
import { AuthorizationServerDouble, reply } from '../../kit/authorization-server.js';
import { databases } from '../../kit/databases.js';
import { openTrust } from '../../kit/trust-application.js';
import { until } from '../../kit/until.js';

const base = 'http://localhost:8080/fhir/r4';
const secondBase = 'http://localhost:8080/csp/healthshare/fhirserver/fhir/r4';

describe.each(databases)('client configurations on $name', (kind) => {
  let app: INestApplicationContext;
  let database: Database;
  let service: ClientConfigurationsService;
  let servers: ServerDescriptionsService;
  let endpoints: EndpointsService;
  let server: AuthorizationServerDouble;
  let count = 0;
  let name: string;

  beforeAll(async () => {
    ({ app, database } = await openTrust({ databaseUrl: await kind.create() }));
    service = app.get(ClientConfigurationsService);
    servers = app.get(ServerDescriptionsService);
    endpoints = app.get(EndpointsService, { strict: false });
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    server = await AuthorizationServerDouble.start();
    name = `app-${++count}`;
    await servers.save({ issuer: server.issuer, initialAccessToken: server.initialAccessToken });
  });
  afterEach(async () => {
    await endpoints.update('/fhir/r4', { oauthClientName: null });
    await server.stop();
  });

  const create = () => service.create({ applicationName: name, issuer: server.issuer });
  const clientAt = (id: string | null) => server.clients.get(id ?? '') ?? fail();
  const fail = (): never => {
    throw new Error('There is no such client.');
  };

  it('begins as not registered', async () => {
    expect(await create()).toMatchObject({
      applicationName: name,
      clientName: name,
      clientType: 'resource_server',
      status: 'not-registered',
      nextAction: 'Dynamic Registration and Save',
      clientId: null,
      drift: [],
      version: 1,
    });
  });

  it('refuses a name that is taken, an unknown issuer, an unknown TLS configuration and bad fields', async () => {
    await create();
    await expect(create()).rejects.toMatchObject({ code: 'TRUST_CLIENT_EXISTS' });
    for (const [changes, field] of [
      [{ issuer: 'https://nobody.example.org' }, 'issuer'],
      [{ tls: 'nothing' }, 'tls'],
      [{ applicationName: ' spaced ' }, 'applicationName'],
      [{ applicationName: '' }, 'applicationName'],
      [{ clientName: 'a\nb' }, 'clientName'],
      [{ description: 'x'.repeat(1001) }, 'description'],
    ] as const) {
      const input = { applicationName: 'other', issuer: server.issuer, ...changes };
      await expect(service.create(input)).rejects.toMatchObject({
        code: 'TRUST_CLIENT_INVALID',
        issues: expect.arrayContaining([expect.objectContaining({ expression: field })]),
      });
    }
  });

  it('registers by RFC 7591 with the initial access token, as a resource server with all bases', async () => {
    await create();
    const registered = await service.perform(name);
    expect(registered).toMatchObject({
      clientId: 'client-1',
      status: 'registered',
      nextAction: 'Get Update Metadata and Save',
      clientSecretExpiresAt: null,
      registrationClientUri: `${server.issuer}/register/client-1`,
      drift: [],
      unsupported: [],
    });
    expect(clientAt(registered.clientId).metadata).toEqual({
      client_name: name,
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: [],
      response_types: [],
      redirect_uris: [],
      resource: [secondBase, base],
    });
  });

  it('registers only the bases of the endpoints that name it', async () => {
    await create();
    await endpoints.update('/fhir/r4', { oauthClientName: name });
    const registered = await service.register(name);
    expect(clientAt(registered.clientId).metadata.resource).toEqual([base]);
    expect(registered.endpoints).toEqual(['/fhir/r4']);
  });

  it('keeps secrets sealed and out of every answer', async () => {
    await create();
    const registered = await service.register(name);
    const { secret, registrationToken } = clientAt(registered.clientId);
    const [row] = await database.query('SELECT * FROM client_configuration WHERE application_name = ?', [
      name,
    ]);
    const stored = Object.values(row ?? {})
      .map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : String(value)))
      .join('\n');
    for (const text of [stored, JSON.stringify(registered), JSON.stringify(await service.list())]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(registrationToken);
    }
  });

  it('the same button then gets the metadata by RFC 7592, and keeps up with rotated tokens', async () => {
    await create();
    await service.perform(name);
    clientAt('client-1').metadata.contacts = ['it@example.org'];
    for (let times = 0; times < 3; times++) {
      expect(await service.perform(name)).toMatchObject({ metadata: { contacts: ['it@example.org'] } });
    }
    expect(server.clients.size).toBe(1);
  });

  it('keeps a rotated client secret', async () => {
    await create();
    await service.register(name);
    const before = await database.query(
      'SELECT sealed_client_secret AS sealed FROM client_configuration WHERE application_name = ?',
      [name],
    );
    clientAt('client-1').secret = 'rotated';
    await service.updateMetadata(name);
    const after = await database.query(
      'SELECT sealed_client_secret AS sealed FROM client_configuration WHERE application_name = ?',
      [name],
    );
    expect(after).not.toEqual(before);
  });

  it('shows drift, and ends it by sending its own metadata', async () => {
    await create();
    await service.register(name);
    clientAt('client-1').metadata.client_name = 'Renamed there';
    const drifted = await service.updateMetadata(name);
    expect(drifted).toMatchObject({
      status: 'drifted',
      drift: [{ member: 'client_name', ours: name, theirs: 'Renamed there' }],
    });
    expect(await service.pushMetadata(name)).toMatchObject({ status: 'registered', drift: [] });
    expect(clientAt('client-1').metadata).toMatchObject({ client_name: name });
  });

  it('drifts when an endpoint takes its name later', async () => {
    await create();
    await service.register(name);
    await endpoints.update('/fhir/r4', { oauthClientName: name });
    expect(await service.get(name)).toMatchObject({
      status: 'drifted',
      drift: [{ member: 'resource', ours: [base], theirs: [secondBase, base] }],
    });
  });

  it('does not count what the server ignores as drift', async () => {
    await create();
    server.routes.set('/oauth2/register', (request, response) => {
      const { resource: _resource, ...rest } = JSON.parse(request.body) as Record<string, unknown>;
      reply(response, 201, { ...rest, client_id: 'c', client_secret: 's' });
    });
    expect(await service.register(name)).toMatchObject({ status: 'registered', unsupported: ['resource'] });
    await expect(service.updateMetadata(name)).rejects.toMatchObject({ code: 'TRUST_NO_MANAGEMENT' });
  });

  it('says what to do where the initial access token is refused, and stays unregistered', async () => {
    server.initialAccessToken = 'another';
    await create();
    await expect(service.register(name)).rejects.toMatchObject({
      stage: 'http-status',
      message: expect.stringMatching(/401 \(invalid_token\).*initial access token of the server description/),
    });
    expect(await service.get(name)).toMatchObject({ status: 'not-registered', version: 1 });
  });

  it.each<[string, Record<string, unknown>]>([
    ['no client id', { client_secret: 's' }],
    ['no secret', { client_id: 'c' }],
    ['a client id of another type', { client_id: { a: 1 }, client_secret: 's' }],
    [
      'a management address that is a script',
      { client_id: 'c', client_secret: 's', registration_client_uri: 'javascript:1' },
    ],
    [
      'a management address on plain http elsewhere',
      { client_id: 'c', client_secret: 's', registration_client_uri: 'http://10.0.0.1/r' },
    ],
  ])('refuses a registration with %s', async (_what, answer) => {
    await create();
    server.routes.set('/oauth2/register', (_request, response) => reply(response, 201, answer));
    await expect(service.register(name)).rejects.toMatchObject({ category: 'unprocessable' });
    expect(await service.get(name)).toMatchObject({ clientId: null });
  });

  describe('a management address at another origin', () => {
    let stranger: AuthorizationServerDouble;
    beforeEach(async () => {
      stranger = await AuthorizationServerDouble.start();
    });
    afterEach(() => stranger.stop());

    const elsewhere = () => ({
      ...{ client_id: 'client-1', client_secret: 's', registration_access_token: 'its-token' },
      registration_client_uri: `${stranger.issuer}/register/client-1`,
    });

    it('is refused with the registration that names it', async () => {
      await create();
      server.routes.set('/oauth2/register', (_request, response) => reply(response, 201, elsewhere()));
      await expect(service.register(name)).rejects.toMatchObject({
        category: 'unprocessable',
        message: expect.stringContaining(`registration_client_uri is at ${stranger.origin}`),
      });
      expect(stranger.requests).toEqual([]);
    });

    it('is refused with the answer of an update that names it', async () => {
      await create();
      await service.register(name);
      server.routes.set('/oauth2/register/client-1', (_request, response) =>
        reply(response, 200, elsewhere()),
      );
      await expect(service.updateMetadata(name)).rejects.toMatchObject({
        message: expect.stringContaining(`registration_client_uri is at ${stranger.origin}`),
      });
    });

    it('that an earlier version has stored gets no token', async () => {
      await create();
      await service.register(name);
      await database.write((manager) =>
        manager.query(
          'UPDATE client_configuration SET registration_client_uri = ? WHERE application_name = ?',
          [elsewhere().registration_client_uri, name],
        ),
      );
      for (const act of [() => service.updateMetadata(name), () => service.pushMetadata(name)]) {
        await expect(act()).rejects.toMatchObject({
          message: expect.stringContaining(`its token is for ${server.origin} only`),
        });
      }
      expect(stranger.requests).toEqual([]);
    });
  });

  it('of two registrations at once one is kept, and the other taken back', async () => {
    await create();
    const results = await Promise.allSettled([service.register(name), service.register(name)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect([...server.clients.keys()]).toEqual([(await service.get(name)).clientId]);
  });

  it('a registration that is gone there is forgotten and made anew', async () => {
    await create();
    await service.register(name);
    server.clients.delete('client-1');
    await expect(service.updateMetadata(name)).rejects.toMatchObject({
      message: expect.stringContaining('forget this registration'),
    });
    expect(await service.forgetRegistration(name)).toMatchObject({ status: 'not-registered' });
    expect(await service.perform(name)).toMatchObject({ status: 'registered' });
  });

  it('refuses another client in an answer', async () => {
    await create();
    await service.register(name);
    server.routes.set('/oauth2/register/client-1', (_request, response) =>
      reply(response, 200, { client_id: 'client-2', client_secret: 'x' }),
    );
    await expect(service.updateMetadata(name)).rejects.toMatchObject({ stage: 'metadata' });
  });

  it('changes with optimistic locking; the issuer of a registered one stays', async () => {
    await create();
    expect(await service.update(name, { clientName: 'New', description: 'x' }, 1)).toMatchObject({
      clientName: 'New',
      version: 2,
    });
    await expect(service.update(name, { clientName: 'Old' }, 1)).rejects.toMatchObject({
      code: 'TRUST_VERSION_MISMATCH',
    });
    await expect(service.perform(name, 1)).rejects.toMatchObject({ code: 'TRUST_VERSION_MISMATCH' });
    await service.register(name, 2);
    const other = await AuthorizationServerDouble.start();
    await servers.save({ issuer: other.issuer });
    await expect(service.update(name, { issuer: other.issuer })).rejects.toMatchObject({
      code: 'TRUST_CLIENT_REGISTERED',
    });
    await other.stop();
  });

  it('is removed here and there, but not while an endpoint names it', async () => {
    await create();
    await service.register(name);
    await endpoints.update('/fhir/r4', { oauthClientName: name });
    await expect(service.remove(name)).rejects.toMatchObject({ code: 'TRUST_CLIENT_IN_USE' });
    await endpoints.update('/fhir/r4', { oauthClientName: null });
    expect(await service.remove(name)).toEqual({ deregistered: true });
    expect(server.clients.size).toBe(0);
    await expect(service.get(name)).rejects.toMatchObject({ code: 'TRUST_CLIENT_NOT_FOUND' });
  });

  it('is removed here even where the server can not be reached, and says so', async () => {
    await create();
    await service.register(name);
    await server.stop();
    expect(await service.remove(name)).toMatchObject({
      deregistered: false,
      failure: expect.stringMatching(/Nothing listens|closed the connection/),
    });
    server = await AuthorizationServerDouble.start();
  });

  it('shows OAuth client names that dangle', async () => {
    await endpoints.update('/fhir/r4', { oauthClientName: 'Nobody' });
    expect(service.danglingNames()).toEqual([{ endpoint: '/fhir/r4', oauthClientName: 'Nobody' }]);
    const report = await app.get(TrustStatus).report();
    expect(report.danglingNames).toHaveLength(1);
    await service.create({ applicationName: 'Nobody', issuer: server.issuer });
    expect(service.danglingNames()).toEqual([]);
  });

  describe('at the own issuer', () => {
    const own = 'http://localhost:8080/oauth2';

    beforeEach(async () => {
      await servers.apply({ issuer: own });
      await service.create({ applicationName: name, issuer: own });
    });

    it('registers in the process, with the same states', async () => {
      const clients = app.get(ClientsService, { strict: false });
      const registered = await service.perform(name);
      expect(registered).toMatchObject({ status: 'registered', drift: [] });
      const id = registered.clientId ?? fail();
      expect(await clients.get(id)).toMatchObject({
        clientType: 'resource_server',
        resource: [secondBase, base],
      });
      await clients.update(id, { clientName: 'Other' });
      expect(await service.perform(name)).toMatchObject({ status: 'drifted' });
      expect(await service.pushMetadata(name)).toMatchObject({ status: 'registered' });
      expect(await service.remove(name)).toEqual({ deregistered: true });
      expect(await clients.find(id)).toBeUndefined();
    });

    it('says that the client was removed', async () => {
      const { clientId } = await service.register(name);
      await app.get(ClientsService, { strict: false }).remove(clientId ?? fail());
      await expect(service.updateMetadata(name)).rejects.toMatchObject({ code: 'TRUST_REGISTRATION_GONE' });
    });
  });

  describe('of the bootstrap file', () => {
    it('is registered in the background, again and again until it works', async () => {
      const worker = app.get(SetupWorker, { strict: false });
      const late = await AuthorizationServerDouble.start();
      late.routes.set('/.well-known/oauth-authorization-server/oauth2', (_request, response) =>
        reply(response, 503, {}),
      );
      await servers.apply({ issuer: late.issuer, initialAccessToken: late.initialAccessToken });
      const applied = await service.apply({ applicationName: name, issuer: late.issuer });
      expect(applied).toMatchObject({ status: 'not-registered', pending: true });
      // The application's own timer does the same work, and may be first.
      await worker.work();
      await until('the work of a timer', async () => (await service.get(name)).failure !== null);
      const failed = await service.get(name);
      expect(failed).toMatchObject({
        pending: true,
        failure: { stage: 'http-status', message: expect.stringContaining('503') },
      });
      expect(failed.failure?.nextAttemptAt).toBeGreaterThan(failed.failure?.at ?? Infinity);
      const report = await app.get(TrustStatus).report();
      expect(report.pendingRegistrations).toContainEqual({
        applicationName: name,
        message: expect.stringContaining('503'),
      });
      late.routes.set('/.well-known/oauth-authorization-server/oauth2', (_request, response) =>
        reply(response, 200, late.metadata),
      );
      await until('the work of a timer', async () => {
        await database.transaction((session) => session.execute('UPDATE trust_setup SET due_at = 0'));
        await worker.work();
        return !(await service.get(name)).pending;
      });
      expect(await service.get(name)).toMatchObject({ status: 'registered', pending: false, failure: null });
      expect((await servers.findByIssuer(late.issuer))?.metadata).not.toBeNull();
      await late.stop();
    });

    it('applied again changes nothing, and registers nothing twice', async () => {
      const worker = app.get(SetupWorker, { strict: false });
      const input = { applicationName: name, issuer: server.issuer, description: 'of the file' };
      await service.apply(input);
      await Promise.all([worker.work(), worker.work()]);
      const first = await service.get(name);
      expect(first.status).toBe('registered');
      expect(await service.apply(input)).toEqual(first);
      expect(server.clients.size).toBe(1);
      expect(await service.apply({ ...input, description: 'changed' })).toMatchObject({
        description: 'changed',
      });
    });
  });
});

describe.each(databases)('two processes on $name', (kind) => {
  it('see what the other one configures', async () => {
    const databaseUrl = await kind.create();
    const one = await openTrust({ databaseUrl });
    const two = await openTrust({ databaseUrl });
    try {
      await one.app
        .get(EndpointsService, { strict: false })
        .update('/fhir/r4', { oauthClientName: 'Shared' });
      await one.app.get(ServerDescriptionsService).apply({ issuer: 'https://as.example.org' });
      const registry = two.app.get(EndpointRegistry, { strict: false });
      const clients = two.app.get(ClientConfigurationsService);
      await registry.refresh();
      expect(clients.danglingNames()).toHaveLength(1);
      await one.app
        .get(ClientConfigurationsService)
        .create({ applicationName: 'Shared', issuer: 'https://as.example.org' });
      await until('what another node made', () => clients.danglingNames().length === 0);
      expect(clients.danglingNames()).toEqual([]);
    } finally {
      await one.app.close();
      await two.app.close();
    }
  });
});
