import { UsersService } from '../../../src/users/index.js';
import { databases } from '../../kit/databases.js';
import { bearerPath, passwords, World } from '../access/application.js';
import { Browser, codeFor } from '../oauth2/browser.js';
import { auditorPassword, eventsOf, type AuditEvent } from './audit-events.js';

const page = '/oauth2/approvals';

describe.each(databases)('the record of what people end, on $name', ({ create }) => {
  let world: World;

  beforeAll(async () => {
    world = await World.start(await create(), { logLevel: 'silent' });
    await world
      .get(UsersService)
      .create({ username: 'audrey', password: auditorPassword, roles: ['auditor'] });
  });
  afterAll(() => world.close());

  const signedIn = async (): Promise<Browser> => {
    const browser = new Browser(world.app, world.url);
    const shown = await browser.signIn(await browser.get(page), 'alice', passwords.alice);
    expect(shown.body).toContain('What you have allowed');
    return browser;
  };
  const approve = (browser: Browser) =>
    codeFor(
      world.app,
      { scope: 'openid user/Patient.r offline_access', aud: world.base(bearerPath) },
      'alice',
      browser,
    );
  const end = async (browser: Browser, csrf: string, what: string, value: string): Promise<string> => {
    const { headers } = await browser.post(page, { csrf, end: what, value });
    return new URL(headers.location ?? '').searchParams.get('done') ?? '';
  };
  /** What is recorded after `milliseconds`; an event may take a second. */
  const recorded = async (milliseconds: number): Promise<readonly AuditEvent[]> => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    return eventsOf(world, 'subtype=revoked&_sort=_id');
  };

  it('has each approval and each session once, with who and from where, and nothing that was not ended', async () => {
    const [browser, first, second] = [await signedIn(), await signedIn(), await signedIn()];
    await approve(browser);
    await approve(browser);
    const { body } = await browser.get(page);
    const [, csrf = ''] = /name="csrf" value="(\w+)"/.exec(body) ?? [];
    const [, grant = ''] = /name="value" value="([0-9a-f]{64})"/.exec(body) ?? [];
    const [, session = ''] = /value="([\w-]+)">\n<button [^>]*value="session"/.exec(body) ?? [];
    expect([grant.length, session.length > 0]).toEqual([64, true]);
    expect(await end(browser, csrf, 'access', grant)).toBe('access');
    expect(await end(browser, csrf, 'app', 'growth-app')).toBe('app');
    expect(await end(browser, csrf, 'session', session)).toBe('session');
    expect(await end(browser, csrf, 'sessions', '')).toBe('sessions');
    for (const other of [first, second]) {
      expect((await other.get(page)).body).toContain('name="password"');
    }

    const events = await recorded(1200);
    expect(events.map(({ entity }) => entity[0]?.what?.identifier?.value).toSorted()).toEqual([
      ...['approval growth-app', 'approval growth-app', 'session', 'session'],
    ]);
    for (const event of events) {
      expect(event).toMatchObject({ type: { code: '110113' }, action: 'D', outcome: '0' });
      expect(event.agent).toContainEqual(expect.objectContaining({ name: 'alice', requestor: true }));
      expect(JSON.stringify(event.agent)).toContain('"127.0.0.1"');
      for (const secret of [grant, session]) expect(JSON.stringify(event)).not.toContain(secret);
    }

    expect(await end(browser, csrf, 'access', grant)).toBe('gone');
    expect(await end(browser, csrf, 'app', 'growth-app')).toBe('gone');
    expect(await end(browser, csrf, 'session', session)).toBe('gone');
    expect(await end(browser, csrf, 'sessions', '')).toBe('gone');
    expect((await browser.post(page, { csrf: 'x', end: 'app', value: 'growth-app' })).statusCode).toBe(403);
    expect(await recorded(1200)).toHaveLength(4);
  });
});
