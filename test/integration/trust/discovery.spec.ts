import dns from 'node:dns';
import { createServer, type AddressInfo, type Server } from 'node:net';
import type { ServerResponse } from 'node:http';
import { OutboundError } from '../../../src/trust/index.js';
import { OutboundHttp } from '../../../src/trust/outbound/outbound-http.js';
import { IssuerDiscovery } from '../../../src/trust/server-descriptions/issuer-discovery.service.js';
import type { TlsMaterial } from '../../../src/trust/outbound/tls-material.js';
import { AuthorizationServerDouble, reply } from '../../kit/authorization-server.js';
import { makeAuthority, makeCertificate, type TestCertificate } from '../../kit/certificates.js';

type Lookup = (error: Error) => void;

const { authority, server } = makeAuthority();
const day = 86_400_000;
const wellKnown = '/.well-known/oauth-authorization-server/oauth2';
const limits = { connectTimeout: 800, totalTimeout: 800, maximumBytes: 20_000, connections: 4 };

let http: OutboundHttp;
let discovery: IssuerDiscovery;
const running: { stop(): Promise<void> }[] = [];

beforeEach(() => {
  http = new OutboundHttp(limits);
  discovery = new IssuerDiscovery(http);
});
afterEach(async () => {
  await http.onApplicationShutdown();
  await Promise.all(running.splice(0).map((one) => one.stop()));
});

async function start(tls?: Parameters<typeof AuthorizationServerDouble.start>[0]) {
  const double = await AuthorizationServerDouble.start(tls);
  running.push(double);
  return double;
}

const startTls = (shown: TestCertificate, more: object = {}) =>
  start({ cert: shown.certificate, key: shown.key, ...more });

function material(changes: Partial<TlsMaterial> = {}): TlsMaterial {
  return {
    name: 'hospital',
    fingerprint: JSON.stringify(changes),
    minVersion: 'TLSv1.2',
    ca: authority.certificate,
    certificate: null,
    key: null,
    ...changes,
  };
}

async function failure(issuer: string, tls: TlsMaterial | null = null): Promise<OutboundError> {
  const error: unknown = await discovery.discover(issuer, tls).catch((thrown: unknown) => thrown);
  if (!(error instanceof OutboundError)) throw new Error(`Expected a failure, got ${String(error)}`);
  return error;
}

describe('discovery of an issuer', () => {
  it('reads the document of RFC 8414', async () => {
    const double = await start();
    const found = await discovery.discover(double.issuer, null);
    expect(found.metadata).toMatchObject({ issuer: double.issuer, jwks_uri: `${double.issuer}/jwks` });
    expect(found.sources).toEqual([`${double.origin}${wellKnown}`]);
    expect(found.warnings).toEqual([]);
  });

  it('takes the document of OpenID Connect where it is the only one', async () => {
    const double = await start();
    double.routes.delete(wellKnown);
    double.routes.set('/oauth2/.well-known/openid-configuration', (_request, response) =>
      reply(response, 200, double.metadata),
    );
    const found = await discovery.discover(double.issuer, null);
    expect(found.sources).toEqual([`${double.issuer}/.well-known/openid-configuration`]);
  });

  it('puts both documents together, lets RFC 8414 decide and says where they differ', async () => {
    const double = await start();
    double.routes.set('/oauth2/.well-known/openid-configuration', (_request, response) =>
      reply(response, 200, {
        ...double.metadata,
        jwks_uri: `${double.issuer}/other`,
        claims_supported: ['sub'],
      }),
    );
    const found = await discovery.discover(double.issuer, null);
    expect(found.metadata).toMatchObject({ jwks_uri: `${double.issuer}/jwks`, claims_supported: ['sub'] });
    expect(found.warnings).toEqual([expect.stringContaining('jwks_uri')]);
  });

  it('says which addresses that get secrets, or give keys, are at another origin', async () => {
    const double = await start();
    Object.assign(double.metadata, {
      introspection_endpoint: 'https://other.example.org/introspect',
      authorization_endpoint: 'https://pages.example.org/authorize',
    });
    const found = await discovery.discover(double.issuer, null);
    expect(found.warnings).toEqual([
      expect.stringContaining('introspection_endpoint is at https://other.example.org'),
    ]);
  });

  it('works over TLS with the authority of a configuration, and with a client certificate', async () => {
    const double = await startTls(server, {
      requestCert: true,
      rejectUnauthorized: true,
      ca: authority.certificate,
    });
    const client = makeCertificate({ name: 'firekeep', issuer: authority });
    const tls = material({ certificate: client.certificate, key: client.key });
    expect((await discovery.discover(double.issuer, tls)).metadata.issuer).toBe(double.issuer);
  });

  it('uses the own metadata without a way through the network', async () => {
    const issuer = 'https://self.example.org/oauth2';
    const own = new IssuerDiscovery(http, {
      issuer,
      metadata: () => ({
        issuer,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
      }),
    });
    expect((await own.discover(issuer, null)).metadata.issuer).toBe(issuer);
  });
});

