import { UsersService } from '../../../src/users/index.js';
import { AuditRetentionJob } from '../../../src/audit/index.js';
import { StoreCheck } from '../../../src/fhir/index.js';
import { databases } from '../../kit/databases.js';
import type { HttpAnswer } from '../../kit/http.js';
import { basic, bearer, bearerPath, basicPath, World } from '../access/application.js';
import { auditorPassword, eventsOf, type AuditEvent } from './audit-events.js';

const json = 'application/fhir+json';
const profiles = 'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.';

interface Resource {
  readonly resourceType: string;
  readonly [element: string]: unknown;
}

describe.each(databases)('the record of writes, on $name', ({ create }) => {
  let world: World;
  let token: string;

  beforeAll(async () => {
    world = await World.start(await create(), { logLevel: 'silent', audit: ['writes'] });
    await world
      .get(UsersService)
      .create({ username: 'audrey', password: auditorPassword, roles: ['auditor'] });
    token = await world.token({ username: 'alice', scope: 'user/*.cruds' }, bearerPath);
  });
  afterAll(() => world.close());

  const send = (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH',
    url: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<HttpAnswer> =>
    world.call({
      ...{ method, url: /^\w/.test(url) ? `${bearerPath}/${url}` : bearerPath + url },
      headers: { ...(body === undefined ? {} : { 'content-type': json }), ...headers, ...bearer(token) },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });

  const created = async (body: Resource): Promise<string> => {
    const answer = await send('POST', body.resourceType, body);
    expect(answer.statusCode).toBe(201);
    return `${body.resourceType}/${answer.json<{ id: string }>().id}`;
  };

  const findings = async (): Promise<unknown[]> => {
    const found: unknown[] = [];
    await world.get(StoreCheck).run({ finding: (finding) => void found.push(finding) });
    return found;
  };

  const only = async (query: string): Promise<AuditEvent> => {
    const events = await eventsOf(world, query);
    expect(events).toHaveLength(1);
    const [event] = events;
    if (event === undefined) throw new Error(query);
    return event;
  };

  it('has who wrote which version, from where, through which door, for which patient', async () => {
    const patient = await created({ resourceType: 'Patient' });
    const observation = await created({
      ...{ resourceType: 'Observation', status: 'final', code: { text: 'x' } },
      subject: { reference: patient },
    });
    const event = await only(`entity=${observation}`);
    expect(event).toMatchObject({
      meta: {
        profile: [`${profiles}PatientCreate`],
        tag: [{ system: 'urn:firekeep:audit', code: 'recorded' }],
      },
      type: { code: 'rest' },
      subtype: [{ system: 'http://hl7.org/fhir/restful-interaction', code: 'create' }],
      action: 'C',
      outcome: '0',
      agent: [
        {
          type: { coding: [{ code: '110153' }] },
          who: { identifier: { system: world.base('/oauth2'), value: 'firekeep-cli' } },
          network: { address: '127.0.0.1', type: '2' },
          requestor: false,
        },
        { type: { coding: [{ code: '110152' }] }, network: { address: world.base(bearerPath), type: '5' } },
        {
          type: { coding: [{ code: 'AUT' }] },
          who: { reference: 'Practitioner/alice', identifier: { value: 'alice' } },
          name: 'alice',
          requestor: true,
        },
      ],
      entity: [
        { what: { reference: `${observation}/_history/1` }, type: { code: '2' }, role: { code: '4' } },
        { what: { reference: patient }, type: { code: '1' }, role: { code: '1' } },
      ],
    });
    expect(await eventsOf(world, `patient=${patient}`)).toHaveLength(2);
    expect(await eventsOf(world, `agent-name=alice&action=C&entity=${patient}`)).not.toHaveLength(0);
  });

  it('is one for each write that changes something, and none for one that fails', async () => {
    const patient = await created({ resourceType: 'Patient' });
    const body = { resourceType: 'Patient', id: patient.slice(8), gender: 'male' };
    await send('PUT', patient, body, { 'x-request-id': 'trace-12345' });
    await send('PUT', patient, body);
    expect((await send('PUT', patient, body, { 'if-match': 'W/"7"' })).statusCode).toBe(412);
    await send('DELETE', patient);
    await send('DELETE', patient);
    const events = await eventsOf(world, `entity=${patient}&_sort=_lastUpdated`);
    expect(events.map(({ action }) => action)).toEqual(['C', 'U', 'D']);
    expect(events.map(({ meta }) => meta.profile)).toEqual(
      ['PatientCreate', 'PatientUpdate', 'PatientDelete'].map((name) => [profiles + name]),
    );
    expect(events[1]?.entity.at(-1)).toMatchObject({
      what: { identifier: { value: 'trace-12345' } },
      type: { code: 'XrequestId' },
    });
    expect(events[2]?.agent[1]).toMatchObject({ type: { coding: [{ code: 'custodian' }] } });
  });

  it('of a transaction is one for each patient, with the resources', async () => {
    const entry = (fullUrl: string, resource: Resource): object => ({
      ...{ fullUrl, resource },
      request: { method: 'POST', url: resource.resourceType },
    });
    const observation = (subject: string, n: number): object =>
      entry(`urn:uuid:00000000-0000-4000-8000-${String(n).padStart(12, '0')}`, {
        ...{ resourceType: 'Observation', status: 'final', code: { text: `${n}` } },
        subject: { reference: subject },
      });
    const [a, b] = [
      'urn:uuid:00000000-0000-4000-8000-00000000000a',
      'urn:uuid:00000000-0000-4000-8000-00000000000b',
    ];
    const answer = await send('POST', '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        entry(a, { resourceType: 'Patient' }),
        entry(b, { resourceType: 'Patient' }),
        entry('urn:uuid:00000000-0000-4000-8000-00000000000c', { resourceType: 'Organization', name: 'o' }),
        ...Array.from({ length: 120 }, (_, n) => observation(a, n)),
      ],
    });
    expect(answer.statusCode).toBe(200);
    const [first = '', second = '', third = ''] = answer
      .json<{ entry: { response: { location: string } }[] }>()
      .entry.map(({ response }) => response.location.replace(/^.*r4\//, '').replace(/\/_history.*/, ''));
    const ofFirst = await eventsOf(world, `patient=${first}`);
    expect(ofFirst.map(({ entity }) => entity.length - 1).sort()).toEqual([100, 21]);
    expect(JSON.stringify(ofFirst)).not.toContain(second);
    const ofThird = await only(`entity=${third}`);
    expect(ofThird).toMatchObject({
      subtype: [{ code: 'transaction' }, { code: 'create' }],
      action: 'C',
      entity: [{ what: { reference: `${third}/_history/1` }, lifecycle: { code: '1' } }],
    });
    expect(ofThird.entity).toHaveLength(1);
  });

  it('is committed with the write, or not at all', async () => {
    const url = await created({ resourceType: 'Patient' });
    const stays = (await send('GET', url)).json<{ id: string; meta: { lastUpdated: string } }>();
    expect((await only(`entity=${url}`)).meta.lastUpdated).toBe(stays.meta.lastUpdated);
    const before = await eventsOf(world, '_summary=count');
    const answer = await send('POST', '', {
      ...{ resourceType: 'Bundle', type: 'transaction' },
      entry: [
        { resource: { resourceType: 'Patient' }, request: { method: 'POST', url: 'Patient' } },
        { resource: { ...stays, gender: 'male' }, request: { method: 'PUT', url, ifMatch: 'W/"7"' } },
      ],
    });
    expect(answer.statusCode).toBe(412);
    expect(await eventsOf(world, '_summary=count')).toEqual(before);
  });

  it('agrees with its index', async () => {
    expect(await findings()).toEqual([]);
  });

  it('goes for good when its time is over, and nothing else does', async () => {
    const patient = await created({ resourceType: 'Patient' });
    const retention = world.get(AuditRetentionJob);
    expect(await retention.run()).toBe(0);
    expect(await eventsOf(world, `entity=${patient}`)).toHaveLength(1);
    expect(await retention.run(Date.now() + 3651 * 86_400_000)).toBeGreaterThan(5);
    expect(await eventsOf(world, '_summary=count')).toEqual([0]);
    expect((await send('GET', patient)).statusCode).toBe(200);
    expect(await findings()).toEqual([]);
  });

  it('does not keep what it names from being deleted', async () => {
    const strict = await World.start(await create(), { logLevel: 'silent', referentialIntegrity: true });
    try {
      const mine = await strict.token({ username: 'alice', scope: 'user/*.cruds' }, bearerPath);
      const call = (method: 'POST' | 'DELETE', url: string) =>
        strict.call({
          ...{ method, url: `${bearerPath}/${url}`, headers: { 'content-type': json, ...bearer(mine) } },
          ...(method === 'POST' ? { payload: '{"resourceType":"Patient"}' } : {}),
        });
      const { id } = (await call('POST', 'Patient')).json<{ id: string }>();
      expect((await call('DELETE', `Patient/${id}`)).statusCode).toBe(204);
    } finally {
      await strict.close();
    }
  });

  describe('is out of reach', () => {
    let event: AuditEvent;
    let patient: string;
    beforeAll(async () => {
      patient = await created({ resourceType: 'Patient' });
      event = await only(`entity=${patient}`);
    });

    it.each(['PUT', 'PATCH', 'DELETE'] as const)('of %s by anyone', async (method) => {
      const audit = basic('audrey', auditorPassword);
      for (const [path, headers] of [
        [basicPath, audit],
        [basicPath, basic('alice')],
        [bearerPath, bearer(token)],
        [bearerPath, bearer(await world.token({ clientId: 'loader' }, bearerPath))],
      ] as const) {
        const answer = await world.call({
          ...{ method, url: `${path}/AuditEvent/${event.id}` },
          headers: { 'content-type': method === 'PATCH' ? 'application/json-patch+json' : json, ...headers },
          ...(method === 'DELETE' ? {} : { payload: method === 'PATCH' ? '[]' : JSON.stringify(event) }),
        });
        expect(answer.statusCode).toBe(403);
      }
      for (const url of [`AuditEvent?_id=${event.id}`, `AuditEvent?date=gt2000`]) {
        expect((await send('DELETE', url)).statusCode).toBe(403);
      }
    });

    it('of $meta-add and $meta-delete', async () => {
      for (const operation of ['$meta-add', '$meta-delete']) {
        const body = {
          resourceType: 'Parameters',
          parameter: [
            { name: 'meta', valueMeta: { tag: [{ system: 'urn:firekeep:audit', code: 'recorded' }] } },
          ],
        };
        expect((await send('POST', `AuditEvent/${event.id}/${operation}`, body)).statusCode).toBe(403);
      }
    });

    it('of whoever is no auditor: reads, searches, histories, includes, chains and pages', async () => {
      const hidden = [
        `AuditEvent/${event.id}`,
        `AuditEvent/${event.id}/_history`,
        'AuditEvent',
        'AuditEvent/_history',
        `${patient}/AuditEvent`,
      ];
      for (const url of hidden) expect((await send('GET', url)).statusCode).toBe(403);
      for (const url of [
        `${patient}/*`,
        '/_history?_count=1000',
        'Patient?_revinclude=AuditEvent:entity',
        'Patient?_revinclude=*',
        'Patient/_history',
        'Patient?_has:AuditEvent:patient:action=C',
      ]) {
        const answer = await send('GET', url);
        expect([url, answer.statusCode]).toEqual([url, 200]);
        expect([url, answer.body.includes('"AuditEvent"')]).toEqual([url, false]);
      }
      expect((await send('GET', 'Patient?_has:AuditEvent:patient:action=C')).json()).toMatchObject({
        total: 0,
      });
    });

    it('of forgers: only this server sets its tag', async () => {
      const { id: _id, ...copy } = event;
      const forged = await send('POST', 'AuditEvent', copy);
      expect(forged.statusCode).toBe(403);
      expect(forged.body).toContain('FHIR_AUDIT_TAG_RESERVED');
      const bundle = {
        ...{ resourceType: 'Bundle', type: 'batch' },
        entry: [{ resource: copy, request: { method: 'POST', url: 'AuditEvent' } }],
      };
      expect((await send('POST', '', bundle)).json()).toMatchObject({
        entry: [{ response: { status: expect.stringMatching(/^403/) } }],
      });
      const own = await send('POST', 'AuditEvent', { ...copy, meta: { ...copy.meta, tag: [] } });
      expect(own.statusCode).toBe(422);
      const fed = await send('POST', 'AuditEvent', { ...copy, meta: { profile: copy.meta.profile } });
      expect(fed.statusCode).toBe(201);
      const { id } = fed.json<{ id: string }>();
      expect(await eventsOf(world, `_id=${id}&_tag:not=urn:firekeep:audit|recorded`)).toHaveLength(1);
      expect(await eventsOf(world, `entity=AuditEvent/${id}`)).toEqual([]);
      expect((await send('DELETE', `AuditEvent/${id}`)).statusCode).toBe(403);
    });
  });
});
