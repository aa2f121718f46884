import { UsersService } from '../../../src/users/index.js';
import { cleanText } from '../../../src/platform/text/index.js';
import { sqlite } from '../../kit/databases.js';
import { basic, basicPath, bearerPath, redirectUri, World } from '../access/application.js';
import { auditorPassword, eventsOf, type AuditEvent } from './audit-events.js';

const form = 'application/x-www-form-urlencoded';
/** What XML has not, what steers a terminal, what turns a line round, and a line that looks like another event. */
const hostile = 'x\uffff\ud800\u0000\u001b[2J\u009b31m\u202eecila\n{"level":"error"}';
const typed = 'Tr0ub4dor-and-3';
const alike = 'Tr0ub4dor-and-4';

describe('text of visitors in records', () => {
  let world: World;

  beforeAll(async () => {
    world = await World.start(await sqlite.create(), { trustProxy: ['127.0.0.1'] });
    const users = world.get(UsersService);
    await users.create({ username: 'audrey', password: auditorPassword, roles: ['auditor'] });
  });
  afterAll(() => world.close());

  /** Sends the form of the sign-in page. */
  async function signIn(username: string, password: string, address: string): Promise<number> {
    const jar = new Map<string, string>();
    const browse = async (url: string, payload?: string) => {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await world.call({
        ...{ method: payload === undefined ? 'GET' : 'POST', url: url.replace(world.url, '') },
        headers: {
          cookie,
          'x-forwarded-for': address,
          ...(payload === undefined ? {} : { 'content-type': form }),
        },
        ...(payload === undefined ? {} : { payload }),
      });
      for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        jar.set(name, value);
      }
      return answer;
    };
    const parameters = new URLSearchParams({
      ...{ response_type: 'code', client_id: 'growth-app', redirect_uri: redirectUri, state: 's' },
      ...{ scope: 'openid user/Patient.r', aud: world.base(bearerPath) },
      ...{ code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' },
    });
    let page = await browse(`/oauth2/authorize?${parameters.toString()}`);
    while (page.statusCode === 303) page = await browse(String(page.headers.location));
    const hidden = [...page.body.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(
      ([tag]): [string, string] => [
        /name="([^"]*)"/.exec(tag)?.[1] ?? '',
        /value="([^"]*)"/.exec(tag)?.[1] ?? '',
      ],
    );
    const action = /<form[^>]*action="([^"]*)"/.exec(page.body)?.[1] ?? '';
    const fields = new URLSearchParams([...hidden, ['username', username], ['password', password]]);
    return (await browse(action, fields.toString())).statusCode;
  }

  /** Waits until so many events are stored. */
  async function events(query: string, count: number): Promise<readonly AuditEvent[]> {
    for (;;) {
      const found = await eventsOf(world, query);
      if (found.length >= count) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  const nameOf = ({ agent }: AuditEvent): unknown => agent.at(-1)?.name;

  it('a name that no account has, and may be a password, is written down nowhere; a mark tells it again', async () => {
    for (const name of [typed, typed, alike]) expect(await signIn(name, 'x', '192.0.2.1')).toBe(400);
    const refused = await world.call({ url: `${basicPath}/Patient`, headers: basic(typed, '') });
    expect(refused.statusCode).toBe(401);
    expect((await world.explain(refused)).actual).toMatch(
      /^a user that does not exist \(a name that no account has, mark [0-9a-f]{6}\)$/,
    );
    const found = await events('subtype=110122&outcome=4&_sort=_lastUpdated', 4);
    const names = found.map(nameOf).filter((name) => name !== undefined);
    expect(names).toEqual([
      expect.stringMatching(/^unknown [0-9a-f]{6}$/),
      names[0],
      expect.stringMatching(/^unknown [0-9a-f]{6}$/),
    ]);
    expect(names[2]).not.toBe(names[0]);
    expect(await eventsOf(world, `agent-name=${encodeURIComponent(names[0] as string)}`)).toHaveLength(2);
    const written = [
      JSON.stringify(await eventsOf(world, '_count=1000')),
      await world.refusalRows(),
      world.log,
    ];
    for (const text of written) {
      for (const secret of [typed, alike, typed.toLowerCase()]) expect(text).not.toContain(secret);
    }
  });

  it('whatever is typed or sent, AuditEvents can be read as XML and hold nothing that steers or turns', async () => {
    expect(await signIn(hostile, 'x', '192.0.2.2')).toBe(400);
    await world.call({ url: `${basicPath}/Patient`, headers: basic(`a\uffff\u202e`, 'x') });
    await world.call({
      ...{
        method: 'POST',
        url: '/oauth2/token',
        payload: new URLSearchParams({ grant_type: hostile }).toString(),
      },
      headers: { 'content-type': form, ...basic('loader', 'x') },
    });
    await world.call({ url: `${basicPath}/Patient/%EF%BF%BF%1B%5B2J`, headers: basic('carla') });
    await events('_count=1000', 8);
    const answer = await world.call({
      url: `${basicPath}/AuditEvent?_count=1000&_format=xml`,
      headers: basic('audrey', auditorPassword),
    });
    expect({ status: answer.statusCode, type: answer.headers['content-type'] }).toEqual({
      status: 200,
      type: expect.stringContaining('application/fhir+xml'),
    });
    const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\uffff]/u;
    expect(answer.body.replaceAll('\n', '')).not.toMatch(unseen);
    expect(JSON.stringify(await eventsOf(world, '_count=1000'))).not.toMatch(unseen);
    for (const line of world.log.split('\n')) expect(line).not.toMatch(unseen);
    expect(await world.refusalRows()).not.toMatch(unseen);
  });

  it('what a log line quotes stays JSON and is one line', () => {
    const lines = world.log.trimEnd().split('\n');
    for (const line of lines) expect(() => void JSON.parse(line)).not.toThrow();
    expect(cleanText(hostile)).not.toBe('');
  });
});
