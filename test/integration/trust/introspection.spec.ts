import type { TokenVerification } from '../../../src/contract/index.js';
import { OutboundHttp } from '../../../src/trust/outbound/outbound-http.js';
import { ApplicationVerifier } from '../../../src/trust/token-verification/application-verifier.js';
import type { ServerMetadata } from '../../../src/trust/store/server-metadata.js';
import { AuthorizationServerDouble, reply } from '../../kit/authorization-server.js';

let http: OutboundHttp;
let server: AuthorizationServerDouble;
let now: number;
let verifier: ApplicationVerifier;
const clientId = 'rs:1 ü';
const clientSecret = 'a+b/c %';

beforeEach(async () => {
  http = new OutboundHttp({ connectTimeout: 800, totalTimeout: 800, maximumBytes: 100_000, connections: 4 });
  server = await AuthorizationServerDouble.start();
  // As RFC 6749 section 2.3.1 has them in the header.
  server.clients.set('rs%3A1+%C3%BC', { metadata: {}, secret: 'a%2Bb%2Fc+%25', registrationToken: '' });
  now = Date.now();
  verifier = make({ clientId, clientSecret });
});
afterEach(async () => {
  await http.onApplicationShutdown();
  await server.stop();
});

function make(credentials: { clientId: string; clientSecret: string } | null): ApplicationVerifier {
  return new ApplicationVerifier(
    {
      applicationName: 'FHIRResource',
      issuer: server.issuer,
      metadata: server.metadata as unknown as ServerMetadata,
      tls: null,
      credentials,
      fingerprint: '',
    },
    http,
    86_400,
    () => now,
  );
}

const active = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  active: true,
  iss: server.issuer,
  sub: 'alice',
  client_id: 'growth-app',
  scope: 'user/*.rs',
  aud: 'http://localhost:8080/fhir/r4',
  exp: Math.floor(now / 1000) + 300,
  token_type: 'Bearer',
  ...more,
});

const asked = (): number => server.count('/oauth2/introspection');

function accepted(result: TokenVerification) {
  if (!result.ok) throw new Error(JSON.stringify(result.rejection));
  return result.claims;
}

function refused(result: TokenVerification) {
  if (result.ok) throw new Error('The token was accepted.');
  return result.rejection;
}

