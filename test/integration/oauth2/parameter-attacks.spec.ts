import { ClientsService } from '../../../src/clients/index.js';
import { databases } from '../../kit/databases.js';
import type { HttpAnswer } from '../../kit/http.js';
import { adminPath, basic, bearerPath, bothPath, loader, redirectUri, World } from '../access/application.js';

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const grant = 'grant_type=client_credentials';
const secret = 'a-secret-of-some-length';

describe.each(databases)('parameters of the authorization server on $name', ({ create }) => {
  let world: World;

  beforeAll(async () => {
    world = await World.start(await create());
    await world.get(ClientsService).create({ ...loader, clientId: 'service', clientSecret: secret });
  });
  afterAll(() => world.close());

  const token = (payload: string, headers: object = basic('service', secret), query = '') =>
    world.call({
      ...{ method: 'POST', url: `/oauth2/token${query}`, payload },
      headers: { ...form, ...headers },
    });
  const base = (path: string) => encodeURIComponent(world.base(path));

  describe('at the token endpoint get no token', () => {
    it.each<[string, () => string]>([
      ['two scopes', () => `${grant}&scope=system/Patient.r&scope=system/*.cruds`],
      ['two grant types', () => `${grant}&grant_type=refresh_token`],
      ['two resources', () => `${grant}&resource=${base(bearerPath)}&resource=${base(adminPath)}`],
      ['two audiences', () => `${grant}&aud=${base(bearerPath)}&aud=${base(bothPath)}`],
      ['an aud and another resource', () => `${grant}&aud=${base(bearerPath)}&resource=${base(bothPath)}`],
      [
        'a resource with dots',
        () => `${grant}&resource=${encodeURIComponent(`${world.url}/x/..${bearerPath}`)}`,
      ],
      ['a resource with a fragment', () => `${grant}&resource=${base(bearerPath)}%23x`],
      ['two client ids', () => `${grant}&client_id=service&client_id=loader`],
      ['the id of another client', () => `${grant}&client_id=loader`],
      ['a secret beside Basic', () => `${grant}&client_id=service&client_secret=${secret}`],
      ['a scope with NUL', () => `${grant}&scope=system/*.cruds%00`],
      ['a scope with a line end', () => `${grant}&scope=system/*.cruds%0d%0aX-Planted:%20y`],
      ['a scope with a tab', () => `${grant}&scope=system/Patient.r%09system/*.cruds`],
      ['a scope of 90 kB', () => `${grant}&scope=${'system/Patient.rs+'.repeat(5_000)}`],
      ['thousands of parameters', () => `${'a=1&'.repeat(20_000)}${grant}`],
      ['the scope admin', () => `${grant}&scope=admin&resource=${base(adminPath)}`],
    ])('%s', async (_what, payload) => {
      const answer = await token(payload());
      expect([answer.statusCode, answer.json()]).toEqual([
        400,
        { error: expect.stringMatching(/^invalid_/), error_description: expect.any(String) },
      ]);
      expect(answer.headers['x-planted']).toBeUndefined();
    });

    it('that stand in the query', async () => {
      expect((await token(grant, {}, `?client_id=service&client_secret=${secret}`)).statusCode).toBe(401);
      expect((await token('', basic('service', secret), `?${grant}`)).statusCode).toBe(400);
      expect((await token(grant)).statusCode).toBe(200);
    });

    it('that are no form', async () => {
      for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x']) {
        const answer = await token(grant, { ...basic('service', secret), 'content-type': type });
        expect([type, answer.statusCode]).toEqual([type, 400]);
      }
    });

    it('with a name that is almost that of a client', async () => {
      const names = [
        'SERVICE',
        'service ',
        ' service',
        'servic\u0435',
        '\uff53ervice',
        'ser\u200bvice',
        'service\0',
        '..',
      ];
      for (const name of [...names, '__proto__', 'constructor', "service' OR '1'='1", 'service/*']) {
        const header = await token(grant, basic(encodeURIComponent(name), secret));
        const body = await token(
          `${grant}&${new URLSearchParams({ client_id: name, client_secret: secret }).toString()}`,
          {},
        );
        for (const { statusCode } of [header, body]) {
          expect([name, [400, 401].includes(statusCode)]).toEqual([name, true]);
        }
      }
    });

    it('by names that objects have anyway', async () => {
      const answer = await token(
        `${grant}&__proto__=1&__proto__[firstParty]=1&constructor=2&toString=3&scope[]=admin`,
      );
      expect([answer.statusCode, answer.json().scope]).toEqual([200, loader.scope]);
    });
  });

  describe('at the authorization endpoint', () => {
    const authorize = (changes: Readonly<Record<string, string>>, more = ''): Promise<HttpAnswer> => {
      const query = new URLSearchParams({
        ...{ response_type: 'code', client_id: 'growth-app', redirect_uri: redirectUri, state: 'known' },
        ...{ scope: 'openid', code_challenge: 'a'.repeat(43), code_challenge_method: 'S256', ...changes },
      });
      return world.call({
        url: `/oauth2/authorize?${query.toString()}${more}`,
        headers: { accept: 'text/html' },
      });
    };

    it.each<[string, Readonly<Record<string, string>>, string]>([
      ['a redirect URI with a line end', { redirect_uri: `${redirectUri}\r\nX-Planted: y` }, ''],
      ['a redirect URI with a tab', { redirect_uri: redirectUri.replace('call', 'call\t') }, ''],
      [
        'a redirect URI with a backslash',
        { redirect_uri: 'https://app.example.com\\@evil.example/callback' },
        '',
      ],
      ['a redirect URI in another alphabet', { redirect_uri: redirectUri.replace('app', '\u0430pp') }, ''],
      ['a second redirect URI', {}, '&redirect_uri=https://evil.example/'],
      ['a second client', {}, '&client_id=service'],
      ['a client in another alphabet', { client_id: 'gr\u043ewth-app' }, ''],
      ['a client with NUL', { client_id: 'growth-app\0' }, ''],
      ['markup for a client', { client_id: '<script>alert(1)</script>' }, ''],
    ])('%s is answered by a page that shows none of it', async (_what, changes, more) => {
      const answer = await authorize(changes, more);
      expect([answer.statusCode, answer.headers.location]).toEqual([400, undefined]);
      expect(answer.headers['x-planted']).toBeUndefined();
      for (const planted of ['evil', '<script', 'X-Planted']) expect(answer.body).not.toContain(planted);
    });

    it.each<[string, Readonly<Record<string, string>>, string]>([
      ['a line end in state', { state: 'a\r\nX-Planted: y', response_type: 'token' }, ''],
      ['a line separator in state', { state: '\u2028<script>', response_type: 'token' }, ''],
      ['a second state', {}, '&state=other'],
      ['a second scope', {}, '&scope=admin'],
      ['a line end in scope', { scope: 'openid\r\nX-Planted: y' }, ''],
      ['markup in scope', { scope: '<script>alert(1)</script>' }, ''],
      ['an unsigned request object', { request: 'eyJhbGciOiJub25lIn0.e30.' }, ''],
      ['the address of a request object', { request_uri: 'http://169.254.169.254/latest' }, ''],
      ['a token in the fragment', { response_type: 'token', response_mode: 'fragment' }, ''],
      ['an answer to the parent window', { response_mode: 'web_message' }, ''],
      ['a challenge by plain', { code_challenge_method: 'plain' }, ''],
    ])('%s goes back to the client as an error, encoded', async (_what, changes, more) => {
      const answer = await authorize(changes, more);
      const location = answer.headers.location ?? '';
      expect([answer.statusCode, location.startsWith(redirectUri)]).toEqual([303, true]);
      expect(location).toMatch(/^[\x21-\x7e]+$/);
      expect(location).toMatch(/[?#]error=[a-z_]+&/);
      expect(location).not.toMatch(/[<>"]|code=/);
      expect(answer.headers['x-planted']).toBeUndefined();
    });
  });

  it('of signing out lead to no address that is not registered', async () => {
    for (const query of [
      'post_logout_redirect_uri=https://evil.example/',
      'client_id=growth-app&post_logout_redirect_uri=https://evil.example/',
      'client_id=growth-app&post_logout_redirect_uri=//evil.example/',
      'client_id=growth-app&post_logout_redirect_uri=javascript:alert(1)',
      `client_id=growth-app&post_logout_redirect_uri=${redirectUri}`,
      'state=<script>alert(1)</script>',
    ]) {
      const answer = await world.call({ url: `/oauth2/logout?${query}`, headers: { accept: 'text/html' } });
      expect([query, answer.headers.location]).toEqual([query, undefined]);
      expect(answer.body).not.toMatch(/evil|<script|javascript:/);
    }
  });
});
