import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { Body, Controller, Get, Module, Post, Req, Res } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  FirekeepError,
  ForAdministrators,
  formToken,
  html,
  page,
  PublicRoute,
  seeOther,
  SignedIn,
  visitorOf,
  type PageReply,
  type PageRequest,
} from '../../../src/index.js';
import { createApplication } from '../../../src/application/create-application.js';
import { Settings } from '../../../src/platform/config/index.js';
import { UsersService } from '../../../src/users/index.js';
import { databases } from '../../kit/databases.js';

const password = 'correct horse battery staple';
const done: unknown[] = [];

@Controller('oauth2/pages/test')
@SignedIn()
class TestPages {
  @Get()
  show(@Req() request: PageRequest, @Res() reply: PageReply): unknown {
    const { said } = request.query as { said?: string };
    return page(reply, {
      title: '<Title>',
      language: 'de',
      body: html`<p title="${said}">${said}</p>
        <form method="post">${formToken(request.raw)}</form>`,
    });
  }

  @Get('me')
  me(@Req() request: PageRequest, @Res() reply: PageReply): unknown {
    return page(reply, { title: 'Me', body: html`<code>${JSON.stringify(visitorOf(request.raw))}</code>` });
  }

  @Get('fails')
  fails(): never {
    throw new FirekeepError('not-found', 'TEST_NOTHING', 'There is <nothing>.');
  }

  @Post()
  change(@Res() reply: PageReply, @Body() form: unknown): unknown {
    done.push(form);
    return seeOther(reply, '/oauth2/pages/test?said=done');
  }

  @Get('administrators')
  @ForAdministrators()
  administrators(@Res() reply: PageReply): unknown {
    return page(reply, { title: 'Yours', body: html`<p>${1}</p>` });
  }
}

@Module({ controllers: [TestPages] })
class TestModule {}

