import { RefusalsService } from '../../../src/access/index.js';
import { databases } from '../../kit/databases.js';
import type { HttpAnswer } from '../../kit/http.js';
import {
  basic,
  basicPath,
  bearer,
  bearerPath,
  bothPath,
  openPath,
  World,
  type Username,
} from './application.js';

const json = 'application/fhir+json';
const patient = {
  resourceType: 'Patient',
  id: 'p1',
  active: true,
  identifier: [{ system: 'urn:s', value: '1' }],
};

interface Interaction {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

const read: Interaction = { method: 'GET', path: 'Patient/p1' };
const head: Interaction = { method: 'HEAD', path: 'Patient/p1' };
const vread: Interaction = { method: 'GET', path: 'Patient/p1/_history/1' };
const history: Interaction = { method: 'GET', path: 'Patient/p1/_history' };
const search: Interaction = { method: 'GET', path: 'Patient?active=true' };
const searchByPost: Interaction = {
  ...{ method: 'POST', path: 'Patient/_search' },
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
};
const create: Interaction = { method: 'POST', path: 'Patient', body: { resourceType: 'Patient' } };
const conditionalCreate: Interaction = { ...create, headers: { 'if-none-exist': 'identifier=urn:s|1' } };
const update: Interaction = { method: 'PUT', path: 'Patient/p1', body: patient };
const remove: Interaction = { method: 'DELETE', path: 'Patient/not-there' };

const all = { read, head, vread, history, search, searchByPost, create, conditionalCreate, update, remove };
type Name = keyof typeof all;

describe.each(databases)('scopes and roles on $name', ({ create: createDatabase }) => {
  let world: World;
  let sender = 0;

  beforeAll(async () => {
    world = await World.start(await createDatabase());
    const token = await world.token({ clientId: 'loader' }, bearerPath);
    expect((await send(update, bearer(token))).statusCode).toBe(201);
  });
  afterAll(() => world.close());

  function send(
    { method, path, body, headers }: Interaction,
    credentials: Readonly<Record<string, string>>,
    endpoint = bearerPath,
  ): Promise<HttpAnswer> {
    return world.call({
      method,
      // Refusals of one address are told apart up to a number only.
      remoteAddress: `10.0.0.${(sender = (sender + 1) % 256)}`,
      url: path === '' ? endpoint : `${endpoint}/${path}`,
      headers: { ...(body === undefined ? {} : { 'content-type': json }), ...headers, ...credentials },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
  }

  /** Names of the interactions that get through; every other one must be answered with 403. */
  async function permitted(token: string): Promise<Name[]> {
    const names: Name[] = [];
    for (const [name, interaction] of Object.entries(all)) {
      const { statusCode } = await send(interaction, bearer(token));
      if (statusCode === 403) continue;
      expect([name, statusCode]).toEqual([name, expect.any(Number)]);
      expect(statusCode).toBeLessThan(500);
      expect(statusCode).not.toBe(401);
      names.push(name as Name);
    }
    return names.sort();
  }

  const reading: Name[] = ['head', 'history', 'read', 'vread'];
  const searching: Name[] = ['search', 'searchByPost'];
  const everything = Object.keys(all).sort();

  it.each<[string, Name[]]>([
    ['user/*.cruds', everything as Name[]],
    ['user/Patient.cruds', everything as Name[]],
    ['user/*.*', everything as Name[]],
    ['user/Patient.r', reading],
    ['user/Patient.s', searching],
    ['user/Patient.rs', [...reading, ...searching]],
    ['user/Patient.read', [...reading, ...searching]],
    ['user/Patient.write', ['create', 'remove', 'update']],
    ['user/Patient.c', ['create']],
    ['user/Patient.cs', ['create', 'conditionalCreate', ...searching]],
    ['user/Patient.c user/Patient.s', ['create', 'conditionalCreate', ...searching]],
    ['user/Patient.c user/Observation.s', ['create']],
    ['user/Patient.read user/Patient.write', everything as Name[]],
    ['user/Patient.u', ['update']],
    ['user/Patient.d', ['remove']],
    ['user/Observation.cruds', []],
    ['user/Observation.rs user/Patient.u', ['update']],
    ['openid fhirUser', []],
    ['patient/*.cruds', []],
    ['patient/Patient.rs user/*.cruds', everything as Name[]],
    ['launch/patient patient/Patient.read', []],
  ])('%s of a practitioner permits exactly its letters', async (scope, names) => {
    const token = await world.token({ username: 'alice', scope }, bearerPath);
    expect(await permitted(token)).toEqual([...names].sort());
  });

  it.each<[string, Name[]]>([
    ['system/*.cruds', everything as Name[]],
    ['system/Patient.read', [...reading, ...searching]],
    ['system/Patient.cu', ['create', 'update']],
    ['system/Observation.*', []],
  ])('%s of a client permits exactly its letters', async (scope, names) => {
    const token = await world.token({ clientId: 'loader', scope }, bearerPath);
    expect(await permitted(token)).toEqual([...names].sort());
  });

  it('gives by a scope with criteria what fulfils them', async () => {
    const search = { ...read, path: 'Patient' };
    const found = async (scope: string) => {
      const token = await world.token({ username: 'alice', scope }, bearerPath);
      const one = await send(read, bearer(token));
      const all = await send(search, bearer(token));
      return [one.statusCode, all.json().total];
    };
    expect(await found('user/Patient.rs?active=true&_id=p1')).toEqual([200, 1]);
    expect(await found('user/Patient.rs?active=false')).toEqual([404, 0]);
    expect(await found('user/Patient.rs?no-such-parameter=1')).toEqual([404, 0]);
  });

  it.each<Username>(['carla'])('gives %s no clinical data by any door', async (username) => {
    const token = await world.token({ username, scope: 'user/*.cruds' }, bearerPath);
    expect(await permitted(token)).toEqual([]);
    expect((await send(read, basic(username), basicPath)).statusCode).toBe(403);
    expect((await send(read, basic(username), openPath)).statusCode).toBe(403);
    const both = await world.token({ username, scope: 'user/*.cruds' }, bothPath);
    const answer = await send(
      { ...read, path: `Patient/p1?access_token=${both}` },
      basic(username),
      bothPath,
    );
    expect(answer.statusCode).toBe(403);
    expect((await world.explain(answer)).actual).toMatch(/role/);
  });

  it('shows nobody who may not read a resource the labels that an update keeps', async () => {
    const labelled = {
      ...{ resourceType: 'Patient', id: 'labelled' },
      meta: { security: [{ system: 'urn:labels', code: 'secret' }] },
    };
    const { meta: _labels, ...plain } = labelled;
    const loader = await world.token({ clientId: 'loader' }, bearerPath);
    const put = (token: string, body: object, path = 'Patient/labelled') =>
      send({ method: 'PUT', path, body }, bearer(token));
    expect((await put(loader, labelled)).statusCode).toBe(201);
    const writer = await world.token({ username: 'alice', scope: 'user/Patient.us' }, bearerPath);
    for (const [body, path] of [
      [{ ...plain, active: true }, 'Patient/labelled'],
      [{ ...plain, active: false }, 'Patient?_id=labelled'],
      [{ ...plain, active: false }, 'Patient/labelled'],
    ] as const) {
      const answer = await put(writer, body, path);
      expect([answer.statusCode, answer.body]).toEqual([200, '']);
    }
    const entry = [
      { resource: { ...plain, active: true }, request: { method: 'PUT', url: 'Patient/labelled' } },
    ];
    for (const type of ['batch', 'transaction']) {
      const body = { resourceType: 'Bundle', type, entry };
      const answer = await send(
        { method: 'POST', path: '', body, headers: { prefer: 'return=representation' } },
        bearer(writer),
      );
      expect([answer.statusCode, answer.body]).toEqual([200, expect.not.stringContaining('secret')]);
    }
    const reader = await put(loader, { ...plain, active: true });
    expect([reader.statusCode, reader.body]).toEqual([200, expect.stringContaining('secret')]);
  });

  it('tells nobody who may not read a type whether a resource is there', async () => {
    const token = await world.token({ username: 'alice', scope: 'user/Observation.rs' }, bearerPath);
    const there = await send(read, bearer(token));
    const absent = await send({ ...read, path: 'Patient/p2' }, bearer(token));
    expect([there.statusCode, absent.statusCode]).toEqual([403, 403]);
    expect(there.body.length).toBe(absent.body.length);
  });

  describe('in a Bundle', () => {
    const entry = (method: string, url: string, more: object = {}, resource?: object) => ({
      request: { method, url, ...more },
      ...(resource === undefined ? {} : { resource }),
    });
    const bundle = (type: 'batch' | 'transaction', ...entries: object[]): Interaction => ({
      ...{ method: 'POST', path: '' },
      body: { resourceType: 'Bundle', type, entry: entries },
    });
    const statuses = (answer: HttpAnswer): string[] =>
      answer
        .json()
        .entry.map(({ response }: { response: { status: string } }) => response.status.slice(0, 3));
    const someone = { resourceType: 'Patient' };

    it('each entry of a batch is authorised for itself', async () => {
      const token = await world.token(
        { username: 'alice', scope: 'user/Patient.rs user/Observation.c' },
        bearerPath,
      );
      const answer = await send(
        bundle(
          'batch',
          entry('GET', 'Patient/p1'),
          entry('GET', 'Patient?active=true'),
          entry('GET', 'Observation/x'),
          entry('GET', 'Patient/p1/_history'),
          entry('POST', 'Patient', {}, someone),
          entry('PUT', 'Patient/p1', {}, patient),
          entry('DELETE', 'Patient/p1'),
          entry(
            'POST',
            'Observation',
            { ifNoneExist: 'identifier=1' },
            {
              ...{ resourceType: 'Observation', status: 'final', code: { text: 'x' } },
            },
          ),
        ),
        bearer(token),
      );
      expect(answer.statusCode).toBe(200);
      expect(statuses(answer)).toEqual(['200', '200', '403', '200', '403', '403', '403', '403']);
      expect((await send(read, bearer(token))).json()).toMatchObject({ active: true });
    });

    it('one entry beyond the scope undoes a transaction', async () => {
      const token = await world.token({ username: 'alice', scope: 'user/Patient.crus' }, bearerPath);
      const answer = await send(
        bundle(
          'transaction',
          entry('PUT', 'Patient/made-in-vain', {}, { ...someone, id: 'made-in-vain' }),
          entry('DELETE', 'Patient/p1'),
        ),
        bearer(token),
      );
      expect(answer.statusCode).toBe(403);
      expect((await send({ ...read, path: 'Patient/made-in-vain' }, bearer(token))).statusCode).toBe(404);
    });

    it('a conditional reference needs the right to search its type', async () => {
      const observation = {
        ...{ resourceType: 'Observation', status: 'final', code: { text: 'x' } },
        subject: { reference: 'Patient?identifier=urn:s|1' },
      };
      const sent = bundle('transaction', entry('POST', 'Observation', {}, observation));
      const without = await world.token({ username: 'alice', scope: 'user/Observation.c' }, bearerPath);
      expect((await send(sent, bearer(without))).statusCode).toBe(403);
      const granted = await world.token(
        { username: 'alice', scope: 'user/Observation.c user/Patient.s' },
        bearerPath,
      );
      expect((await send(sent, bearer(granted))).statusCode).toBe(200);
    });

    it.each(['patient/*.cruds', 'openid'])('with %s no entry gets through', async (scope) => {
      const token = await world.token({ username: 'alice', scope }, bearerPath);
      const answer = await send(
        bundle('batch', entry('GET', 'Patient/p1'), entry('POST', 'Patient', {}, someone)),
        bearer(token),
      );
      expect(statuses(answer)).toEqual(['403', '403']);
    });

    it('a refused entry, and a refused operation, are explained like a refused request', async () => {
      const token = await world.token({ username: 'alice', scope: 'user/Patient.rs' }, bearerPath);
      const batch = await send(
        bundle('batch', entry('POST', 'Patient', {}, someone), entry('DELETE', 'Observation/x')),
        bearer(token),
      );
      expect(statuses(batch)).toEqual(['403', '403']);
      const [create, removal] = batch
        .json()
        .entry.map(
          ({ response }: { response: { outcome: { issue: { diagnostics: string }[] } } }) =>
            /explain (\w+)/.exec(response.outcome.issue[0]?.diagnostics ?? '')?.[1],
        );
      const refusals = world.get(RefusalsService);
      expect(create).not.toBe(removal);
      expect(await refusals.find(create)).toMatchObject({
        check: 'scope',
        status: 'forbidden',
        method: 'POST',
        path: bearerPath,
        subject: 'alice',
        expected: expect.stringContaining('create on Patient'),
        actual: expect.stringContaining('user/Patient.rs'),
      });
      const explained = await refusals.find(removal);
      expect(explained?.expected).toContain('delete on Observation');
      expect(explained?.trail.map(({ check, result }) => [check, result]).slice(-2)).toEqual([
        ['same-user', 'not-applicable'],
        ['scope', 'failed'],
      ]);
      const whole = await send(bundle('transaction', entry('POST', 'Patient', {}, someone)), bearer(token));
      expect((await world.explain(whole)).expected).toContain('create on Patient');
      const operation = await send(
        { method: 'POST', path: 'Patient/$validate', body: someone },
        bearer(token),
      );
      expect(operation.statusCode).toBe(403);
      expect((await world.explain(operation)).expected).toContain('create on Patient');
    });

    it('the role patient gets nothing of others, whatever the scope', async () => {
      const token = await world.token({ username: 'dora', scope: 'user/*.cruds' }, bearerPath);
      const answer = await send(
        bundle('batch', entry('GET', 'Patient/p1'), entry('GET', 'Patient')),
        bearer(token),
      );
      expect(statuses(answer)).toEqual(['404', '200']);
      expect(answer.json().entry[1].resource).toMatchObject({ total: 0 });
    });

    it('an open door still asks for nothing', async () => {
      const answer = await send(bundle('batch', entry('GET', 'Patient/p1')), {}, openPath);
      expect(statuses(answer)).toEqual(['200']);
    });
  });
});
