import { EndpointsService } from '../../../src/endpoints/index.js';
import { databases } from '../../kit/databases.js';
import { authorize, Person } from '../../kit/person.js';
import {
  app,
  basic,
  basicPath,
  bearer,
  bearerPath,
  bothPath,
  passwords,
  redirectUri,
  World,
} from './application.js';

const encode = (text: string): string => Buffer.from(text).toString('base64');

describe.each(databases)('ways round the gate on $name', ({ create }) => {
  let world: World;
  let token: string;
  let both: string;

  beforeAll(async () => {
    world = await World.start(await create());
    token = await world.token('alice', bearerPath);
    both = await world.token('alice', bothPath);
    const { statusCode } = await world.call({
      method: 'PUT',
      url: `${bearerPath}/Patient/p1`,
      headers: { ...bearer(token), 'content-type': 'application/fhir+json' },
      payload: JSON.stringify({ resourceType: 'Patient', id: 'p1', name: [{ family: 'Findable' }] }),
    });
    expect(statusCode).toBe(201);
  });
  afterAll(async () => {
    const rows = await world.refusalRows();
    await world.close();
    for (const secret of world.secrets) {
      expect(rows).not.toContain(secret);
      expect(world.log).not.toContain(secret);
    }
  });

  const request = (target: string, headers: readonly string[] = [], method = 'GET', body = '') =>
    world.raw([`${method} ${target} HTTP/1.1`, 'Host: localhost', ...headers], body);

  describe('by the target of the request', () => {
    it.each([
      '/@fhir/Patient/p1',
      '/%40fhir/Patient/p1',
      '/%40%66hir/Patient/p1',
      '/@FHIR/Patient/p1',
      '//@fhir/Patient/p1',
      '/./@fhir/Patient/p1',
      '/x/../@fhir/Patient/p1',
      '/%2e/@fhir/Patient/p1',
      '/;/@fhir/Patient/p1',
      '/\\@fhir/Patient/p1',
      '/%2f@fhir/Patient/p1',
      '/%5c@fhir/Patient/p1',
      '/@fhir;x/Patient/p1',
      '/@none/../@fhir/Patient/p1',
      '@fhir/Patient/p1',
      'http://localhost/@fhir/Patient/p1',
      'http://localhost//@fhir/Patient/p1',
      'http://localhost@fhir/Patient/p1',
      'HTTP://localhost/%40fhir/Patient/p1',
      'x:/@fhir/Patient/p1',
      '?/../@fhir/Patient/p1',
      '/health/../@fhir/Patient/p1',
      '/health/live/%2e%2e/%2e%2e/@fhir/Patient/p1',
      '//fhir/r4/Patient/p1',
      '/fhir//r4/Patient/p1',
      '/fhir/r4//Patient/p1',
      '/fhir%2Fr4/Patient/p1',
      '/fhir/r4%2FPatient/p1',
      '/FHIR/R4/Patient/p1',
      '/%66hir/r4/Patient/p1',
      '/fhir/r4/./Patient/p1',
      '/fhir/r4/metadata/../Patient/p1',
      '/fhir/r4/metadata/%2e%2e/Patient/p1',
      '/fhir/r4/metadata;/../Patient/p1',
      '/fhir/r4/Patient/p1/../../metadata',
      '/fhir/r4/Patient/p1#/metadata',
      '/fhir/r4/Patient/p1?/metadata',
      '/fhir/r4/.well-known/smart-configuration/../../Patient/p1',
      '/fhir/r4;a=b/Patient/p1',
      '/fhir/r4#/Patient/p1',
      'http://evil.example/fhir/r4/Patient/p1',
      'http://evil.example/@fhir/metadata',
      '/open/r4/../../fhir/r4/Patient/p1',
    ])('%s shows nothing without credentials', async (target) => {
      const { status, text } = await request(target);
      expect(text).not.toContain('Findable');
      expect(text).not.toContain('"CapabilityStatement"');
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    });

    it('the absolute form goes the same way as the usual one', async () => {
      const target = `http://localhost${bearerPath}/Patient/p1`;
      expect((await request(target)).status).toBe(401);
      expect((await request(target, [`Authorization: Bearer ${token}`])).status).toBe(200);
      const withToken = `http://localhost${bothPath}/Patient/p1?access_token=${both}`;
      const answer = await request(withToken, [`Authorization: Basic ${encode(`alice:${passwords.alice}`)}`]);
      expect(answer.status).toBe(200);
      expect(answer.text).not.toContain(both);
    });

    it('a token in a fragment or a path is not written down', async () => {
      expect((await request(`${bearerPath}/Patient#access_token=${token}`)).status).toBe(401);
    });
  });

  describe('by the method', () => {
    it.each(['HEAD', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
      '%s needs credentials, wherever it goes',
      async (method) => {
        for (const path of [
          '',
          '/Patient',
          '/Patient/p1',
          '/Patient/p1/_history/1',
          '/Patient/_search',
          '/$export',
          '/x/y/z',
        ]) {
          const { status, text } = await request(bearerPath + path, [], method);
          expect([path, status]).toEqual([
            path,
            path === '' && method === 'OPTIONS' ? expect.any(Number) : 401,
          ]);
          expect(text).not.toContain('Findable');
        }
      },
    );

    it.each(['TRACE', 'CONNECT', 'PROPFIND', 'QUERY', 'get', 'FOO'])('%s is not known', async (method) => {
      const { status, text } = await request(
        `${bearerPath}/Patient/p1`,
        [`Authorization: Bearer ${token}`],
        method,
      ).catch(() => ({ status: 0, text: '' }));
      expect(status === 0 || status >= 400).toBe(true);
      expect(text).not.toContain('Findable');
      expect(text).not.toContain(token);
    });

    it.each(['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])(
      '%s changes nothing',
      async (header) => {
        const narrow = await world.token({ username: 'alice', scope: 'user/Patient.r' }, bearerPath);
        const headers = [`Authorization: Bearer ${narrow}`, `${header}: DELETE`, 'Content-Length: 0'];
        expect((await request(`${bearerPath}/Patient/p1`, headers)).status).toBe(200);
        expect((await request(`${bearerPath}/Patient/p1`, headers, 'POST')).status).not.toBe(204);
        expect((await request(`${bearerPath}/Patient/p1?_method=DELETE`, headers)).status).not.toBe(204);
        expect((await request(`${bearerPath}/Patient/p1`, [`Authorization: Bearer ${narrow}`])).status).toBe(
          200,
        );
      },
    );

    it.each(['X-Original-URL', 'X-Rewrite-URL', 'X-Forwarded-Prefix', 'X-Forwarded-Path'])(
      '%s changes nothing',
      async (header) => {
        const { status, text } = await request('/health/live', [`${header}: ${bearerPath}/Patient/p1`]);
        expect([status, text.includes('Findable')]).toEqual([200, false]);
        const public_ = await request(`${bearerPath}/Patient/p1`, [`${header}: ${bearerPath}/metadata`]);
        expect(public_.status).toBe(401);
      },
    );
  });

  describe('by the header Authorization', () => {
    const good = encode(`alice:${passwords.alice}`);

    it.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('the scheme %s is one', async (scheme) => {
      const answer = await world.call({
        url: `${bearerPath}/Patient/p1`,
        headers: { authorization: `${scheme} ${token}` },
      });
      expect(answer.statusCode).toBe(200);
    });

    it.each(['Basic', 'basic', 'BASIC'])('the scheme %s is one', async (scheme) => {
      const answer = await world.call({
        url: `${basicPath}/Patient/p1`,
        headers: { authorization: `${scheme} ${good}` },
      });
      expect(answer.statusCode).toBe(200);
    });

    it.each<[string, (secret: string) => string, number]>([
      ['no space', (secret) => `Bearer${secret}`, 400],
      ['a tab', (secret) => `Bearer\t${secret}`, 400],
      ['a comma and another scheme', (secret) => `Bearer ${secret}, Basic ${good}`, 401],
      ['Basic in front', (secret) => `Basic ${good}, Bearer ${secret}`, 401],
      ['quotes', (secret) => `Bearer "${secret}"`, 401],
      ['a parameter', (secret) => `Bearer token=${secret}`, 401],
      ['a second token', (secret) => `Bearer ${secret} ${secret}`, 401],
      ['a prefix', (secret) => `X Bearer ${secret}`, 400],
      ['another scheme', (secret) => `Token ${secret}`, 400],
      ['DPoP and no proof', (secret) => `DPoP ${secret}`, 401],
      ['nothing', () => '', 401],
    ])('with %s it is no token', async (_name, value, status) => {
      const answer = await request(`${bearerPath}/Patient/p1`, [`Authorization: ${value(token)}`]);
      expect([answer.status, answer.text.includes('Findable')]).toEqual([
        _name === 'nothing' ? expect.any(Number) : status,
        false,
      ]);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.text).not.toContain(token);
    });

    it.each([
      [`Authorization: Basic ${good}`, `Authorization: Basic ${good}`],
      [`Authorization: Basic ${good}`, `authorization: Basic ${encode('root:x')}`],
      [`Authorization: Basic ${encode('root:x')}`, `AUTHORIZATION: Basic ${good}`],
      [`Authorization: Basic ${good}`, 'Authorization: Bearer x'],
    ])('twice it is refused', async (...headers) => {
      const answer = await request(`${basicPath}/Patient/p1`, headers);
      expect(answer.status).toBe(400);
      expect(answer.text).toContain('more than one');
    });

    it.each([
      'Basic',
      'Basic ',
      `Basic${good}`,
      `Basic ${good}x=`,
      `Basic ${good} ${good}`,
      `Basic ${encode('alice')}`,
      `Basic ${encode(':x')}`,
      `Basic ${encode(`alice:${passwords.alice}\0`)}`,
      `Basic ${encode(`ALICE:${passwords.alice}`)}`,
      `Basic ${encode(` alice:${passwords.alice}`)}`,
      `Basic ${encode(`alice :${passwords.alice}`)}`,
      `Basic ${encode(`alice\0:${passwords.alice}`)}`,
      `Basic ${encode(`alice':${passwords.alice}`)}`,
      `Basic ${encode(`alice' OR '1'='1:${passwords.alice}`)}`,
      `Basic ${encode(`alice:${passwords.alice} `)}`,
      `Basic ${Buffer.from(`alice:${passwords.alice}`, 'latin1').toString('base64')}`,
      `Basic ${encode('loader:anything')}`,
    ])('%s is no login', async (authorization) => {
      const answer = await world.call({ url: `${basicPath}/Patient/p1`, headers: { authorization } });
      expect([400, 401]).toContain(answer.statusCode);
    });
  });

  describe('by the parameter access_token', () => {
    const from = (query: string) =>
      world.call({ url: `${bothPath}/Patient${query}`, headers: basic('alice') });

    it('is the parameter in every spelling, and never a search parameter', async () => {
      for (const name of ['access_token', 'access%5Ftoken', '%61ccess_token', 'access%5ftoke%6E']) {
        const answer = await from(`?${name}=${both}&name=find`);
        expect([name, answer.statusCode]).toEqual([name, 200]);
        expect(answer.json().total).toBe(1);
        expect(answer.body).not.toContain(both);
        expect(answer.headers['cache-control']).toBe('private, no-store');
      }
    });

    it.each([
      ['ACCESS_TOKEN', 401],
      ['access-token', 401],
      ['access_token[]', 401],
      ['access%255Ftoken', 401],
      [' access_token', 401],
      ['token', 401],
    ])('is not %s', async (name, status) => {
      expect((await from(`?${name.replace(' ', '%20')}=no-token-of-this-suite`)).statusCode).toBe(status);
    });

    it('in a form counts for a search by POST only as one of all places', async () => {
      const post = (query: string, payload: string, type = 'application/x-www-form-urlencoded') =>
        world.call({
          method: 'POST',
          url: `${bothPath}/Patient/_search${query}`,
          headers: { ...basic('alice'), 'content-type': type },
          payload,
        });
      expect((await post('', `access_token=${both}`)).statusCode).toBe(200);
      expect((await post('', `access%5Ftoken=${both}`)).statusCode).toBe(200);
      expect((await post('', `access_token=${both}&access_token=${both}`)).statusCode).toBe(400);
      expect((await post(`?access_token=${both}`, `access_token=${both}`)).statusCode).toBe(400);
      expect((await post('', 'access_token=')).statusCode).toBe(400);
      expect((await post('', `access_token=${both}`, 'text/plain')).statusCode).toBe(401);
      expect((await post('', `{"access_token":"${both}"}`, 'application/json')).statusCode).toBe(401);
      expect(
        (await post('', `access_token=${both}`, 'Application/X-WWW-Form-Urlencoded; charset=utf-8'))
          .statusCode,
      ).toBe(200);
    });

    it('beside a form body in a bearer endpoint is refused', async () => {
      const answer = await world.call({
        method: 'POST',
        url: `${bearerPath}/Patient/_search`,
        headers: { ...bearer(token), 'content-type': 'application/x-www-form-urlencoded' },
        payload: `access_token=${token}`,
      });
      expect(answer.statusCode).toBe(400);
    });

    it('at an open document is ignored, and the answer not kept', async () => {
      const answer = await world.call(`${bothPath}/metadata?access_token=${both}`);
      expect(answer.statusCode).toBe(200);
      expect(answer.body).not.toContain(both);
      expect(answer.headers['cache-control']).toBe('private, no-store');
    });
  });

  describe('by another token', () => {
    it('an id_token is no access token', async () => {
      const answer = await authorize(
        {
          ...{ issuer: `${world.url}/oauth2`, clientId: app.clientId ?? '', redirectUri },
          ...{ scope: 'openid fhirUser user/*.rs', aud: world.base(bearerPath) },
        },
        new Person({ username: 'alice', password: passwords.alice }),
      );
      world.secrets.add(answer.access_token);
      const idToken = answer.id_token ?? '';
      expect(idToken).toMatch(/^ey/);
      world.secrets.add(idToken);
      const read = (value: string) => world.call({ url: `${bearerPath}/Patient/p1`, headers: bearer(value) });
      expect((await read(answer.access_token)).statusCode).toBe(200);
      const refused = await read(idToken);
      expect(refused.statusCode).toBe(401);
      expect((await world.explain(refused)).actual).toContain('an id_token is no access token');
    });

    it('a client without a user passes no same-user check, whatever its id', async () => {
      const clientToken = await world.token({ clientId: 'loader' }, bothPath);
      for (const headers of [basic('alice'), basic('loader', 'x')]) {
        const answer = await world.call({ url: `${bothPath}/Patient?access_token=${clientToken}`, headers });
        expect(answer.statusCode).toBe(401);
      }
    });

    it.each([
      [bearerPath, bothPath],
      [bothPath, bearerPath],
      [bearerPath, '/admin/api/v1'],
    ])('for %s it does not open %s', async (audience, path) => {
      const other = await world.token('root', audience);
      const url = path === '/admin/api/v1' ? `${path}/users` : `${path}/Patient`;
      expect((await world.call({ url, headers: bearer(other) })).statusCode).toBe(401);
      const answer = await world.call({ url: `${url}?access_token=${other}`, headers: basic('root') });
      expect([400, 401]).toContain(answer.statusCode);
    });

    it('a slash at the end of the audience makes no difference', async () => {
      const slashed = await world.token('alice', `${bearerPath}/`);
      const answer = await world.call({ url: `${bearerPath}/Patient/p1`, headers: bearer(slashed) });
      expect(answer.statusCode).toBe(200);
    });
  });

  it('an endpoint that is disabled answers nobody', async () => {
    const endpoints = world.get(EndpointsService);
    await endpoints.create({ path: '/short/r4', checkMode: 'bearer' });
    const own = await world.token('alice', '/short/r4');
    const read = () => world.call({ url: '/short/r4/Patient/p1', headers: bearer(own) });
    expect((await read()).statusCode).toBe(200);
    await endpoints.update('/short/r4', { enabled: false });
    expect((await read()).statusCode).toBe(404);
  });
});
