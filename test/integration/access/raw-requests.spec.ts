import { databases } from '../../kit/databases.js';
import {
  adminPath,
  basic,
  basicPath,
  bearer,
  bearerPath,
  loader,
  openPath,
  referenceOf,
  World,
} from './application.js';

/** Requests whose bytes matter: what another program on the way may read in another way. */
describe.each(databases)('a request on $name', ({ create }) => {
  let world: World;

  beforeAll(async () => {
    world = await World.start(await create(), { trustProxy: ['127.0.0.1'], validation: 'off' });
  });
  afterAll(() => world.close());

  const host = () => `Host: localhost:${world.port}`;
  const authorization = ({ authorization: value }: { authorization: string }) => `Authorization: ${value}`;
  const hidden = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

  describe('that can be cut in two ways is refused, and what is hidden in it is not answered', () => {
    it.each([
      [
        'Content-Length beside Transfer-Encoding',
        ['Content-Length: 6', 'Transfer-Encoding: chunked'],
        '0\r\n\r\n',
      ],
      ['two Content-Length', ['Content-Length: 0', `Content-Length: ${hidden.length}`], ''],
      ['a list of Content-Length', ['Content-Length: 5, 5'], 'abcde'],
      ['a signed Content-Length', ['Content-Length: +5'], 'abcde'],
      ['an unknown Transfer-Encoding', ['Transfer-Encoding: xchunked'], '0\r\n\r\n'],
      ['chunked not at the end', ['Transfer-Encoding: chunked, identity'], '0\r\n\r\n'],
      ['a space before the colon', ['Transfer-Encoding : chunked'], '0\r\n\r\n'],
      ['a chunk extension with a bare line feed', ['Transfer-Encoding: chunked'], '0;\n\r\n\r\n'],
      ['a folded header', ['X-Folded: a', ' Content-Length: 5'], 'abcde'],
      ['a header with NUL', ['X-Nul: a\0b'], ''],
    ])('%s', async (_how, headers, body) => {
      const { status, text } = await world.raw(
        ['POST /oauth2/token HTTP/1.1', host(), ...headers],
        body + hidden,
      );
      expect([status, text.match(/HTTP\/1\.1 \d{3}/g)]).toEqual([400, ['HTTP/1.1 400']]);
      expect(world.log).not.toContain('"level":"error"');
    });
  });

  it('with two Host headers is refused everywhere', async () => {
    for (const path of [
      '/health/live',
      `${bearerPath}/metadata`,
      '/oauth2/jwks',
      `${adminPath}/users`,
      '/docs',
    ]) {
      const { status, text } = await world.raw([`GET ${path} HTTP/1.1`, host(), 'host: evil.example']);
      expect([path, status]).toEqual([path, 400]);
      expect(text).not.toContain('evil.example');
    }
  });

  it('with two Authorization headers is refused everywhere, however many headers stand between them', async () => {
    const { clientId } = loader;
    const good = authorization(bearer(await world.token({ clientId: clientId ?? '' }, bearerPath)));
    const between = Array<string>(2_100).fill('a:1');
    for (const [request, line] of [
      [`GET ${bearerPath}/Patient`, good],
      [`GET ${basicPath}/Patient`, authorization(basic('alice'))],
      [`GET ${adminPath}/users`, authorization(basic('root'))],
      ['GET /oauth2/userinfo', good],
      ['POST /oauth2/introspection', good],
    ] as const) {
      for (const headers of [
        [line, 'Authorization: Bearer x'],
        ['Authorization: Bearer x', line],
        [line, ...between, 'Authorization: Bearer x'],
      ]) {
        const { status } = await world.raw([`${request} HTTP/1.1`, host(), ...headers]);
        expect([request, status]).toEqual([request, 400]);
      }
    }
  });

  it('to the token endpoint with two client authentications or two proofs gets no token', async () => {
    const body = 'grant_type=client_credentials';
    const form = ['Content-Type: application/x-www-form-urlencoded', `Content-Length: ${body.length}`];
    for (const header of ['Authorization: Basic eDp5', 'DPoP: x']) {
      const { status, text } = await world.raw(
        ['POST /oauth2/token HTTP/1.1', host(), ...form, header, header],
        body,
      );
      expect(status).toBe(400);
      expect(text).toContain('{"error":"invalid_request","error_description":"Send the header');
    }
  });

  it('has the address that the proxy put behind any number of headers of the client', async () => {
    const { status, text } = await world.raw([
      `GET ${basicPath}/Patient HTTP/1.1`,
      host(),
      authorization(basic('alice', 'wrong')),
      ...Array<string>(2_100).fill('a:1'),
      'X-Forwarded-For: 198.51.100.7',
    ]);
    expect(status).toBe(401);
    const answer = { body: text, statusCode: status } as never;
    expect(referenceOf(answer)).not.toBe('');
    expect(await world.explain(answer)).toMatchObject({ address: '198.51.100.7' });
  });

  it('of HTTP/1.0 without Host is answered with the configured address', async () => {
    const { text } = await world.raw([`GET ${bearerPath}/metadata HTTP/1.0`]);
    expect(text).toContain(`"url":"${world.base(bearerPath)}/metadata"`);
  });

  it('gets an answer that no browser runs, guesses the type of or frames', async () => {
    const paths = [
      '/',
      '/docs',
      '/docs/openapi.json',
      '/health/ready',
      '/nothing',
      '/oauth2/nothing',
      '/oauth2/jwks',
      '/oauth2/device',
      '/oauth2/authorize',
      '/oauth2/approvals',
      '/oauth2/logout',
      '/oauth2/userinfo',
      '/.well-known/oauth-protected-resource/fhir/r4',
      `${adminPath}/users`,
      `${bearerPath}/metadata`,
      `${bearerPath}/Patient`,
      `${openPath}/Patient`,
    ];
    for (const url of paths) {
      const { headers } = await world.call({ url, headers: { accept: '*/*' } });
      expect([url, headers['x-content-type-options']]).toEqual([url, 'nosniff']);
      expect([url, headers['content-security-policy']]).toEqual([
        url,
        expect.stringMatching(/^default-src 'none';.*frame-ancestors 'none'/),
      ]);
    }
  });

  it('for a narrative with a script, by a browser with Basic, gets it as a site of its own', async () => {
    const div = '<div xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></div>';
    const written = await world.call({
      ...{ method: 'PUT', url: `${basicPath}/Patient/scripted` },
      headers: { ...basic('alice'), 'content-type': 'application/fhir+json' },
      payload: { resourceType: 'Patient', id: 'scripted', text: { status: 'generated', div } },
    });
    expect(written.statusCode).toBe(201);
    const shown = await world.call({
      url: `${basicPath}/Patient/scripted`,
      headers: {
        ...basic('alice'),
        accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
      },
    });
    expect(shown.body).toContain('<script>');
    expect(shown.headers['content-type']).toContain('xml');
    expect(shown.headers['content-security-policy']).toMatch(/^default-src 'none';.*sandbox$/);
  });

  it('for a page with a form or a code is answered with one that is kept nowhere', async () => {
    for (const url of [
      '/oauth2/device',
      '/oauth2/device?user_code=ABCD-EFGH',
      '/oauth2/approvals',
      '/oauth2/logout',
    ]) {
      const { headers } = await world.call({ url, headers: { accept: 'text/html' } });
      expect([url, headers['cache-control']]).toEqual([url, 'no-store']);
    }
  });
});
