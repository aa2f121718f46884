import { UsersService } from '../../../src/users/index.js';
import { AuditQueue } from '../../../src/audit/queue/audit-queue.js';
import { databases } from '../../kit/databases.js';
import type { HttpAnswer } from '../../kit/http.js';
import { bearer, bearerPath, World } from '../access/application.js';
import { auditorPassword, eventsOf } from './audit-events.js';

const json = 'application/fhir+json';
const shown = { prefer: 'return=representation' };

const noTag = {
  resourceType: 'Parameters',
  parameter: [{ name: 'meta', valueMeta: { tag: [{ system: 'urn:t', code: 'none' }] } }],
};

type Headers = Readonly<Record<string, string>>;

describe.each(databases)('what writes show without having written it, on $name', ({ create }) => {
  let world: World;
  let token: string;
  let count = 0;

  beforeAll(async () => {
    world = await World.start(await create(), { logLevel: 'silent', audit: ['reads', 'writes'] });
    await world
      .get(UsersService)
      .create({ username: 'audrey', password: auditorPassword, roles: ['auditor'] });
    token = await world.token({ username: 'alice', scope: 'user/*.cruds' }, bearerPath);
  });
  afterAll(() => world.close());

  const send = (
    method: 'GET' | 'POST' | 'PUT' | 'PATCH',
    url: string,
    body?: object,
    headers: Headers = {},
  ): Promise<HttpAnswer> =>
    world.call({
      ...{ method, url: url === '' ? bearerPath : `${bearerPath}/${url}` },
      headers: { ...(body === undefined ? {} : { 'content-type': json }), ...headers, ...bearer(token) },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });

  /** A patient of its own, with nothing recorded but its creation. */
  const patient = async (): Promise<{ readonly id: string; readonly resource: object }> => {
    const id = `shown-${(count += 1)}`;
    const resource = { resourceType: 'Patient', id, identifier: [{ system: 'urn:shown', value: id }] };
    expect((await send('PUT', `Patient/${id}`, resource)).statusCode).toBe(201);
    return { id, resource };
  };
  const reads = async (id: string): Promise<number> => {
    await world.get(AuditQueue).flush();
    return (await eventsOf(world, `patient=Patient/${id}&subtype=read`)).length;
  };
  const unlessThere = (id: string): object => ({
    resource: { resourceType: 'Patient' },
    request: { method: 'POST', url: 'Patient', ifNoneExist: `identifier=urn:shown|${id}` },
  });

  const ways: readonly (readonly [string, (id: string, resource: object) => Promise<HttpAnswer>])[] = [
    ['an update that changes nothing', (id, resource) => send('PUT', `Patient/${id}`, resource)],
    [
      'a conditional update that changes nothing',
      (id, resource) => send('PUT', `Patient?identifier=urn:shown|${id}`, resource),
    ],
    [
      'a patch that changes nothing',
      (id) =>
        send('PATCH', `Patient/${id}`, [{ op: 'test', path: '/id', value: id }], {
          'content-type': 'application/json-patch+json',
        }),
    ],
    [
      'a conditional create that finds a match',
      (id) =>
        send(
          'POST',
          'Patient',
          { resourceType: 'Patient' },
          { 'if-none-exist': `identifier=urn:shown|${id}` },
        ),
    ],
    ...['batch', 'transaction'].map(
      (type) =>
        [
          `the same in a ${type}`,
          (id: string) => send('POST', '', { resourceType: 'Bundle', type, entry: [unlessThere(id)] }, shown),
        ] as const,
    ),
    ['$meta-delete without effect', (id) => send('POST', `Patient/${id}/$meta-delete`, noTag)],
    [
      'the same where writes show nothing',
      (id) => send('POST', `Patient/${id}/$meta-delete`, noTag, { prefer: 'return=minimal' }),
    ],
    [
      'the same in a batch',
      (id) =>
        send('POST', '', {
          resourceType: 'Bundle',
          type: 'batch',
          entry: [{ resource: noTag, request: { method: 'POST', url: `Patient/${id}/$meta-delete` } }],
        }),
    ],
  ];

  it.each(ways)('%s is recorded as a read', async (_name, ask) => {
    const { id, resource } = await patient();
    expect(await reads(id)).toBe(0);
    expect((await ask(id, resource)).statusCode).toBe(200);
    expect(await reads(id)).toBe(1);
  });

  it('an answer that is given again is recorded as a read', async () => {
    const body = { resourceType: 'Patient', identifier: [{ system: 'urn:again', value: 'one' }] };
    const ask = () => send('POST', 'Patient', body, { 'idempotency-key': `again-${bearerPath}` });
    const first = await ask();
    const { id } = first.json<{ id: string }>();
    expect(await reads(id)).toBe(0);
    const again = await ask();
    expect([again.statusCode, again.json<{ id: string }>().id]).toEqual([201, id]);
    expect(await reads(id)).toBe(1);
  });

  it('what shows no resource is no read', async () => {
    const { id, resource } = await patient();
    await send('PUT', `Patient/${id}`, resource, { prefer: 'return=minimal' });
    await send('PUT', `Patient/${id}`, resource, { prefer: 'return=OperationOutcome' });
    await send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry: [unlessThere(id)] });
    await send('PUT', `Patient/${id}`, { ...resource, active: true });
    expect(await reads(id)).toBe(0);
  });
});
