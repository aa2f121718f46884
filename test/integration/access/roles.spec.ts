import { Database } from '../../../src/platform/database/index.js';
import {
  RoleCatalog,
  RoleEntity,
  RolesService,
  UsersService,
  type RoleRule,
} from '../../../src/users/index.js';
import { databases } from '../../kit/databases.js';
import type { HttpAnswer } from '../../kit/http.js';
import type { TestResource } from './approved.js';
import { adminPath, basic, basicPath, bearer, bearerPath, World } from './application.js';
import { until } from '../../kit/until.js';

const json = 'application/fhir+json';
const observation = (patient: string, code = 'laboratory') => ({
  ...{ resourceType: 'Observation', status: 'final', subject: { reference: `Patient/${patient}` } },
  code: { text: 'x' },
  category: [{ coding: [{ code }] }],
});

describe.each(databases)('defined roles on $name', ({ create }) => {
  let world: World;
  let database: string;
  let loader: string;
  let count = 0;

  beforeAll(async () => {
    database = await create();
    world = await World.start(database);
    loader = await world.token({ clientId: 'loader' }, bearerPath);
    for (const [id, gender] of [
      ['mine', 'female'],
      ['theirs', 'male'],
    ] as const) {
      await put({ resourceType: 'Patient', id, gender, name: [{ family: `Family${id}` }] });
      await put({ ...observation(id), id: `o-${id}` });
    }
    await put({
      ...{ resourceType: 'CareTeam', id: 'team', subject: { reference: 'Patient/mine' } },
      participant: [{ member: { reference: 'Practitioner/nora' } }],
    });
    await put({
      ...{ resourceType: 'Encounter', id: 'visit', status: 'in-progress', class: { code: 'AMB' } },
      subject: { reference: 'Patient/theirs' },
      participant: [{ individual: { reference: 'Practitioner/eve' } }],
    });
  });
  afterAll(() => world.close());

  const send = (
    method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    credentials: Readonly<Record<string, string>>,
    body?: object,
    endpoint = bearerPath,
  ): Promise<HttpAnswer> =>
    world.call({
      method,
      url: `${endpoint}/${url}`,
      headers: {
        ...credentials,
        'content-type': method === 'PATCH' ? 'application/json-patch+json' : json,
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });

  async function put(resource: TestResource): Promise<void> {
    const url = `${resource.resourceType}/${resource.id}`;
    const { statusCode, body } = await send('PUT', url, bearer(loader), resource);
    expect([statusCode < 300, body]).toEqual([true, expect.any(String)]);
  }

  /** A user with a role of these rules, and a token for everything. */
  async function userWith(
    rules: readonly RoleRule[],
    fhirUser: string | null = 'Practitioner/nora',
    scope = 'user/*.cruds',
  ): Promise<{ name: string; role: string; credentials: Record<string, string> }> {
    count += 1;
    const [name, role] = [`user${count}`, `role-${count}`];
    await world.get(RolesService).create({ name: role, rules });
    await world
      .get(UsersService)
      .create({ username: name, password: 'a long passphrase', roles: [role], fhirUser });
    return { name, role, credentials: bearer(await world.token({ username: name, scope }, bearerPath)) };
  }

  async function found(credentials: Readonly<Record<string, string>>, query: string): Promise<string[]> {
    const answer = await send('GET', query, credentials);
    if (answer.statusCode === 403) return [];
    expect(answer.statusCode).toBe(200);
    const { entry = [] } = answer.json<{ entry?: { resource: { id: string } }[] }>();
    return entry.map(({ resource }) => resource.id).sort();
  }

  /** As another process does it, or one of another version. */
  async function overwrite(role: string, rules: string): Promise<void> {
    await world
      .get(Database)
      .write((manager) =>
        manager.update(RoleEntity, { name: role }, { rules, version: () => 'version + 1' }),
      );
  }

  const ofOwnPatients: RoleRule = { types: ['*'], interactions: 'cruds', ownPatients: ['careteam'] };

  describe('own patients', () => {
    it('are those whose care team, or encounter, has the user as participant', async () => {
      const both: RoleRule = { ...ofOwnPatients, ownPatients: ['careteam', 'encounter'] };
      const nora = await userWith([ofOwnPatients]);
      const eve = await userWith([both], 'Practitioner/eve');
      const byTeam = await userWith([ofOwnPatients], 'Practitioner/eve');
      expect(await found(nora.credentials, 'Patient')).toEqual(['mine']);
      expect(await found(eve.credentials, 'Patient')).toEqual(['theirs']);
      expect(await found(byTeam.credentials, 'Patient')).toEqual([]);
      expect(await found(nora.credentials, 'Observation?_total=accurate')).toEqual(['o-mine']);
      expect((await send('GET', 'Observation/o-theirs', nora.credentials)).statusCode).toBe(404);
      expect((await send('GET', 'Observation/o-mine/_history/1', nora.credentials)).statusCode).toBe(200);
    });

    it('are nobody for a user without a link, with one to another server or with one to nobody', async () => {
      for (const link of [null, 'https://other.example.org/fhir/Practitioner/nora', 'Practitioner/nor']) {
        const { credentials } = await userWith([ofOwnPatients], link);
        expect(await found(credentials, 'Patient')).toEqual([]);
        expect((await send('GET', 'Patient/mine', credentials)).statusCode).toBeGreaterThanOrEqual(403);
      }
    });

    it('change with their care team, for tokens that are out', async () => {
      const { credentials } = await userWith([ofOwnPatients], 'Practitioner/later');
      expect(await found(credentials, 'Patient')).toEqual([]);
      const team = {
        ...{ resourceType: 'CareTeam', id: 'later', subject: { reference: 'Patient/theirs' } },
        participant: [{ member: { reference: 'Practitioner/later' } }],
      };
      await put(team);
      expect(await found(credentials, 'Patient')).toEqual(['theirs']);
      expect((await send('POST', 'Observation', credentials, observation('theirs'))).statusCode).toBe(201);
      await put({ ...team, participant: [{ member: { reference: 'Practitioner/nora2' } }] });
      expect(await found(credentials, 'Patient')).toEqual([]);
      expect((await send('POST', 'Observation', credentials, observation('theirs'))).statusCode).toBe(403);
    });

    it('are written to, and nothing is moved out of reach or into it', async () => {
      const { credentials } = await userWith([ofOwnPatients]);
      const created = await send('POST', 'Observation', credentials, observation('mine'));
      expect(created.statusCode).toBe(201);
      const { id } = created.json<{ id: string }>();
      const url = `Observation/${id}`;
      const move = [{ op: 'replace', path: '/subject/reference', value: 'Patient/theirs' }];
      const statuses = [
        await send('POST', 'Observation', credentials, observation('theirs')),
        await send('PUT', url, credentials, { ...observation('theirs'), id }),
        await send('PATCH', url, credentials, move),
        await send('PUT', 'Observation/o-theirs', credentials, { ...observation('mine'), id: 'o-theirs' }),
        await send('DELETE', 'Observation/o-theirs', credentials),
        await send('PUT', url, credentials, { ...observation('mine'), id, status: 'amended' }),
      ].map(({ statusCode }) => statusCode);
      // A deletion of what is not there, as it seems, has nothing to do.
      expect(statuses).toEqual([403, 403, 403, 404, 204, 200]);
      for (const taken of ['o-theirs', 'not-taken']) {
        const refused = await send('PUT', `Observation/${taken}`, credentials, {
          ...observation('mine'),
          id: taken,
        });
        expect([refused.statusCode, refused.body]).toEqual([
          404,
          expect.stringContaining(
            `Observation/${taken} is not known. What was granted holds a part of Observation only`,
          ),
        ]);
      }
      expect((await send('GET', 'Observation/o-theirs', bearer(loader))).json()).toMatchObject({
        subject: { reference: 'Patient/theirs' },
      });
      const bundle = {
        ...{ resourceType: 'Bundle', type: 'transaction' },
        entry: ['mine', 'theirs'].map((patient) => ({
          resource: observation(patient, 'bundled'),
          request: { method: 'POST', url: 'Observation' },
        })),
      };
      expect((await send('POST', '', credentials, bundle)).statusCode).toBe(403);
      expect(await found(bearer(loader), 'Observation?category=bundled')).toEqual([]);
      bundle.entry.pop();
      expect((await send('POST', '', credentials, bundle)).statusCode).toBe(200);
      expect((await send('DELETE', url, credentials)).statusCode).toBeLessThan(300);
    });
  });

  it('a scope does not look through what the role hides', async () => {
    const rules: RoleRule[] = [{ types: ['Observation'], interactions: 'rs' }];
    for (const criteria of ['subject:Patient.name=Familymine', 'subject:Patient.gender=male']) {
      const { credentials } = await userWith(rules, null, `user/Observation.rs?${criteria}`);
      expect(await found(credentials, 'Observation')).toEqual([]);
      expect((await send('GET', 'Observation/o-mine', credentials)).statusCode).toBe(404);
    }
    const open = await userWith(rules, null, 'user/Observation.rs');
    const all = await found(open.credentials, 'Observation');
    expect(all).toEqual(expect.arrayContaining(['o-mine', 'o-theirs']));
    expect(await found(open.credentials, 'Observation?subject:Patient.name=Familymine')).toEqual([]);
    expect(await found(open.credentials, 'Observation?_include=Observation:subject')).toEqual(all);
  });

  it('criteria of a role may look through what it hides', async () => {
    const { credentials } = await userWith([
      {
        types: ['Observation'],
        interactions: 'rs',
        criteria: 'subject:Patient.gender=male&_id=o-mine,o-theirs',
      },
    ]);
    expect(await found(credentials, 'Observation')).toEqual(['o-theirs']);
    expect(await found(credentials, 'Patient')).toEqual([]);
  });

  it('compartments of the own resource', async () => {
    const rule: RoleRule = { types: ['*'], interactions: 'rs', compartment: 'Practitioner' };
    const nora = await userWith([rule]);
    expect(await found(nora.credentials, 'CareTeam')).toEqual(['team']);
    expect(await found(nora.credentials, 'Encounter')).toEqual([]);
    const patient = await userWith([rule], 'Patient/mine');
    expect(await found(patient.credentials, 'Observation')).toEqual([]);
  });

  it('never reach AuditEvents by a star, and grant what their letters say alone', async () => {
    const { credentials } = await userWith([{ types: ['*'], interactions: 'r' }], null, 'user/*.cruds');
    expect((await send('GET', 'AuditEvent', credentials)).statusCode).toBe(403);
    expect((await send('GET', 'Patient/mine', credentials)).statusCode).toBe(200);
    expect((await send('GET', 'Patient', credentials)).statusCode).toBe(403);
    expect((await send('POST', 'Patient', credentials, { resourceType: 'Patient' })).statusCode).toBe(403);
    const answer = await world.call({ url: `${adminPath}/users`, headers: credentials });
    expect(answer.statusCode).toBe(401);
  });

  it('hold for Basic, and permit nothing once they are changed or deleted', async () => {
    const { name, role, credentials } = await userWith([{ types: ['Patient'], interactions: 'rs' }]);
    const password = basic(name, 'a long passphrase');
    const status = async () => [
      (await send('GET', 'Patient/mine', credentials)).statusCode,
      (await send('GET', 'Patient/mine', password, undefined, basicPath)).statusCode,
    ];
    expect(await status()).toEqual([200, 200]);
    await world.get(RolesService).update(role, { rules: [{ types: ['Patient'], interactions: 's' }] });
    expect(await status()).toEqual([403, 403]);
    await world.get(RolesService).update(role, { rules: [{ types: ['Patient'], interactions: 'r' }] });
    expect(await status()).toEqual([200, 200]);
    await world.get(RolesService).remove(role);
    expect(await status()).toEqual([403, 403]);
    expect(await world.get(UsersService).get(name)).toMatchObject({ roles: [], version: 2 });
  });

  it('that are deleted are taken from who has them, and from nobody else anything', async () => {
    const users = world.get(UsersService);
    const { name, role } = await userWith([{ types: ['Patient'], interactions: 'rs' }]);
    for (const other of [`${role}-more`, `x-${role}`]) await world.get(RolesService).create({ name: other });
    const lists = [
      ['practitioner', role, `${role}-more`],
      [role, `x-${role}`],
      [`x-${role}`, role],
      ['patient'],
    ];
    for (const [n, roles] of lists.entries()) {
      await users.create({ username: `${name}-${n}`, password: 'a long passphrase', roles });
    }
    expect((await users.findByUsername(`${name}-0`))?.roles).toEqual(lists[0]);
    await world.get(RolesService).remove(role);
    for (const [n, roles] of lists.entries()) {
      const left = roles.filter((one) => one !== role);
      expect((await users.findByUsername(`${name}-${n}`))?.roles).toEqual(left);
      expect((await users.get(`${name}-${n}`)).version).toBe(left.length === roles.length ? 1 : 2);
    }
    await world.get(RolesService).create({ name: role, rules: [{ types: ['*'], interactions: 'cruds' }] });
    expect((await users.findByUsername(name))?.roles).toEqual([]);
  });

  it('that another process changed hold here within seconds, and rules that can’t be read permit nothing', async () => {
    const { role, credentials } = await userWith([{ types: ['Patient'], interactions: 'rs' }]);
    const status = async () => (await send('GET', 'Patient/mine', credentials)).statusCode;
    expect(await status()).toBe(200);
    await overwrite(role, '[]');
    await until('the rules that another process wrote', async () => (await status()) !== 200);
    expect(await status()).toBe(403);
    for (const rules of [
      '[{"types":["Patient"],"interactions":"rs","until":"2020"}]',
      '{',
      '[null]',
      '"*"',
    ]) {
      await overwrite(role, rules);
      await world.get(RoleCatalog).refresh();
      expect([rules, await status()]).toEqual([rules, 403]);
    }
    await overwrite(
      role,
      '[{"types":["Patient"],"interactions":"rs","criteria":"gone=1"},{"types":["Observation"],"interactions":"rs"}]',
    );
    await world.get(RoleCatalog).refresh();
    expect(await status()).toBe(404);
    expect(await found(credentials, 'Observation')).not.toEqual([]);
  });

  describe('in the management API', () => {
    const headers = { ...basic('carla'), 'content-type': 'application/json' };
    const api = (
      method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
      path: string,
      body?: object,
      more: Readonly<Record<string, string>> = {},
    ): Promise<HttpAnswer> =>
      world.call({
        ...{ method, url: `${adminPath}/roles${path}`, headers: { ...headers, ...more } },
        ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
      });
    const rules = [
      { types: ['Patient'], interactions: 'rs', criteria: 'gender=female' },
      {
        types: ['CareTeam'],
        interactions: 'crus',
        ownPatients: ['careteam'],
        namesOthers: true,
        assigns: true,
      },
    ];

    it('are made, read, listed page by page, changed and deleted with If-Match', async () => {
      const made = await api('POST', '', { name: 'a-first', rules });
      expect([made.statusCode, made.headers.location]).toEqual([
        201,
        world.base(`${adminPath}/roles/a-first`),
      ]);
      expect(made.json()).toMatchObject({ name: 'a-first', description: '', rules, version: 1 });
      expect((await api('POST', '', { name: 'a-first', rules })).json()).toMatchObject({
        code: 'ROLES_NAME_TAKEN',
      });
      await api('POST', '', { name: 'a-second' });
      const page = (await api('GET', '?limit=1')).json<{ items: { name: string }[]; next: string }>();
      expect(page).toMatchObject({ items: [{ name: 'a-first' }], next: 'a-first' });
      expect((await api('GET', '?limit=1&after=a-first')).json()).toMatchObject({
        items: [{ name: 'a-second', rules: [] }],
      });
      expect((await api('PATCH', '/a-first', { description: 'x' })).statusCode).toBe(428);
      const stale = await api('PATCH', '/a-first', { description: 'x' }, { 'if-match': 'W/"7"' });
      expect(stale.json()).toMatchObject({ status: 412, code: 'ROLES_VERSION_MISMATCH' });
      const etag = String((await api('GET', '/a-first')).headers.etag);
      const changed = await api('PATCH', '/a-first', { description: 'x' }, { 'if-match': etag });
      expect(changed.json()).toMatchObject({ description: 'x', rules, version: 2 });
      expect((await api('DELETE', '/a-first', undefined, { 'if-match': etag })).statusCode).toBe(412);
      expect((await api('DELETE', '/a-first', undefined, { 'if-match': '*' })).statusCode).toBe(204);
      expect((await api('GET', '/a-first')).json()).toMatchObject({ code: 'ROLES_NOT_FOUND' });
    });

    const rule = rules[0];
    it.each<[object, string]>([
      [{ name: 'admin' }, 'name'],
      [{ name: 'practitioner', rules }, 'name'],
      [{ name: 'service' }, 'name'],
      [{ name: 'Admin' }, 'name'],
      [{ name: 'x", "admin' }, 'name'],
      [{ name: 'x', rules: [{}] }, 'name'],
      [{ name: 'xx', rules: [{ ...rule, types: [] }] }, 'rules[0].types'],
      [{ name: 'xx', rules: [{ ...rule, types: ['Person', 'Patients'] }] }, 'rules[0].types[1]'],
      [{ name: 'xx', rules: [{ ...rule, types: '*' }] }, 'rules[0].types'],
      [{ name: 'xx', rules: [{ ...rule, interactions: '' }] }, 'rules[0].interactions'],
      [{ name: 'xx', rules: [{ ...rule, interactions: 'sr' }] }, 'rules[0].interactions'],
      [{ name: 'xx', rules: [rule, { ...rule, criteria: 'gendr=female' }] }, 'rules[1].criteria'],
      [{ name: 'xx', rules: [{ ...rule, criteria: '' }] }, 'rules[0].criteria'],
      [{ name: 'xx', rules: [{ ...rule, criteria: '_count=1' }] }, 'rules[0].criteria'],
      [{ name: 'xx', rules: [{ ...rule, criteria: 'gender:in=http://x' }] }, 'rules[0].criteria'],
      [{ name: 'xx', rules: [{ ...rule, types: ['*'], criteria: 'gendr=x' }] }, 'rules[0].criteria'],
      [{ name: 'xx', rules: [{ ...rule, compartment: 'Device' }] }, 'rules[0].compartment'],
      [{ name: 'xx', rules: [{ ...rule, ownPatients: [] }] }, 'rules[0].ownPatients'],
      [{ name: 'xx', rules: [{ ...rule, ownPatients: ['team'] }] }, 'rules[0].ownPatients'],
      [{ name: 'xx', rules: [{ ...rule, effect: 'deny' }] }, 'rules[0].effect'],
      [{ name: 'xx', rules: [{ ...rule, assigns: true }] }, 'rules[0].assigns'],
      [
        { name: 'xx', rules: [{ types: ['CareTeam'], interactions: 'rs', assigns: true }] },
        'rules[0].assigns',
      ],
      [{ name: 'xx', rules: [{ types: ['*'], interactions: 'c', assigns: 'yes' }] }, 'rules[0].assigns'],
      [{ name: 'xx', rules: [{ ...rule, namesOthers: true }] }, 'rules[0].namesOthers'],
      [
        {
          name: 'xx',
          rules: [{ types: ['*'], interactions: 'c', compartment: 'Practitioner', namesOthers: true }],
        },
        'rules[0].namesOthers',
      ],
      [
        {
          name: 'xx',
          rules: [{ types: ['*'], interactions: 'c', ownPatients: ['careteam'], namesOthers: false }],
        },
        'rules[0].namesOthers',
      ],
    ])('%j is refused at %s', async (role, field) => {
      const answer = await api('POST', '', role);
      expect(answer.json()).toMatchObject({ status: 422, code: 'ROLES_INVALID' });
      expect(answer.body).toContain(field);
      expect((await api('GET', '/xx')).statusCode).toBe(404);
    });

    it('are given to users where they are defined, and otherwise not', async () => {
      await world.get(RolesService).create({ name: 'z-given', rules });
      const users = world.get(UsersService);
      const input = { username: 'gina', password: 'a long passphrase' };
      await expect(users.create({ ...input, roles: ['z-unknown'] })).rejects.toMatchObject({
        code: 'USERS_INVALID',
      });
      expect(await users.create({ ...input, roles: ['z-given', 'auditor'] })).toMatchObject({
        roles: ['z-given', 'auditor'],
      });
      await expect(users.update('gina', { roles: ['z-given', 'z-unknown'] })).rejects.toMatchObject({
        code: 'USERS_INVALID',
      });
    });
  });
});
