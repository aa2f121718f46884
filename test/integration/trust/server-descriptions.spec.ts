import type { INestApplicationContext } from '@nestjs/common';
import type { Database } from '../../../src/platform/database/index.js';
import { ClientConfigurationsService, ServerDescriptionsService } from '../../../src/trust/index.js';
import { AuthorizationServerDouble } from '../../kit/authorization-server.js';
import { databases } from '../../kit/databases.js';
import { openTrust } from '../../kit/trust-application.js';

describe.each(databases)('server descriptions on $name', (kind) => {
  let app: INestApplicationContext;
  let database: Database;
  let service: ServerDescriptionsService;
  let server: AuthorizationServerDouble;

  beforeAll(async () => {
    ({ app, database } = await openTrust({ databaseUrl: await kind.create() }));
    service = app.get(ServerDescriptionsService);
  });
  afterAll(() => app.close());
  beforeEach(async () => (server = await AuthorizationServerDouble.start()));
  afterEach(() => server.stop());

  it('a preview stores nothing', async () => {
    const preview = await service.discover(server.issuer);
    expect(preview).toMatchObject({ issuer: server.issuer, existing: null, difference: [], warnings: [] });
    expect(await service.findByIssuer(server.issuer)).toBeUndefined();
  });

  it('saving stores what the preview showed, the initial access token sealed', async () => {
    const { digest } = await service.discover(server.issuer);
    const saved = await service.save({ issuer: server.issuer, initialAccessToken: 'iat-secret', digest });
    expect(saved).toMatchObject({
      issuer: server.issuer,
      tls: null,
      hasInitialAccessToken: true,
      own: false,
      usedBy: [],
      failure: null,
      version: 1,
      metadata: { jwks_uri: `${server.issuer}/jwks` },
    });
    expect(JSON.stringify(saved)).not.toContain('iat-secret');
    const rows = await database.query('SELECT * FROM server_description WHERE id = ?', [saved.id]);
    expect((rows[0]?.sealed_initial_access_token as Buffer).toString('latin1')).not.toContain('iat-secret');
    expect(await service.get(saved.id)).toEqual(saved);
  });

  it('the next preview shows the difference, member by member', async () => {
    await service.save({ issuer: server.issuer });
    Object.assign(server.metadata, {
      jwks_uri: `${server.issuer}/keys`,
      scopes_supported: undefined,
      device_authorization_endpoint: `${server.issuer}/device`,
    });
    const preview = await service.discover(server.issuer);
    expect(preview.existing).toMatchObject({ version: 1 });
    expect(preview.difference).toEqual([
      { member: 'device_authorization_endpoint', change: 'added', after: `${server.issuer}/device` },
      {
        member: 'jwks_uri',
        change: 'changed',
        before: `${server.issuer}/jwks`,
        after: `${server.issuer}/keys`,
      },
      { member: 'scopes_supported', change: 'removed', before: ['openid'] },
    ]);
    const saved = await service.save({ issuer: server.issuer, digest: preview.digest }, 1);
    expect(saved).toMatchObject({ version: 2, metadata: { jwks_uri: `${server.issuer}/keys` } });
  });

  it('refuses to store what the preview did not show', async () => {
    const { digest } = await service.discover(server.issuer);
    server.metadata.jwks_uri = `${server.issuer}/other`;
    await expect(service.save({ issuer: server.issuer, digest })).rejects.toMatchObject({
      code: 'TRUST_METADATA_MOVED',
    });
  });

  it('a failure leaves what is stored as it is', async () => {
    const saved = await service.save({ issuer: server.issuer });
    server.metadata.issuer = 'https://evil.example.org';
    await expect(service.save({ issuer: server.issuer })).rejects.toMatchObject({ stage: 'issuer-mismatch' });
    expect(await service.get(saved.id)).toEqual(saved);
  });

  it('keeps the initial access token where none is given, and takes it away on null', async () => {
    await service.save({ issuer: server.issuer, initialAccessToken: 'iat' });
    const again = await service.save({ issuer: server.issuer });
    expect(again.hasInitialAccessToken).toBe(true);
    expect(await service.update(again.id, { initialAccessToken: null }, 2)).toMatchObject({
      hasInitialAccessToken: false,
      version: 3,
    });
  });

  it('refuses a change of an older version, an unknown TLS configuration and a token with spaces', async () => {
    const { id } = await service.save({ issuer: server.issuer });
    await expect(service.update(id, { tls: null }, 7)).rejects.toMatchObject({
      code: 'TRUST_VERSION_MISMATCH',
    });
    await expect(service.save({ issuer: server.issuer }, 7)).rejects.toMatchObject({
      code: 'TRUST_VERSION_MISMATCH',
    });
    await expect(service.update(id, { tls: 'none' })).rejects.toMatchObject({ code: 'TRUST_SERVER_INVALID' });
    await expect(service.discover(server.issuer, 'none')).rejects.toMatchObject({
      code: 'TRUST_SERVER_INVALID',
    });
    await expect(service.update(id, { initialAccessToken: 'a b' })).rejects.toMatchObject({
      code: 'TRUST_SERVER_INVALID',
    });
  });

  it('two that save at once leave one description', async () => {
    await Promise.all([service.save({ issuer: server.issuer }), service.save({ issuer: server.issuer })]);
    const found = (await service.list()).filter(({ issuer }) => issuer === server.issuer);
    expect(found).toMatchObject([{ version: 2 }]);
  });

  it('is not removed while a client configuration uses it', async () => {
    const clients = app.get(ClientConfigurationsService);
    const { id } = await service.save({ issuer: server.issuer });
    await clients.create({ applicationName: 'user', issuer: server.issuer });
    expect(await service.get(id)).toMatchObject({ usedBy: ['user'] });
    await expect(service.remove(id)).rejects.toMatchObject({ code: 'TRUST_SERVER_IN_USE' });
    await clients.remove('user');
    await service.remove(id);
    await expect(service.get(id)).rejects.toMatchObject({ code: 'TRUST_SERVER_NOT_FOUND' });
  });
});
