import type { INestApplicationContext } from '@nestjs/common';
import type { LocalAccessTokens, TokenVerification } from '../../../src/contract/index.js';
import { EndpointRegistry, EndpointsService, type FhirEndpoint } from '../../../src/endpoints/index.js';
import {
  ClientConfigurationsService,
  ServerDescriptionsService,
  TlsConfigurationsService,
  TokenVerifier,
  TrustStatus,
} from '../../../src/trust/index.js';
import { AuthorizationServerDouble, jws, signingKey } from '../../kit/authorization-server.js';
import { makeAuthority } from '../../kit/certificates.js';
import { databases, sqlite } from '../../kit/databases.js';
import { openTrust } from '../../kit/trust-application.js';

const ownIssuer = 'http://localhost:8080/oauth2';
const localClaims = {
  issuer: ownIssuer,
  subject: 'alice',
  clientId: 'app',
  isUserToken: true,
  scopes: [],
  audience: [],
  issuedAt: null,
  expiresAt: 9_999_999_999,
  fhirUser: null,
  patient: null,
  encounter: null,
  keyThumbprint: null,
};
const localTokens: LocalAccessTokens = {
  issuer: ownIssuer,
  verify: (token) =>
    Promise.resolve<TokenVerification>(
      token === 'local'
        ? { ok: true, claims: localClaims }
        : { ok: false, rejection: { check: 'token-active', expected: '', actual: '', remedy: '' } },
    ),
};

function refused(result: TokenVerification) {
  if (result.ok) throw new Error('The token was accepted.');
  return result.rejection;
}

describe.each(databases)('verification of tokens on $name', (kind) => {
  let app: INestApplicationContext;
  let verifier: TokenVerifier;
  let server: AuthorizationServerDouble;
  const { authority, server: certificate } = makeAuthority();

  const endpoint = (): FhirEndpoint =>
    app
      .get(EndpointRegistry, { strict: false })
      .all()
      .find(({ path }) => path === '/fhir/r4') ?? fail();
  const fail = (): never => {
    throw new Error('There is no endpoint.');
  };
  const name = (oauthClientName: string | null) =>
    app.get(EndpointsService, { strict: false }).update('/fhir/r4', { oauthClientName });

  beforeAll(async () => {
    server = await AuthorizationServerDouble.start({ cert: certificate.certificate, key: certificate.key });
    ({ app } = await openTrust({ databaseUrl: await kind.create(), localTokens }));
    verifier = app.get(TokenVerifier);
    await app.get(TlsConfigurationsService).create({ name: 'double', ca: authority.certificate });
    await app.get(ServerDescriptionsService).save({
      issuer: server.issuer,
      tls: 'double',
      initialAccessToken: server.initialAccessToken,
    });
    const clients = app.get(ClientConfigurationsService);
    await clients.create({ applicationName: 'Remote', issuer: server.issuer });
    await app.get(ServerDescriptionsService).apply({ issuer: ownIssuer });
    await clients.create({ applicationName: 'Own', issuer: ownIssuer });
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });
  beforeEach(() => name(null));

  it.each([
    ['an empty token', ''],
    ['a token longer than 8 KiB', 'a'.repeat(8193)],
    ['spaces', 'a b'],
    ['control characters', 'a\r\nb'],
    ['letters beyond ASCII', 'tökén'],
    ['padding in the middle', 'a=b'],
  ])('refuses %s by its form', async (_what, token) => {
    const rejection = refused(await verifier.verify(token, endpoint()));
    expect(rejection.check).toBe('token-form');
    if (token !== '') expect(JSON.stringify(rejection)).not.toContain(token);
  });

  it('trusts the own issuer alone where the endpoint has no OAuth client name', async () => {
    expect(await verifier.verify('local', endpoint())).toEqual({ ok: true, claims: localClaims });
    expect(refused(await verifier.verify(server.accessToken(), endpoint()))).toMatchObject({
      check: 'token-issuer',
      expected: `issuer ${ownIssuer}`,
      actual: expect.stringContaining(server.issuer),
    });
  });

  it('trusts the own issuer where the client configuration is one there', async () => {
    await name('Own');
    expect(await verifier.verify('local', endpoint())).toMatchObject({ ok: true });
    expect(refused(await verifier.verify(server.accessToken(), endpoint())).check).toBe('token-issuer');
  });

  it('trusts the named issuer alone, not the own one any more', async () => {
    await name('Remote');
    expect(await verifier.verify(server.accessToken(), endpoint())).toMatchObject({
      ok: true,
      claims: { issuer: server.issuer, subject: 'alice' },
    });
    const forged = jws(
      { alg: 'RS256', typ: 'at+jwt', kid: 'first' },
      { iss: ownIssuer, sub: 'alice', client_id: 'app', exp: 9_999_999_999 },
      server.key,
    );
    expect(refused(await verifier.verify(forged, endpoint())).check).toBe('token-issuer');
    expect(refused(await verifier.verify('local', endpoint())).unavailable).toBe(true);
  });

  it('introspects opaque tokens as soon as it is registered', async () => {
    await name('Remote');
    await app.get(ClientConfigurationsService).register('Remote');
    server.tokens.set('opaque', { active: true, client_id: 'app', sub: 'bob', exp: 9_999_999_999 });
    expect(await verifier.verify('opaque', endpoint())).toMatchObject({
      ok: true,
      claims: { subject: 'bob' },
    });
    expect(refused(await verifier.verify('local', endpoint())).check).toBe('token-active');
  });

  it('refuses every token where the name dangles, and says so', async () => {
    await name('Nobody');
    for (const token of ['local', server.accessToken()]) {
      expect(refused(await verifier.verify(token, endpoint()))).toMatchObject({
        check: 'token-issuer',
        actual: expect.stringContaining('dangles'),
      });
    }
  });

  it('takes nothing from its caches that the configuration does not allow any more', async () => {
    await name('Remote');
    const token = server.accessToken();
    expect(await verifier.verify(token, endpoint())).toMatchObject({ ok: true });
    server.keys = [signingKey('other')];
    server.metadata.scopes_supported = ['changed'];
    await app.get(ServerDescriptionsService).save({ issuer: server.issuer });
    expect(refused(await verifier.verify(token, endpoint())).check).toBe('token-signature');
    await app
      .get(TlsConfigurationsService)
      .update('double', { ca: makeAuthority('New').authority.certificate });
    expect(refused(await verifier.verify(server.accessToken(), endpoint()))).toMatchObject({
      unavailable: true,
    });
    const report = await app.get(TrustStatus).report();
    expect(report.unreachableIssuers).toContainEqual({
      issuer: server.issuer,
      message: expect.stringContaining('TLS with'),
    });
  });
});

describe('a process that is a resource server only', () => {
  it('has no issuer of its own to trust', async () => {
    const { app } = await openTrust({ databaseUrl: await sqlite.create(), role: 'resource-server' });
    const [endpoint] = app.get(EndpointRegistry, { strict: false }).all();
    if (endpoint === undefined) throw new Error('There is no endpoint.');
    const rejection = refused(await app.get(TokenVerifier).verify('local', endpoint));
    expect(rejection).toMatchObject({
      check: 'token-issuer',
      remedy: expect.stringContaining('application name'),
    });
    await app.close();
  });
});
