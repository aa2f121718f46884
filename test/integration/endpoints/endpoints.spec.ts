import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  EndpointRegistry,
  EndpointsService,
  endpointOf,
  findEndpointOf,
} from '../../../src/endpoints/index.js';
import { createApplication } from '../../../src/application/create-application.js';
import { Settings } from '../../../src/platform/config/index.js';
import { HttpFront } from '../../../src/platform/http/index.js';
import { databases } from '../../kit/databases.js';

/** Sends one request line as it is, which no HTTP client would, and gives the status. */
function statusOf(port: number, target: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
    );
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('error', reject);
    socket.on('close', () => resolve(Number(text.split(' ')[1] ?? 0)));
  });
}

describe.each(databases)('endpoints on $name', ({ create }) => {
  let app: NestFastifyApplication;
  let registry: EndpointRegistry;
  let endpoints: EndpointsService;
  const base = 'https://fhir.example.org';

  beforeAll(async () => {
    const secretKey = Buffer.alloc(32, 1).toString('base64');
    app = await createApplication(
      Settings.of({ databaseUrl: await create(), secretKey, publicUrl: base, logLevel: 'silent' }),
    );
    registry = app.get(EndpointRegistry, { strict: false });
    endpoints = app.get(EndpointsService, { strict: false });
  });
  afterAll(() => app.close());

  test('a fresh installation has two doors to one repository', () => {
    expect(registry.all()).toMatchObject([
      { path: '/csp/healthshare/fhirserver/fhir/r4', checkMode: 'basic-and-bearer', repository: 'default' },
      { path: '/fhir/r4', checkMode: 'bearer', repository: 'default', oauthClientName: null },
    ]);
    expect(registry.bases('default')).toEqual([
      `${base}/csp/healthshare/fhirserver/fhir/r4`,
      `${base}/fhir/r4`,
    ]);
    expect(registry.defaultEndpoint()?.path).toBe('/fhir/r4');
  });

  test('a base is found with and without a slash at its end, and by nothing else', () => {
    expect(registry.byBase(`${base}/fhir/r4`)?.path).toBe('/fhir/r4');
    expect(registry.byBase(`${base}/fhir/r4/`)?.path).toBe('/fhir/r4');
    for (const other of ['/fhir/r4//', '/fhir/R4', '/fhir/r4?x', '/fhir', '/fhir/r4/Patient', '/fhir%2Fr4']) {
      expect(registry.byBase(base + other)).toBeUndefined();
    }
    expect(registry.byBase('http://fhir.example.org/fhir/r4')).toBeUndefined();
  });

  test.each([
    ['/fhir/r4', ''],
    ['/fhir/r4?_count=1', '?_count=1'],
    ['/fhir/r4/Patient/1?x', '/Patient/1?x'],
    ['/fhir/r4/../r5', '/../r5'],
  ])('%s lies under /fhir/r4', (url, rest) => {
    expect(registry.match(url)).toMatchObject({ endpoint: { path: '/fhir/r4' }, rest });
  });

  test.each([
    '/fhir/r4x',
    '/fhir%2Fr4',
    '/fhir/r%34',
    '//fhir/r4',
    '/./fhir/r4',
    '/x/../fhir/r4',
    '/FHIR/r4',
    '/fhir//r4',
    '/fhir/r4;x',
    '/fhir/r4#x',
    '/fhir/r4%3Fx',
    '\\fhir\\r4',
    'http://fhir.example.org/fhir/r4',
    '',
    '*',
  ])('%j lies under no endpoint', (url) => expect(registry.match(url)).toBeUndefined());

  test.each([
    ['', 'path'],
    ['fhir', 'path'],
    ['/', 'path'],
    ['/fhir/r5/', 'path'],
    ['/fhir//r5', 'path'],
    ['/fhir/../admin', 'path'],
    ['/fhir/./r5', 'path'],
    ['/fhir/r5?x', 'path'],
    ['/fhir%2Fr5', 'path'],
    ['/@fhir', 'path'],
    ['/.well-known/x', 'path'],
    ['/fhir/r5 ', 'path'],
    ['/oauth2', 'path'],
    ['/oauth2/fhir', 'path'],
    ['/Admin/fhir', 'path'],
    ['/docs', 'path'],
    ['/portal/x', 'path'],
    ['/health', 'path'],
    ['/metrics', 'path'],
    [`/${'a'.repeat(200)}`, 'path'],
  ])('the path %j is refused', async (path, field) => {
    await expect(endpoints.create({ path, checkMode: 'bearer' })).rejects.toMatchObject({
      code: 'ENDPOINTS_INVALID',
      issues: [expect.objectContaining({ expression: field })],
    });
  });

  test.each(['/fhir', '/fhir/r4', '/fhir/r4/strict', '/csp'])(
    '%s overlaps another endpoint',
    async (path) => {
      await expect(endpoints.create({ path, checkMode: 'bearer' })).rejects.toMatchObject({
        code: 'ENDPOINTS_OVERLAP',
        category: 'conflict',
      });
    },
  );

  test('two overlapping endpoints made at once leave one', async () => {
    const outcomes = await Promise.allSettled([
      endpoints.create({ path: '/one', checkMode: 'bearer' }),
      endpoints.create({ path: '/one/two', checkMode: 'bearer' }),
    ]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const { path } of await endpoints.list()) if (path.startsWith('/one')) await endpoints.remove(path);
  });

  test('an open endpoint is refused while the settings do not allow it', async () => {
    const expected = { issues: [expect.objectContaining({ expression: 'checkMode' })] };
    await expect(endpoints.create({ path: '/open', checkMode: 'open' })).rejects.toMatchObject(expected);
    await expect(endpoints.update('/fhir/r4', { checkMode: 'open' })).rejects.toMatchObject(expected);
  });

  test('a change shows at once, tells listeners and counts the version up', async () => {
    let told = 0;
    const stop = registry.onChange(() => {
      told++;
    });
    const made = await endpoints.create({ path: '/fhir/other', checkMode: 'basic', repository: 'other' });
    expect(made).toMatchObject({ base: `${base}/fhir/other`, version: 1, enabled: true });
    expect(registry.match('/fhir/other/Patient')?.endpoint).toEqual(made);
    const changed = await endpoints.update('/fhir/other', { enabled: false, oauthClientName: 'Name' }, 1);
    expect(changed).toMatchObject({ version: 2, enabled: false, oauthClientName: 'Name' });
    expect(registry.match('/fhir/other/Patient')).toBeUndefined();
    expect(registry.byBase(changed.base)).toBeUndefined();
    expect(registry.bases('other')).toEqual([changed.base]);
    await expect(endpoints.update('/fhir/other', { enabled: true }, 1)).rejects.toMatchObject({
      code: 'ENDPOINTS_VERSION_MISMATCH',
    });
    expect(told).toBe(2);
    stop();
  });

  test('what comes in through an endpoint carries it; nothing reaches the inside path by another way', async () => {
    const front = app.get(HttpFront, { strict: false });
    const seen: (string | undefined)[] = [];
    const router = fastify({
      routerOptions: { caseSensitive: true, ignoreTrailingSlash: true },
      rewriteUrl: (request) => front.rewrite(request),
    });
    router.all('/@fhir/*', (request) => {
      seen.push(findEndpointOf(request.raw)?.path);
      return '';
    });
    await router.listen({ port: 0, host: '127.0.0.1' });
    const { port } = router.server.address() as AddressInfo;
    expect(await statusOf(port, '/fhir/r4/Patient?x=1')).toBe(200);
    expect(await statusOf(port, 'http://localhost/fhir/r4/Patient')).toBe(200);
    expect(seen.splice(0)).toEqual(['/fhir/r4', '/fhir/r4']);
    const targets = [
      '/@fhir/Patient',
      '//@fhir/Patient',
      '/%40fhir/Patient',
      '/./@fhir/Patient',
      '/x/../@fhir/Patient',
      '/fhir%2Fr4/Patient',
      '/fhir/other/Patient',
      'http://localhost/@fhir/Patient',
      'http://localhost/%40fhir/Patient',
      'HTTP://localhost//@fhir/Patient',
      'https://user@localhost/@fhir/Patient',
      'http://localhost/?/@fhir/Patient',
      '*',
    ];
    for (const target of targets) {
      const status = await statusOf(port, target);
      expect([target, status >= 400 && status < 500]).toEqual([target, true]);
    }
    expect(seen).toEqual([]);
    expect(() => endpointOf({} as never)).toThrow();
    await router.close();
  });
});