describe.each(databases)('pages of extensions on $name', (database) => {
  let app: NestFastifyApplication;
  let url: string;

  beforeAll(async () => {
    const settings = Settings.of({
      port: 0,
      databaseUrl: await database.create(),
      secretKey: randomBytes(32).toString('base64'),
      logLevel: 'silent',
    });
    app = await createApplication(settings, undefined, [TestModule]);
    await app.listen(0, '127.0.0.1');
    settings.setListeningPort((app.getHttpServer().address() as AddressInfo).port);
    url = settings.publicUrl;
    const users = app.get(UsersService, { strict: false });
    await users.create({ username: 'alice', password, roles: ['practitioner'], fhirUser: 'Practitioner/a' });
    await users.create({ username: 'root', password, roles: ['admin'] });
  });
  afterAll(() => app.close());
  beforeEach(() => {
    done.length = 0;
  });

  const cookiesOf = (answer: Response): string =>
    answer.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ');
  const get = async (path: string, cookie = '', init: RequestInit = {}) => {
    const answer = await fetch(new URL(path, url), { redirect: 'manual', headers: { cookie }, ...init });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  const formOn = async (path: string): Promise<{ csrf: string; cookie: string }> => {
    const answer = await fetch(new URL(path, url));
    const csrf = /name="csrf" value="([^"]*)"/.exec(await answer.text())?.[1] ?? '';
    return { csrf, cookie: cookiesOf(answer) };
  };
  const signIn = (to: string, username: string, { csrf, cookie }: { csrf: string; cookie: string }) =>
    fetch(`${url}/oauth2/sign-in?${new URLSearchParams({ to }).toString()}`, {
      ...{ method: 'POST', redirect: 'manual', headers: { cookie } },
      body: new URLSearchParams({ csrf, step: 'login', username, password }),
    });
  const sessionOf = async (username: string): Promise<string> => {
    const answer = await signIn('/pages/test', username, await formOn('/oauth2/sign-in?to=/pages/test'));
    expect(answer.status).toBe(303);
    return cookiesOf(answer);
  };
  const post = (cookie: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
    get('/oauth2/pages/test', cookie, {
      method: 'POST',
      headers: { cookie, ...headers },
      body: new URLSearchParams(form),
    });

  it('lead who has no session to the sign-in page, and back to the same address', async () => {
    const first = await get('/oauth2/pages/test?said=a%26b');
    expect([first.status, first.headers.get('location')]).toEqual([
      303,
      `${url}/oauth2/sign-in?to=%2Fpages%2Ftest%3Fsaid%3Da%2526b`,
    ]);
    const to = '/pages/test?said=a%26b';
    const answer = await signIn(to, 'alice', await formOn(first.headers.get('location') ?? ''));
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `${url}/oauth2${to}`]);
    const shown = await get(`/oauth2${to}`, cookiesOf(answer));
    expect(shown.status).toBe(200);
    expect(shown.text).toContain('<p title="a&amp;b">a&amp;b</p>');
    const again = await get(first.headers.get('location') ?? '', cookiesOf(answer));
    expect(again.headers.get('location')).toBe(`${url}/oauth2${to}`);
  });

  it.each([
    'https://evil.example/pages/',
    '//evil.example/pages/x',
    '/pages/../approvals',
    '/pages/%2e%2e/%2e%2e/fhir/r4',
    '/pages\\x',
    '/pages/a\nb',
    '/approvals',
    '@evil.example/pages/',
    '',
  ])('lead nobody to %j', async (to) => {
    const path = `/oauth2/sign-in?${new URLSearchParams({ to }).toString()}`;
    for (const cookie of ['', await sessionOf('alice')]) {
      expect(await get(path, cookie)).toMatchObject({
        status: 400,
        text: expect.stringContaining('no page'),
      });
    }
  });

  it('know who looks at them, and carry the policy of this server’s own pages', async () => {
    const cookie = await sessionOf('alice');
    const me = await get('/oauth2/pages/test/me', cookie);
    expect(me.text.replaceAll('&quot;', '"')).toContain(
      '{"username":"alice","roles":["practitioner"],"fhirUser":"Practitioner/a"}',
    );
    const own = await fetch(`${url}/oauth2/approvals`);
    for (const name of ['content-security-policy', 'x-frame-options', 'referrer-policy', 'cache-control']) {
      expect([name, me.headers.get(name)]).toEqual([name, own.headers.get(name)]);
    }
    const shown = await get('/oauth2/pages/test?said=%3Cscript%3E', cookie);
    expect(shown.text).toContain('<html lang="de">');
    expect(shown.text).toContain('<h1>&lt;Title&gt;</h1>');
    expect(shown.text).not.toContain('<script>');
    expect((await get('/oauth2/pages/test', cookie, { method: 'HEAD', headers: { cookie } })).status).toBe(
      200,
    );
  });

  it('take forms of their own pages only, each of its own browser', async () => {
    const [alice, other] = [await sessionOf('alice'), await sessionOf('alice')];
    const tokenIn = async (cookie: string): Promise<string> =>
      /name="csrf" value="([^"]*)"/.exec((await get('/oauth2/pages/test', cookie)).text)?.[1] ?? '';
    for (const form of [{}, { csrf: '' }, { csrf: 'x' }, { csrf: await tokenIn(other) }]) {
      const refused = await post(alice, form);
      expect(refused).toMatchObject({ status: 403, text: expect.stringContaining('OAUTH2_FORM_FORGED') });
      expect(refused.headers.get('content-type')).toContain('text/html');
    }
    const csrf = await tokenIn(alice);
    // Without a session nothing is done, whatever the form says.
    const signedOut = await post('', { csrf });
    expect([signedOut.status, signedOut.headers.get('location')]).toEqual([
      303,
      `${url}/oauth2/sign-in?to=%2Fpages%2Ftest`,
    ]);
    expect(done).toEqual([]);
    const accepted = await post(alice, { csrf, phone: '1' });
    expect([accepted.status, accepted.headers.get('location')]).toEqual([
      303,
      `${url}/oauth2/pages/test?said=done`,
    ]);
    expect(done).toEqual([{ csrf, phone: '1' }]);
  });

  it('are closed to others where they are for administrators, and to disabled ones', async () => {
    const alice = await sessionOf('alice');
    expect(await get('/oauth2/pages/test/administrators', alice)).toMatchObject({
      status: 403,
      text: expect.stringContaining('Not for this account'),
    });
    const root = await sessionOf('root');
    expect((await get('/oauth2/pages/test/administrators', root)).status).toBe(200);
    const users = app.get(UsersService, { strict: false });
    await users.update('root', { roles: ['admin'], enabled: true });
    await users.create({ username: 'second', password, roles: ['admin'] });
    await users.update('root', { roles: [] });
    expect((await get('/oauth2/pages/test/administrators', root)).status).toBe(403);
    await users.update('root', { roles: ['admin'] });
    await users.disable('alice');
    expect((await get('/oauth2/pages/test', alice)).status).toBe(303);
    await users.update('alice', { enabled: true });
  });

  it('show errors as pages', async () => {
    const failed = await get('/oauth2/pages/test/fails', await sessionOf('alice'));
    expect(failed).toMatchObject({ status: 404, text: expect.stringContaining('There is &lt;nothing&gt;.') });
    expect(failed.headers.get('content-type')).toContain('text/html');
  });

  it('take no password of a client or token for a session', async () => {
    const authorization = `Basic ${Buffer.from(`root:${password}`).toString('base64')}`;
    expect((await get('/oauth2/pages/test', '', { headers: { authorization } })).status).toBe(303);
  });
});

describe('pages in the wrong place', () => {
  @Controller('clinic')
  class Outside {
    @Get()
    @SignedIn()
    show(): string {
      return '';
    }
  }
  @Controller('oauth2/pages/two')
  class TwoRules {
    @Get()
    @SignedIn()
    @PublicRoute()
    show(): string {
      return '';
    }
  }
  @Controller('oauth2/pages/none')
  class NoRule {
    @Get()
    show(): string {
      return '';
    }
  }

  it.each([Outside, TwoRules, NoRule])('stop the start: %p', async (controller) => {
    @Module({ controllers: [controller] })
    class Wrong {}
    const settings = Settings.of({
      databaseUrl: await databases[0]!.create(),
      secretKey: randomBytes(32).toString('base64'),
      logLevel: 'silent',
    });
    await expect(createApplication(settings, undefined, [Wrong])).rejects.toMatchObject({
      code: 'ACCESS_UNDECLARED_ROUTE',
    });
  });

  it('are not there where nobody signs in', async () => {
    const settings = Settings.of({
      databaseUrl: await databases[0]!.create(),
      secretKey: randomBytes(32).toString('base64'),
      logLevel: 'silent',
      role: 'resource-server',
    });
    const app = await createApplication(settings, undefined, [TestModule]);
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/oauth2/pages/test`);
    expect([answer.status, await answer.json()]).toEqual([
      404,
      expect.objectContaining({ code: 'ACCESS_NO_PAGES_HERE' }),
    ]);
    await app.close();
  });
});