describe('an opaque token', () => {
  it('is introspected with the credentials of the client configuration', async () => {
    server.tokens.set('opaque', active({ patient: 'p1', fhirUser: 'Patient/p1' }));
    expect(accepted(await verifier.verify('opaque'))).toMatchObject({
      issuer: server.issuer,
      subject: 'alice',
      isUserToken: true,
      scopes: ['user/*.rs'],
      patient: 'p1',
      fhirUser: 'Patient/p1',
    });
  });

  it('of a client without a user is no user token, with and without sub', async () => {
    server.tokens.set('one', active({ sub: 'growth-app' }));
    server.tokens.set('two', active({ sub: undefined }));
    for (const token of ['one', 'two']) {
      expect(accepted(await verifier.verify(token))).toMatchObject({
        isUserToken: false,
        subject: 'growth-app',
      });
    }
  });

  it('is asked about once while the answer is fresh, and once by many at the same time', async () => {
    server.tokens.set('opaque', active());
    await Promise.all(Array.from({ length: 20 }, () => verifier.verify('opaque')));
    await verifier.verify('opaque');
    expect(asked()).toBe(1);
  });

  it('is refused within five seconds of its revocation', async () => {
    server.tokens.set('opaque', active());
    accepted(await verifier.verify('opaque'));
    server.tokens.delete('opaque');
    now += 5_000;
    expect(refused(await verifier.verify('opaque'))).toMatchObject({ check: 'token-active' });
  });

  it('that is unknown is asked about again only after a moment', async () => {
    expect(refused(await verifier.verify('unknown')).unavailable).toBeUndefined();
    await verifier.verify('unknown');
    expect(asked()).toBe(1);
    now += 2_001;
    server.tokens.set('unknown', active());
    accepted(await verifier.verify('unknown'));
  });

  it('is not kept beyond its time of expiry', async () => {
    server.tokens.set('opaque', active({ exp: Math.floor(now / 1000) + 2 }));
    accepted(await verifier.verify('opaque'));
    now += 2_500;
    await verifier.verify('opaque');
    expect(asked()).toBe(2);
  });

  it('without time of expiry lives as long as the answer', async () => {
    server.tokens.set('opaque', active({ exp: undefined }));
    const { expiresAt } = accepted(await verifier.verify('opaque'));
    expect(expiresAt).toBeLessThanOrEqual(now / 1000 + 6);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['of another issuer', { iss: 'https://evil.example.org' }, 'token-issuer'],
    ['that has expired all the same', { exp: 1 }, 'token-time'],
    ['without client', { client_id: undefined }, 'token-form'],
    ['that is bound to a certificate', { cnf: { 'x5t#S256': 'a' } }, 'token-form'],
    ['that is bound to a key and a certificate', { cnf: { jkt: 'a', 'x5t#S256': 'a' } }, 'token-form'],
    ['of type DPoP without a key', { token_type: 'DPoP' }, 'token-form'],
    ['that is active as text', { active: 'true' }, 'token-active'],
    ['that is active as number', { active: 1 }, 'token-active'],
  ])('%s is refused', async (_what, changes, check) => {
    server.tokens.set('opaque', active(changes));
    expect(refused(await verifier.verify('opaque')).check).toBe(check);
  });

  it('of type DPoP comes with the key that it is bound to', async () => {
    server.tokens.set('bound', active({ token_type: 'DPoP', cnf: { jkt: 'thumb' } }));
    expect(await verifier.verify('bound')).toMatchObject({ ok: true, claims: { keyThumbprint: 'thumb' } });
  });

  it('is never part of a URL, and the texts do not hold it', async () => {
    const text = JSON.stringify(refused(await verifier.verify('very-secret-token')));
    expect(text).not.toContain('very-secret-token');
    expect(server.requests.map(({ path }) => path).join()).not.toContain('very-secret-token');
  });
});

describe('an issuer that can not be asked', () => {
  it.each([401, 403, 500, 302])('status %i means unavailable, not a bad token', async (status) => {
    server.routes.set('/oauth2/introspection', (_request, response) => reply(response, status, {}));
    expect(refused(await verifier.verify('opaque'))).toMatchObject({
      check: 'token-active',
      unavailable: true,
    });
  });

  it('an answer that is not JSON means unavailable', async () => {
    server.routes.set('/oauth2/introspection', (_request, response) => response.end('active'));
    expect(refused(await verifier.verify('opaque')).unavailable).toBe(true);
  });

  it('an answer that does not come means unavailable', async () => {
    server.routes.set('/oauth2/introspection', () => undefined);
    expect(refused(await verifier.verify('opaque')).unavailable).toBe(true);
  });

  it('a failure is not kept: it works as soon as the issuer does', async () => {
    server.routes.set('/oauth2/introspection', (_request, response) => reply(response, 500, {}));
    await verifier.verify('opaque');
    expect(verifier.lastFailure?.stage).toBe('http-status');
    server.routes.set('/oauth2/introspection', (_request, response) => reply(response, 200, active()));
    accepted(await verifier.verify('opaque'));
    expect(verifier.lastFailure).toBeUndefined();
  });

  it('the number of questions at once is bounded', async () => {
    const waiting: (() => void)[] = [];
    server.routes.set('/oauth2/introspection', (_request, response) => {
      waiting.push(() => reply(response, 200, { active: false }));
    });
    const results = Array.from({ length: 80 }, (_, index) => verifier.verify(`token-${index}`));
    const last = refused(await (results[79] ?? Promise.reject(new Error('none'))));
    expect(last.unavailable).toBe(true);
    await http.onApplicationShutdown();
    await Promise.all(results);
    expect(waiting.length).toBeLessThanOrEqual(64);
  });

  it('a configuration that is not registered yet means unavailable', async () => {
    const result = refused(await make(null).verify('opaque'));
    expect(result).toMatchObject({
      unavailable: true,
      remedy: expect.stringContaining('Dynamic Registration'),
    });
  });
});
