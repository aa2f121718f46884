import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ClientsService } from '../../../src/clients/index.js';
import { databases } from '../../kit/databases.js';
import { apiOf, asAdministrator, basic, publicUrl, start, type Api } from './application.js';

describe.each(databases)('management API on $name', ({ create }) => {
  let app: NestFastifyApplication;
  let api: Api;

  beforeAll(async () => {
    app = await start(await create());
    api = apiOf(app);
  });
  afterAll(() => app.close());

  describe('what all of it has in common', () => {
    test.each([
      'users',
      'clients',
      'endpoints',
      'tls-configurations',
      'server-descriptions',
      'client-configurations',
      'roles',
      'refusals',
      'initial-access-tokens',
    ])('%s is for administrators alone', async (path) => {
      const url = `/admin/api/v1/${path}`;
      expect((await app.inject({ url })).statusCode).toBe(401);
      expect((await app.inject({ url, headers: basic('admin', 'not the password') })).statusCode).toBe(401);
      const answer = await api('GET', path);
      expect(answer.status).toBe(200);
      expect(answer.body.items).toEqual(expect.any(Array));
      expect(answer.headers['cache-control']).toBe('no-store');
    });

    test('a user without the role admin gets 403', async () => {
      await api('POST', 'users', {
        body: { username: 'nurse', password: 'a password', roles: ['practitioner'] },
      });
      for (const path of ['users', 'clients', 'endpoints/fhir/r4']) {
        const answer = await app.inject({
          url: `/admin/api/v1/${path}`,
          headers: basic('nurse', 'a password'),
        });
        expect(answer.statusCode).toBe(403);
      }
    });

    test.each([
      ['text/plain', '{}'],
      ['application/x-www-form-urlencoded', 'username=x'],
      ['application/json-patch+json', '[]'],
      ['multipart/form-data; boundary=x', '--x--'],
    ])('a body of type %s is refused', async (type, payload) => {
      const answer = await app.inject({
        method: 'POST',
        url: '/admin/api/v1/users',
        headers: { ...asAdministrator, 'content-type': type },
        payload,
      });
      expect(answer.statusCode).toBe(415);
      expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    });

    test.each([
      ['{', 400],
      ['[]', 400],
      ['null', 400],
      ['"text"', 400],
      ['{"__proto__":{"roles":["admin"]}}', 400],
      ['{"username":{"a":1},"password":"a password"}', 400],
      ['{"username":"x","password":"a password","roles":"admin"}', 400],
      ['{"username":"x","password":"a password","roles":[{"toString":1}]}', 400],
      ['{"username":"x","password":"a password","enabled":"yes"}', 400],
      ['{"username":"x","password":"a password","roles":null}', 400],
      ['{"username":"x","password":"a password","admin":true}', 400],
    ])('the body %s is refused', async (body, status) => {
      expect((await api('POST', 'users', { body })).status).toBe(status);
    });

    test('every field that is wrong is named, in problem+json', async () => {
      const answer = await api('POST', 'users', {
        body: { username: 7, password: 'short', roles: [7], colour: 'red' },
      });
      expect(answer).toMatchObject({
        status: 400,
        headers: { 'content-type': 'application/problem+json; charset=utf-8' },
        body: { code: 'ADMINISTRATION_INVALID', status: 400, requestId: expect.any(String) },
      });
      expect(answer.body.errors.map(({ field }: { field: string }) => field).sort()).toEqual([
        'colour',
        'roles',
        'username',
      ]);
    });

    test('pages go on where the one before ended', async () => {
      for (const name of ['p1', 'p2', 'p3']) {
        await api('POST', 'users', { body: { username: name, password: 'a password' } });
      }
      const first = await api('GET', 'users?limit=2');
      expect(first.body.items).toHaveLength(2);
      const names: string[] = [];
      let next: string | null = '';
      for (let page = 0; next !== null && page < 20; page++) {
        const { body } = await api(
          'GET',
          `users?limit=2${next === '' ? '' : `&after=${encodeURIComponent(next)}`}`,
        );
        names.push(...body.items.map(({ username }: { username: string }) => username));
        next = body.next;
      }
      expect(names).toEqual([...new Set(names)].sort());
      expect(names).toEqual(expect.arrayContaining(['admin', 'p1', 'p2', 'p3']));
      for (const wrong of ['limit=0', 'limit=201', 'limit=x', 'limit=1.5', 'page=2', 'limit=1&limit=2']) {
        expect([wrong, (await api('GET', `users?${wrong}`)).status]).toEqual([wrong, 400]);
      }
    });

    test.each([
      'DELETE users/p1',
      'PATCH users/p1',
      'PUT users/p1/password',
      'PATCH clients/firekeep-docs',
      'DELETE clients/firekeep-docs',
      'POST clients/firekeep-docs/rotate-secret',
      'PATCH endpoints/fhir/r4',
      'DELETE endpoints/fhir/r4',
      'PATCH tls-configurations/x',
      'PUT server-descriptions/1',
      'POST client-configurations/x/perform',
    ])('%s without If-Match gets 428, with an old one 412 or 404', async (route) => {
      const [method, path] = route.split(' ') as ['PATCH' | 'PUT' | 'POST' | 'DELETE', string];
      const body =
        method === 'PATCH' || method === 'PUT'
          ? { body: path.endsWith('password') ? { password: 'a password' } : {} }
          : {};
      expect((await api(method, path, body)).status).toBe(428);
      expect((await api(method, path, { ...body, ifMatch: 'W/"999"' })).status).toEqual(
        /\/(x|1)(\/|$)/.test(path) ? 404 : 412,
      );
      expect((await api(method, path, { ...body, ifMatch: 'yesterday' })).status).toBe(412);
    });

    test('a page of another site is refused', async () => {
      const answer = await api('GET', 'users', { headers: { origin: 'https://evil.example' } });
      expect(answer.status).toBe(403);
    });
  });

  describe('users', () => {
    test('are created, read, changed and deleted', async () => {
      const made = await api('POST', 'users', {
        body: {
          username: 'alice',
          password: 'alice password',
          roles: ['practitioner'],
          fhirUser: 'Practitioner/a',
        },
      });
      expect(made).toMatchObject({
        status: 201,
        headers: { etag: 'W/"1"', location: `${publicUrl}/admin/api/v1/users/alice` },
        body: {
          username: 'alice',
          roles: ['practitioner'],
          fhirUser: 'Practitioner/a',
          enabled: true,
          version: 1,
        },
      });
      const changed = await api('PATCH', 'users/alice', { ifMatch: 'W/"1"', body: { fhirUser: null } });
      expect(changed).toMatchObject({
        status: 200,
        headers: { etag: 'W/"2"' },
        body: { fhirUser: null, roles: ['practitioner'] },
      });
      expect((await api('PATCH', 'users/alice', { ifMatch: 'W/"1"', body: { enabled: false } })).status).toBe(
        412,
      );
      const password = await api('PUT', 'users/alice/password', {
        ifMatch: '"2"',
        body: { password: 'another password' },
      });
      expect(password).toMatchObject({ status: 200, body: { version: 3 } });
      expect(JSON.stringify([made, changed, password].map(({ body }) => body))).not.toMatch(
        /argon|password/i,
      );
      expect((await api('GET', 'users/alice')).headers.etag).toBe('W/"3"');
      expect((await api('DELETE', 'users/alice', { ifMatch: 'W/"3"' })).status).toBe(204);
      expect((await api('GET', 'users/alice')).status).toBe(404);
      const again = await api('POST', 'users', { body: { username: 'alice', password: 'alice password' } });
      expect(again).toMatchObject({ status: 409, body: { code: 'NAME_TAKEN' } });
    });

    test('rules of the service are errors per field too', async () => {
      const answer = await api('POST', 'users', {
        body: { username: 'a:b', password: 'long enough', fhirUser: 'x' },
      });
      expect(answer).toMatchObject({
        status: 400,
        body: { code: 'USERS_INVALID', errors: [{ field: 'username' }, { field: 'fhirUser' }] },
      });
      const short = await api('POST', 'users', { body: { username: 'ab', password: 'short' } });
      expect(short.body.errors).toEqual([{ field: 'password', message: 'Use at least 8 characters.' }]);
    });

    test('the last administrator stays', async () => {
      const { headers } = await api('GET', 'users/admin');
      const answer = await api('PATCH', 'users/admin', {
        ifMatch: headers.etag ?? '',
        body: { enabled: false },
      });
      expect(answer).toMatchObject({ status: 409, body: { code: 'USERS_LAST_ADMINISTRATOR' } });
    });
  });

  describe('clients', () => {
    test('show a generated secret once, and a rotated one once', async () => {
      const made = await api('POST', 'clients', {
        body: { clientId: 'loader', grantTypes: ['client_credentials'], scope: 'system/*.cruds' },
      });
      expect(made).toMatchObject({
        status: 201,
        headers: { etag: 'W/"1"', location: `${publicUrl}/admin/api/v1/clients/loader` },
        body: { clientId: 'loader', hasSecret: true, clientSecret: expect.stringMatching(/^[\w-]{43}$/) },
      });
      const secret = made.body.clientSecret as string;
      for (const path of ['clients', 'clients/loader']) {
        expect(JSON.stringify((await api('GET', path)).body)).not.toContain(secret);
      }
      const rotated = await api('POST', 'clients/loader/rotate-secret', { ifMatch: 'W/"1"' });
      expect(rotated).toMatchObject({
        status: 200,
        headers: { etag: 'W/"2"' },
        body: { clientId: 'loader' },
      });
      const clients = app.get(ClientsService, { strict: false });
      expect(await clients.verifySecret('loader', secret)).toBe(false);
      expect(await clients.verifySecret('loader', rotated.body.clientSecret as string)).toBe(true);
    });

    test('name each field that is wrong', async () => {
      const answer = await api('POST', 'clients', {
        body: { tokenEndpointAuthMethod: 'none', redirectUris: ['http://example.org/'], scope: 'user/x.y' },
      });
      expect(answer).toMatchObject({
        status: 400,
        body: { code: 'CLIENTS_INVALID', errors: [{ field: 'redirectUris' }, { field: 'scope' }] },
      });
    });

    test('can be public and resource servers', async () => {
      const app1 = await api('POST', 'clients', {
        body: {
          clientId: 'growth-app',
          clientType: 'public',
          redirectUris: ['http://localhost:9000/callback'],
          grantTypes: ['authorization_code', 'refresh_token'],
        },
      });
      expect(app1).toMatchObject({ status: 201, body: { clientType: 'public', hasSecret: false } });
      expect(app1.body).not.toHaveProperty('clientSecret');
      const server = await api('POST', 'clients', {
        body: { clientType: 'resource_server', resource: ['https://rs.example.org/fhir/'] },
      });
      expect(server).toMatchObject({ status: 201, body: { resource: ['https://rs.example.org/fhir'] } });
      const changed = await api('PATCH', 'clients/growth-app', {
        ifMatch: 'W/"1"',
        body: { clientName: 'Growth' },
      });
      expect(changed).toMatchObject({ status: 200, body: { clientName: 'Growth', version: 2 } });
      expect((await api('DELETE', 'clients/growth-app', { ifMatch: '*' })).status).toBe(204);
    });
  });

  describe('endpoints', () => {
    test('are addressed by their path', async () => {
      const made = await api('POST', 'endpoints', { body: { path: '/fhir/second', checkMode: 'basic' } });
      expect(made).toMatchObject({
        status: 201,
        headers: { etag: 'W/"1"', location: `${publicUrl}/admin/api/v1/endpoints/fhir/second` },
        body: { base: `${publicUrl}/fhir/second`, repository: 'default', dangling: false, problems: [] },
      });
      expect((await api('GET', 'endpoints/fhir/second')).body).toEqual(made.body);
      expect((await api('GET', 'endpoints/fhir%2Fsecond')).body).toEqual(made.body);
      const changed = await api('PATCH', 'endpoints/fhir/second', {
        ifMatch: 'W/"1"',
        body: { enabled: false },
      });
      expect(changed).toMatchObject({ status: 200, headers: { etag: 'W/"2"' }, body: { enabled: false } });
      expect((await app.inject({ url: '/fhir/second/metadata' })).statusCode).toBe(404);
      expect((await api('DELETE', 'endpoints/fhir/second', { ifMatch: 'W/"2"' })).status).toBe(204);
      expect((await api('GET', 'endpoints/fhir/second')).status).toBe(404);
    });

    test('show a dangling OAuth client name as such', async () => {
      const before = await api('GET', 'endpoints/fhir/r4');
      const changed = await api('PATCH', 'endpoints/fhir/r4', {
        ifMatch: before.headers.etag ?? '',
        body: { oauthClientName: 'Nobody' },
      });
      expect(changed.body).toMatchObject({
        dangling: true,
        problems: ['No client configuration has the application name "Nobody": every token is refused.'],
      });
      const back = await api('PATCH', 'endpoints/fhir/r4', { ifMatch: '*', body: { oauthClientName: null } });
      expect(back.body).toMatchObject({ dangling: false, problems: [], oauthClientName: null });
    });

    test('are refused with the field that is wrong', async () => {
      expect(
        (await api('POST', 'endpoints', { body: { path: '/admin/x', checkMode: 'bearer' } })).body,
      ).toMatchObject({ code: 'ENDPOINTS_INVALID', errors: [{ field: 'path' }] });
      expect((await api('POST', 'endpoints', { body: { path: '/x' } })).body).toMatchObject({
        errors: [{ field: 'checkMode' }],
      });
      expect(
        await api('POST', 'endpoints', { body: { path: '/fhir/r4/x', checkMode: 'bearer' } }),
      ).toMatchObject({
        status: 409,
        body: { code: 'ENDPOINTS_OVERLAP' },
      });
    });
  });

  describe('trust', () => {
    test('the own issuer is discovered, saved, registered with and brought up to date', async () => {
      const issuer = `${publicUrl}/oauth2`;
      const preview = await api('POST', 'server-descriptions/discover', { body: { issuer } });
      expect(preview).toMatchObject({ status: 200, body: { issuer, existing: null, metadata: { issuer } } });
      const saved = await api('POST', 'server-descriptions', {
        body: { issuer, digest: preview.body.digest },
      });
      expect(saved).toMatchObject({ status: 201, headers: { etag: 'W/"1"' }, body: { own: true, issuer } });
      expect((await api('POST', 'server-descriptions', { body: { issuer } })).body.code).toBe(
        'ADMINISTRATION_SERVER_EXISTS',
      );
      const path = `server-descriptions/${saved.body.id}`;
      expect((await api('PUT', path, { ifMatch: 'W/"1"', body: {} })).status).toBe(200);
      const made = await api('POST', 'client-configurations', {
        body: { applicationName: 'FHIR Resource', issuer },
      });
      expect(made).toMatchObject({
        status: 201,
        headers: { location: `${publicUrl}/admin/api/v1/client-configurations/FHIR%20Resource` },
        body: { status: 'not-registered', nextAction: 'Dynamic Registration and Save' },
      });
      const at = 'client-configurations/FHIR%20Resource';
      const registered = await api('POST', `${at}/perform`, { ifMatch: made.headers.etag ?? '' });
      expect(registered).toMatchObject({
        status: 200,
        body: {
          status: 'registered',
          nextAction: 'Get Update Metadata and Save',
          clientId: expect.any(String),
        },
      });
      expect(JSON.stringify(registered.body)).not.toMatch(/secret":"/i);
      const updated = await api('POST', `${at}/perform`, { ifMatch: registered.headers.etag ?? '' });
      expect(updated).toMatchObject({ status: 200, body: { clientId: registered.body.clientId } });
      expect((await api('DELETE', path, { ifMatch: '*' })).status).toBe(409);
      expect(await api('DELETE', at, { ifMatch: '*' })).toMatchObject({
        status: 200,
        body: { deregistered: true },
      });
      expect((await api('DELETE', path, { ifMatch: '*' })).status).toBe(204);
    });

    test('a failure to reach a server names its stage', async () => {
      const answer = await api('POST', 'server-descriptions/discover', {
        body: { issuer: 'http://localhost:1/x' },
      });
      expect(answer).toMatchObject({ status: 422, body: { code: 'TRUST_CONNECT_FAILED' } });
    });
  });

  describe('refusals', () => {
    test('are explained by the reference that the caller got', async () => {
      const refused = await app.inject({
        url: '/admin/api/v1/users',
        headers: basic('admin', 'not the password'),
      });
      const { reference } = JSON.parse(refused.body) as { reference: string };
      const answer = await api('GET', `refusals/${reference}`);
      expect(answer).toMatchObject({
        status: 200,
        body: { reference, remedy: expect.any(String), trail: expect.arrayContaining([expect.anything()]) },
      });
      expect(JSON.stringify(answer.body)).not.toContain('not the password');
      expect((await api('GET', 'refusals?limit=1')).body.items).toHaveLength(1);
      expect((await api('GET', 'refusals/unknown')).status).toBe(404);
    });
  });

  describe('initial access tokens', () => {
    test('are shown once and can be revoked', async () => {
      const made = await api('POST', 'initial-access-tokens', {
        body: { description: 'for the lab', uses: 1, ttl: 60 },
      });
      expect(made).toMatchObject({ status: 201, body: { token: expect.any(String), usesLeft: 1 } });
      const listed = await api('GET', 'initial-access-tokens');
      expect(listed.body.items[0]).toMatchObject({ description: 'for the lab' });
      expect(JSON.stringify(listed.body)).not.toContain(made.body.token);
      expect((await api('DELETE', `initial-access-tokens/${made.body.id}`)).status).toBe(204);
      expect((await api('DELETE', `initial-access-tokens/${made.body.id}`)).status).toBe(404);
    });
  });

  test('every route stands in the OpenAPI document with its errors', async () => {
    const { OpenApiDocuments } = await import('../../../src/documentation/openapi-documents.js');
    const { EndpointRegistry } = await import('../../../src/endpoints/index.js');
    const { Settings } = await import('../../../src/platform/config/index.js');
    const document = new OpenApiDocuments(
      app,
      app.get(Settings),
      app.get(EndpointRegistry, { strict: false }),
    ).main();
    const routes = Object.entries(document.paths).filter(([path]) => path.startsWith('/admin/api/v1/'));
    expect(routes.length).toBeGreaterThan(20);
    for (const [path, item] of routes) {
      for (const method of ['get', 'post', 'put', 'patch', 'delete'] as const) {
        const operation = item[method];
        if (operation === undefined) continue;
        expect([path, method, operation.summary]).toEqual([path, method, expect.any(String)]);
        expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['401', '403']));
        if (
          ['put', 'patch', 'delete'].includes(method) &&
          !/(?:initial|registration)-access-token|launches/.test(path)
        ) {
          expect([path, method, Object.keys(operation.responses)]).toEqual([
            path,
            method,
            expect.arrayContaining(['412', '428']),
          ]);
        }
      }
    }
    expect(document.paths).toHaveProperty(['/admin/api/v1/endpoints/{path}', 'patch', 'requestBody']);
  });
});