describe('discovery that fails', () => {
  it.each([
    ['plain http', 'http://as.example.org'],
    ['another scheme', 'ftp://as.example.org'],
    ['no URL', 'as.example.org/oauth2'],
    ['a user', 'https://me:secret@as.example.org'],
    ['a query', 'https://as.example.org/?a=b'],
    ['a fragment', 'https://as.example.org/#a'],
    ['http on a name that only looks like loopback', 'http://127.0.0.1.example.org'],
  ])('refuses an address with %s before it asks anybody', async (_what, issuer) => {
    expect(await failure(issuer)).toMatchObject({
      stage: 'address',
      code: 'TRUST_ADDRESS_REFUSED',
      status: 422,
    });
  });

  it('says that a name is unknown', async () => {
    // Resolvers differ in how long they take to say so.
    jest
      .spyOn(dns, 'lookup')
      .mockImplementation(((_name: string, _options: object, done: Lookup) =>
        done(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }))) as never);
    const error = await failure('https://nowhere.invalid/oauth2');
    expect(error.stage).toBe('name-lookup');
    expect(error.message).toContain('nowhere.invalid');
    jest.restoreAllMocks();
  });

  it('says that nothing listens', async () => {
    const double = await start();
    await double.stop();
    expect(await failure(double.issuer)).toMatchObject({
      stage: 'connect',
      message: expect.stringContaining('Nothing listens'),
    });
  });

  it('names the authority that is not trusted', async () => {
    const double = await startTls(server);
    const error = await failure(
      double.issuer,
      material({ ca: makeAuthority('Wrong').authority.certificate }),
    );
    expect(error.stage).toBe('tls');
    expect(error.message).toContain('issuer CN=Test authority');
    expect(error.message).toContain('CA bundle of the TLS configuration "hospital"');
  });

  it('names a certificate that signed itself', async () => {
    const alone = makeCertificate({ name: 'alone', alternativeNames: ['localhost'] });
    const error = await failure((await startTls(alone)).issuer);
    expect(error).toMatchObject({ stage: 'tls', message: expect.stringContaining('subject CN=alone') });
  });

  it('names the certificate that has expired, with its validity', async () => {
    const expired = makeCertificate({
      name: 'localhost',
      issuer: authority,
      alternativeNames: ['localhost'],
      from: new Date(Date.now() - 10 * day),
      to: new Date(Date.now() - day),
    });
    const error = await failure((await startTls(expired)).issuer, material());
    expect(error.stage).toBe('tls');
    expect(error.message).toMatch(
      /has expired: subject CN=localhost, issuer CN=Test authority, valid from .* to /,
    );
  });

  it('names a certificate that is not valid yet', async () => {
    const early = makeCertificate({
      name: 'localhost',
      issuer: authority,
      alternativeNames: ['localhost'],
      from: new Date(Date.now() + day),
      to: new Date(Date.now() + 2 * day),
    });
    const error = await failure((await startTls(early)).issuer, material());
    expect(error).toMatchObject({ stage: 'tls', message: expect.stringContaining('is not valid yet') });
  });

  it('says for which names a certificate is', async () => {
    const other = makeCertificate({
      name: 'other',
      issuer: authority,
      alternativeNames: ['other.example.org'],
    });
    const error = await failure((await startTls(other)).issuer, material());
    expect(error).toMatchObject({ stage: 'tls', message: expect.stringContaining('other.example.org') });
  });

  it('says that the protocol version is too old', async () => {
    const double = await startTls(server, { maxVersion: 'TLSv1.2' });
    const error = await failure(double.issuer, material({ minVersion: 'TLSv1.3' }));
    expect(error).toMatchObject({ stage: 'tls', message: expect.stringContaining('at least TLSv1.3') });
  });

  it('says that a client certificate is missing', async () => {
    const double = await startTls(server, {
      requestCert: true,
      rejectUnauthorized: true,
      ca: authority.certificate,
    });
    const error = await failure(double.issuer, material());
    expect(error).toMatchObject({ stage: 'tls', message: expect.stringContaining('client certificate') });
  });

  it('says that what answers does not speak TLS', async () => {
    const double = await start();
    const error = await failure(double.issuer.replace('http:', 'https:'));
    expect(error).toMatchObject({ stage: 'tls', message: expect.stringContaining('does not speak TLS') });
  });

  it.each([404, 401, 500])('passes on HTTP status %i', async (status) => {
    const double = await start();
    double.routes.set(wellKnown, (_request, response) =>
      reply(response, status, { error: 'trouble', error_description: 'a\u0000b\u202e' }),
    );
    const error = await failure(double.issuer);
    expect(error).toMatchObject({ stage: 'http-status', answerStatus: status });
  });

  it('does not follow redirects', async () => {
    const double = await start();
    double.routes.set(wellKnown, (_request, response) =>
      reply(response, 302, {}, { location: `${double.origin}/elsewhere` }),
    );
    const error = await failure(double.issuer);
    expect(error).toMatchObject({ stage: 'http-status', message: expect.stringContaining('/elsewhere') });
    expect(double.count('/elsewhere')).toBe(0);
  });

  it.each([
    ['a page', '<!doctype html><p>Welcome</p>'],
    ['a list', '[]'],
    ['nothing', ''],
  ])('says that %s is not JSON', async (_what, text) => {
    const double = await start();
    double.routes.set(wellKnown, (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end(text);
    });
    const error = await failure(double.issuer);
    expect(error).toMatchObject({ stage: 'not-json', message: expect.stringContaining('text/html') });
  });

  it('says which issuer came instead', async () => {
    const double = await start();
    double.metadata.issuer = `${double.issuer}/`;
    const error = await failure(double.issuer);
    expect(error.stage).toBe('issuer-mismatch');
    expect(error.message).toContain(`"${double.issuer}/"`);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no token endpoint', { token_endpoint: undefined }, 'token_endpoint'],
    ['no response types', { response_types_supported: undefined }, 'response_types_supported'],
    ['no way to verify tokens', { jwks_uri: undefined, introspection_endpoint: undefined }, 'jwks_uri'],
    ['an endpoint that is no address', { token_endpoint: 'token' }, 'token_endpoint'],
    [
      'an endpoint on plain http elsewhere',
      { introspection_endpoint: 'http://10.0.0.1/i' },
      'introspection_endpoint',
    ],
    [
      'an endpoint that is a script',
      { registration_endpoint: 'javascript:alert(1)' },
      'registration_endpoint',
    ],
  ])('refuses metadata with %s', async (_what, changes, member) => {
    const double = await start();
    Object.assign(double.metadata, changes);
    const error = await failure(double.issuer);
    expect(error).toMatchObject({ stage: 'metadata', message: expect.stringContaining(member) });
  });

  it('refuses endpoints on loopback http of an https issuer', async () => {
    const double = await startTls(server);
    double.metadata.jwks_uri = 'http://127.0.0.1:9000/jwks';
    expect((await failure(double.issuer, material())).stage).toBe('metadata');
  });

  it('gives up on a body that trickles', async () => {
    const double = await start();
    const trickle = (_request: unknown, response: ServerResponse): void => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(timer));
    };
    double.routes.set(wellKnown, trickle);
    expect(await failure(double.issuer)).toMatchObject({ stage: 'response' });
  });

  it('gives up on a body that is too long', async () => {
    const double = await start();
    double.routes.set(wellKnown, (_request, response) =>
      reply(response, 200, { ...double.metadata, filler: 'x'.repeat(30_000) }),
    );
    expect(await failure(double.issuer)).toMatchObject({
      stage: 'response',
      message: expect.stringContaining('KiB'),
    });
  });

  describe('at a socket that is no HTTP server', () => {
    let socket: Server;
    const listen = async (greeting: string | undefined): Promise<string> => {
      socket = createServer((connection) => {
        connection.on('error', () => undefined);
        if (greeting === undefined) connection.destroy();
        else connection.end(greeting, () => connection.destroy());
      });
      await new Promise<void>((resolve) => socket.listen(0, '127.0.0.1', resolve));
      return `http://127.0.0.1:${(socket.address() as AddressInfo).port}`;
    };
    afterEach(() => new Promise((resolve) => socket.close(resolve)));

    it('says that it speaks something else', async () => {
      expect((await failure(await listen('220 mail ESMTP\r\n'))).stage).toBe('response');
    });

    it('says that it hangs up', async () => {
      expect((await failure(await listen(undefined))).stage).toBe('connect');
    });
  });
});
