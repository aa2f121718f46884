import { UsersService } from '../../../src/users/index.js';
import { EndpointsService } from '../../../src/endpoints/index.js';
import { databases } from '../../kit/databases.js';
import {
  adminPath,
  basic,
  basicPath,
  bearer,
  bearerPath,
  bothPath,
  referenceOf,
  World,
} from '../access/application.js';

interface Simulation {
  readonly allowed: boolean;
  readonly interaction: string;
  readonly mode: string;
  readonly checks: readonly {
    readonly check: string;
    readonly result: string;
    readonly failure: object | null;
  }[];
  readonly reach: readonly {
    readonly types: readonly string[];
    readonly access: string;
    readonly anyOf: readonly string[][];
  }[];
}

const json = 'application/fhir+json';

describe.each(databases)('simulated requests, on $name', ({ create }) => {
  let world: World;

  beforeAll(async () => {
    world = await World.start(await create(), { logLevel: 'silent' });
  });
  afterAll(() => world.close());

  const post = (input: object) =>
    world.call({
      ...{ method: 'POST', url: `${adminPath}/access-simulations` },
      headers: { 'content-type': 'application/json', ...basic('carla') },
      payload: JSON.stringify(input),
    });
  async function simulate(input: object): Promise<Simulation> {
    const answer = await post(input);
    expect([answer.statusCode, answer.statusCode === 200 ? '' : answer.body]).toEqual([200, '']);
    return answer.json<Simulation>();
  }
  const failed = ({ checks }: Simulation): string | undefined =>
    checks.find(({ result }) => result === 'failed')?.check;

  it('say what is allowed, and that nothing is left out', async () => {
    const answer = await simulate({ username: 'alice', scope: 'user/Patient.rs', url: 'Patient?name=x' });
    expect(answer).toMatchObject({ allowed: true, mode: 'bearer', interaction: 'search-type' });
    expect(answer.checks.map(({ check, result }) => `${check} ${result}`)).toEqual(
      expect.arrayContaining([
        'token-active assumed',
        'audience passed',
        'user-enabled passed',
        'scope passed',
      ]),
    );
    expect(answer.reach[0]).toEqual({ types: ['Patient'], access: 'all', anyOf: [] });
    expect(answer.reach.find(({ types }) => types.includes('Observation'))).toMatchObject({ access: 'none' });
  });

  it('say what would be left out', async () => {
    const { allowed, reach } = await simulate({
      ...{
        username: 'dora',
        scope: 'patient/Observation.rs?category=laboratory user/Condition.rs',
        patient: 'p1',
      },
      url: 'Observation?_include=*',
    });
    expect(allowed).toBe(true);
    expect(reach.find(({ types }) => types.includes('Observation'))).toEqual({
      types: ['Observation'],
      access: 'some',
      anyOf: [
        ['in the compartment of Patient/p1', 'category=laboratory', 'in the compartment of Patient/dora'],
      ],
    });
    expect(reach.find(({ types }) => types.includes('Condition'))).toMatchObject({
      anyOf: [['in the compartment of Patient/dora']],
    });
  });

  it('say what an operation that is held to the rights of its caller would show', async () => {
    const asked = { username: 'dora', scope: 'patient/Patient.r patient/Observation.rs', patient: 'dora' };
    const record = await simulate({ ...asked, url: 'Patient/dora/$everything' });
    expect([record.allowed, record.interaction]).toEqual([true, 'operation']);
    const own = [['in the compartment of Patient/dora']];
    const ofType = ({ reach }: Simulation, type: string) => reach.find(({ types }) => types.includes(type));
    expect(ofType(record, 'Observation')).toMatchObject({ access: 'some', anyOf: own });
    // The Patient is read; what searches would find of it is another matter.
    expect(ofType(record, 'Condition')).toMatchObject({ access: 'none' });
    const document = await simulate({ ...asked, scope: 'patient/*.r', url: 'Composition/c/$document' });
    expect(document.allowed).toBe(true);
    expect(ofType(document, 'Composition')).toMatchObject({ access: 'some', anyOf: own });
    const refused = await simulate({ ...asked, url: 'Composition/c/$document' });
    expect([refused.allowed, failed(refused)]).toEqual([false, 'scope']);
    expect((await simulate({ ...asked, url: 'Patient/dora/$meta' })).allowed).toBe(true);
    const validation = { ...asked, method: 'POST', url: 'Patient/dora/$validate' };
    expect((await simulate(validation)).allowed).toBe(false);
  });

  it('name the check that fails first, with what to change', async () => {
    const cases = [
      [{ username: 'alice', scope: 'user/Patient.r', method: 'DELETE', url: 'Patient/1' }, 'scope'],
      [{ username: 'carla', scope: 'user/*.cruds', url: 'Patient/1' }, 'scope'],
      [{ username: 'nobody', scope: 'user/*.cruds', url: 'Patient/1' }, 'user-enabled'],
      [{ clientId: 'absent', scope: 'system/*.cruds', url: 'Patient/1' }, 'client-enabled'],
      [
        {
          clientId: 'loader',
          scope: 'system/*.cruds',
          endpoint: bothPath,
          username: 'nobody',
          url: 'Patient/1',
        },
        'basic-password',
      ],
      [{ username: 'nobody', endpoint: basicPath, url: 'Patient/1' }, 'basic-password'],
      [{ username: 'alice', scope: 'patient/*.rs', url: 'Patient/1' }, 'scope'],
      [
        { username: 'alice', scope: 'user/Patient.c', method: 'POST', url: 'Patient', ifNoneExist: 'name=x' },
        'scope',
      ],
      [{ username: 'alice', scope: 'user/*.cruds', method: 'DELETE', url: 'AuditEvent/1' }, 'scope'],
      [
        {
          username: 'alice',
          scope: 'user/Patient.rs?active=true',
          method: 'POST',
          url: 'Patient/1/$validate',
        },
        'scope',
      ],
      [{ username: 'alice', scope: 'user/Patient.u', method: 'PATCH', url: 'Patient/1' }, 'scope'],
      [{ username: 'alice', scope: 'user/Patient.rs', url: '?_type=Patient,Observation' }, 'scope'],
    ] as const;
    for (const [input, check] of cases) {
      const answer = await simulate(input);
      expect([input, answer.allowed, failed(answer)]).toEqual([input, false, check]);
      expect(answer.reach).toEqual([]);
      const { failure } = answer.checks.find(({ result }) => result === 'failed') ?? {};
      expect(failure).toEqual({
        ...{ expected: expect.stringMatching(/./), actual: expect.stringMatching(/./) },
        ...{ remedy: expect.stringMatching(/./), setting: expect.stringMatching(/./) },
      });
    }
  });

  it('answer as the gate does, for every combination', async () => {
    await world.get(EndpointsService).list();
    const requests = [
      ['GET', 'Patient?_count=0', undefined],
      ['GET', 'Patient/absent', undefined],
      ['GET', 'Observation/_history', undefined],
      ['POST', 'Observation', { resourceType: 'Observation' }],
      ['DELETE', 'Patient?name=nobody-has-this', undefined],
      ['GET', 'Patient/$meta', undefined],
      ['GET', '?_type=Patient&_count=0', undefined],
      ['GET', 'Patient/absent/Observation', undefined],
      ['GET', 'AuditEvent', undefined],
      ['POST', 'Patient/_search?_count=0', undefined],
      ['POST', 'Patient/absent/Observation/_search', undefined],
      ['POST', '_search?_type=Patient&_count=0', undefined],
    ] as const;
    const callers = [
      { username: 'alice', scope: 'user/*.cruds' },
      { username: 'alice', scope: 'user/Patient.rs' },
      { username: 'alice', scope: 'user/Observation.c openid' },
      { username: 'dora', scope: 'patient/*.rs', patient: 'dora' },
      { username: 'dora', scope: 'patient/*.rs' },
      { username: 'carla', scope: 'user/*.cruds' },
      { clientId: 'loader', scope: 'system/*.rs' },
      { clientId: 'loader', scope: 'system/*.cruds' },
    ];
    for (const caller of callers) {
      const token = await world.token(caller, bearerPath);
      for (const [method, url, body] of requests) {
        const real = await world.call({
          ...{ method, url: /^\w/.test(url) ? `${bearerPath}/${url}` : bearerPath + url },
          headers: { ...bearer(token), ...(body === undefined ? {} : { 'content-type': json }) },
          ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
        });
        const { allowed } = await simulate({ ...caller, method, url });
        expect([caller, method, url, allowed]).toEqual([
          caller,
          method,
          url,
          ![401, 403].includes(real.statusCode),
        ]);
      }
    }
  });

  it('repeat a refused request by its reference, also with another scope', async () => {
    const token = await world.token(
      { username: 'dora', scope: 'patient/Observation.rs', patient: 'dora' },
      bearerPath,
    );
    const refused = await world.call({ url: `${bearerPath}/Condition?code=1`, headers: bearer(token) });
    expect(refused.statusCode).toBe(403);
    const refusal = referenceOf(refused);
    const again = await simulate({ refusal });
    expect(again).toMatchObject({
      allowed: false,
      scopes: ['patient/Observation.rs'],
      interaction: 'search-type',
    });
    expect(failed(again)).toBe('scope');
    expect(await simulate({ refusal, scope: 'patient/Condition.rs' })).toMatchObject({
      allowed: true,
      reach: expect.arrayContaining([
        { types: ['Condition'], access: 'some', anyOf: [['in the compartment of Patient/dora']] },
      ]),
    });
    const elsewhere = await world.call({
      url: `${bearerPath}/Patient`,
      headers: bearer(await world.token('alice', bothPath)),
    });
    expect(failed(await simulate({ refusal: referenceOf(elsewhere) }))).toBe('audience');
    expect(await world.refusalRows()).not.toContain(token);
  });

  it('know users that are disabled', async () => {
    const users = world.get(UsersService);
    await users.create({ username: 'eve', password: 'eve-passphrase-77', roles: ['practitioner'] });
    const ask = { username: 'eve', scope: 'user/*.r', url: 'Patient/1' };
    expect(await simulate(ask)).toMatchObject({ allowed: true });
    await users.update('eve', { enabled: false });
    expect(failed(await simulate(ask))).toBe('user-enabled');
    expect(failed(await simulate({ ...ask, endpoint: basicPath }))).toBe('basic-password');
  });

  it.each([
    [{}, 400],
    [{ username: 'alice', url: 'Patient' }, 400],
    [{ username: 'alice', scope: 'user/*.r' }, 400],
    [{ username: 'alice', scope: 'user/*.r', url: 'Patient', method: 'TRACE' }, 400],
    [{ username: 'alice', scope: 'user/*.r', url: 'Patient/1/2/3/4' }, 400],
    [{ username: 'alice', scope: 'user/*.r', url: 'Patient', unknown: 1 }, 400],
    [{ username: 'alice', scope: 'user/*.r', url: 'Patient', endpoint: '/none' }, 404],
    [{ refusal: 'absent' }, 404],
  ])('refuse %j with %i', async (input, status) => {
    const answer = await post(input);
    expect([answer.statusCode, answer.body]).toEqual([status, expect.any(String)]);
  });

  it('are for administrators', async () => {
    const answer = await world.call({
      ...{ method: 'POST', url: `${adminPath}/access-simulations` },
      headers: { 'content-type': 'application/json', ...basic('alice') },
      payload: '{"username":"alice","scope":"user/*.r","url":"Patient"}',
    });
    expect(answer.statusCode).toBe(403);
  });

  it('leave no refusal, no resource and no event of a change behind', async () => {
    const before = await world.refusalRows();
    await simulate({ username: 'alice', scope: 'user/*.r', method: 'POST', url: 'Patient' });
    expect(await world.refusalRows()).toBe(before);
  });
});
