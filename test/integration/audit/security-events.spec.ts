import { UsersService } from '../../../src/users/index.js';
import { databases } from '../../kit/databases.js';
import {
  adminPath,
  basic,
  basicPath,
  bearer,
  bearerPath,
  redirectUri,
  referenceOf,
  World,
} from '../access/application.js';
import { auditorPassword, eventsOf, type AuditEvent } from './audit-events.js';
import { eventually } from '../../kit/until.js';

const form = 'application/x-www-form-urlencoded';

describe.each(databases)('the record of what is no write, on $name', ({ create }) => {
  let world: World;

  beforeAll(async () => {
    world = await World.start(await create(), { logLevel: 'silent', trustProxy: ['127.0.0.1'] });
    await world
      .get(UsersService)
      .create({ username: 'audrey', password: auditorPassword, roles: ['auditor'] });
  });
  afterAll(() => world.close());

  /** Waits as long as an event may take to be stored. */
  function found(query: string, count = 1): Promise<readonly AuditEvent[]> {
    return eventually(
      `events of ${query}`,
      () => eventsOf(world, query),
      ({ length }) => length >= count,
    );
  }

  const query = (event: AuditEvent | undefined): string =>
    Buffer.from(event?.entity[0]?.query ?? '', 'base64').toString();

  it('has tokens that were issued, and those that were not, without anything secret', async () => {
    const [, secret = ''] = [...world.secrets].filter((one) => one.length > 30);
    const ask = (scope: string, password: string) =>
      world.call({
        ...{ method: 'POST', url: '/oauth2/token' },
        headers: { 'content-type': form, 'x-forwarded-for': '192.0.2.7', ...basic('loader', password) },
        payload: `grant_type=client_credentials&scope=${encodeURIComponent(scope)}`,
      });
    const loaderSecret = [...world.secrets].at(-1) ?? secret;
    const answers = [
      await ask('system/Patient.r', loaderSecret),
      await ask('system/Patient.r', 'wrong-secret'),
    ];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 401]);
    const [issued] = await found('subtype=ITI-71&outcome=0');
    expect(issued).toMatchObject({
      type: { code: '110114' },
      agent: [
        {
          type: { coding: [{ code: '110150' }] },
          who: { identifier: { value: 'loader' } },
          network: { address: '192.0.2.7' },
          requestor: true,
        },
        { type: { coding: [{ code: 'authserver' }] } },
      ],
    });
    expect(query(issued)).toBe(
      new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: 'loader',
        scope: 'system/Patient.r',
        resource: world.base(bearerPath),
      }).toString(),
    );
    const [refused] = await found('subtype=ITI-71&outcome=4');
    expect(refused?.outcomeDesc).toContain('invalid_client');
    const token = answers[0]?.json<{ access_token: string }>().access_token ?? '';
    const all = JSON.stringify(await eventsOf(world, '_count=1000'));
    for (const hidden of [token, loaderSecret, 'wrong-secret']) expect(all).not.toContain(hidden);
  });

  it('has sign-ins and approvals, and those that failed', async () => {
    const jar = new Map<string, string>();
    const browse = async (url: string, payload?: string) => {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await world.call({
        ...{ method: payload === undefined ? 'GET' : 'POST', url: url.replace(world.url, '') },
        headers: { cookie, ...(payload === undefined ? {} : { 'content-type': form }) },
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
    const follow = async () => {
      while (page.statusCode === 303) page = await browse(String(page.headers.location));
    };
    const submit = async (fields: Record<string, string>) => {
      const hidden = [...page.body.matchAll(/<input[^>]*(?:type="hidden"| checked)[^>]*>/g)].map(
        ([tag]): [string, string] => [
          /name="([^"]*)"/.exec(tag)?.[1] ?? '',
          /value="([^"]*)"/.exec(tag)?.[1] ?? '',
        ],
      );
      const action = /<form[^>]*action="([^"]*)"/.exec(page.body)?.[1] ?? '';
      page = await browse(action, new URLSearchParams([...hidden, ...Object.entries(fields)]).toString());
    };
    await follow();
    await submit({ username: 'alice', password: 'not-her-password' });
    await submit({ username: 'alice', password: 'alice-pass: wörd 1' });
    await follow();
    await submit({ decision: 'allow' });
    const [failed] = await found('subtype=110122&outcome=4&agent-name=alice');
    expect(failed).toMatchObject({ type: { code: '110114' }, outcomeDesc: 'wrong-password' });
    const [signedIn] = await found('subtype=110122&outcome=0&agent-name=alice');
    expect(signedIn?.agent[2]).toMatchObject({ name: 'alice', requestor: true });
    expect(query((await found('subtype=access-approved&agent-name=alice'))[0])).toContain('user%2FPatient.r');
  });

  it('has refusals once, with the reference of their explanation, and no password or token', async () => {
    const attempt = () =>
      world.call({ url: `${basicPath}/Patient`, headers: basic('bob', 'guessed-wrongly') });
    const reference = referenceOf(await attempt());
    await attempt();
    const denied = await world.call({ url: `${basicPath}/Patient`, headers: basic('carla') });
    expect(denied.statusCode).toBe(403);
    const [wrong, ...more] = await found(
      'subtype=110122&outcome=4&entity:identifier=urn:firekeep:refusal|' + reference,
    );
    expect(more).toEqual([]);
    expect(wrong?.outcomeDesc).toContain(`firekeep explain ${reference}`);
    const [role] = await found(`entity:identifier=urn:firekeep:refusal|${referenceOf(denied)}`);
    expect(role).toMatchObject({
      type: { code: '110113' },
      subtype: [{ code: 'AuthZ-Role' }, { code: 'scope' }],
    });
    expect(JSON.stringify(await eventsOf(world, '_count=1000'))).not.toContain('guessed-wrongly');
  });

  it('has changes by administrators, and what they take back', async () => {
    const change = (method: 'POST' | 'PATCH', url: string, payload?: object) =>
      world.call({
        ...{ method, url: `${adminPath}/${url}` },
        headers: {
          ...basic('carla'),
          'if-match': '*',
          ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }),
      });
    const user = { username: 'eve', password: 'eve-passphrase-77', roles: ['practitioner'] };
    expect((await change('POST', 'users', user)).statusCode).toBe(201);
    expect((await change('POST', 'users', { username: '' })).statusCode).toBe(400);
    await world.token({ username: 'eve', scope: 'user/*.r' }, bearerPath);
    for (const enabled of [false, true]) {
      expect((await change('PATCH', 'users/eve', { enabled })).statusCode).toBe(200);
    }
    const events = await found('subtype=110137&_sort=_id', 3);
    expect(events.map(({ action }) => action).toSorted()).toEqual(['C', 'U', 'U']);
    for (const event of events) {
      expect(event).toMatchObject({
        agent: [{}, {}, { name: 'carla' }],
        entity: [{ what: { identifier: { value: 'users/eve' } } }],
      });
    }
    // What the first ended; the second found nothing left.
    const ended = await eventsOf(world, 'subtype=revoked');
    expect(ended.map(({ entity }) => entity[0]?.what?.identifier?.value)).toEqual(['user eve']);
    expect(JSON.stringify(await eventsOf(world, '_count=1000'))).not.toContain('eve-passphrase');
  });

  it('is bounded for what anybody can bring about', async () => {
    // There is room for more with each second.
    const now = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => now);
    for (let n = 0; n < 400; n++) {
      const headers = { ...bearer('x'), 'x-forwarded-for': `192.0.2.${n % 250}` };
      await world.call({ url: `${bearerPath}/Patient/${n}`, headers });
    }
    jest.restoreAllMocks();
    await found('type=110113&outcome=4');
    await new Promise((resolve) => setTimeout(resolve, 700));
    const [count] = await eventsOf(world, 'type=110113&outcome=4&_summary=count');
    expect(Number(count)).toBeLessThanOrEqual(101);
  });

  it('is all valid FHIR', async () => {
    const token = await world.token({ username: 'alice', scope: 'user/*.c' }, bearerPath);
    for (const { id: _, meta, ...event } of await eventsOf(world, '_count=1000')) {
      const answer = await world.call({
        ...{ method: 'POST', url: `${bearerPath}/AuditEvent` },
        headers: { 'content-type': 'application/fhir+json', ...bearer(token) },
        payload: JSON.stringify({
          ...event,
          ...(meta.profile === undefined ? {} : { meta: { profile: meta.profile } }),
        }),
      });
      expect([answer.statusCode, answer.statusCode === 201 ? '' : answer.body]).toEqual([201, '']);
    }
  });
});
