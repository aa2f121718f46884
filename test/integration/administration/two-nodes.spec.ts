import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ClientsService } from '../../../src/clients/index.js';
import { EndpointRegistry, EndpointsService } from '../../../src/endpoints/index.js';
import { PasswordAuthentication, UsersService } from '../../../src/users/index.js';
import { databases } from '../../kit/databases.js';
import { start } from './application.js';
import { until } from '../../kit/until.js';

const here = { address: '192.0.2.1' };

const soon = (holds: () => Promise<boolean> | boolean): Promise<void> =>
  until('what another node did', holds);

describe.each(databases)('two nodes on one $name', ({ create }) => {
  let one: NestFastifyApplication;
  let other: NestFastifyApplication;

  beforeAll(async () => {
    const url = await create();
    one = await start(url);
    other = await start(url);
  });
  afterAll(async () => {
    await one.close();
    await other.close();
  });

  test('a new password and a disabled account hold on the other node within five seconds', async () => {
    const users = one.get(UsersService, { strict: false });
    const there = other.get(PasswordAuthentication, { strict: false });
    await users.create({ username: 'alice', password: 'first password' });
    expect(await there.verify('alice', 'first password', here)).toMatchObject({ ok: true });
    await users.setPassword('alice', 'second password');
    await soon(async () => !(await there.verify('alice', 'first password', here)).ok);
    expect(await there.verify('alice', 'second password', here)).toMatchObject({ ok: true });
    await users.disable('alice');
    await soon(async () => !(await there.verify('alice', 'second password', here)).ok);
    expect((await other.get(UsersService, { strict: false }).findByUsername('alice'))?.enabled).toBe(false);
  });

  test('a rotated secret and a disabled client hold on the other node within five seconds', async () => {
    const clients = one.get(ClientsService, { strict: false });
    const there = other.get(ClientsService, { strict: false });
    const { secret = '' } = await clients.create({ clientId: 'loader', grantTypes: ['client_credentials'] });
    expect(await there.verifySecret('loader', secret)).toBe(true);
    const rotated = await clients.rotateSecret('loader');
    await soon(async () => !(await there.verifySecret('loader', secret)));
    expect(await there.verifySecret('loader', rotated)).toBe(true);
    await clients.update('loader', { enabled: false });
    await soon(async () => (await there.find('loader'))?.enabled === false);
    expect(await there.verifySecret('loader', rotated)).toBe(false);
  });

  test('a new endpoint answers on the other node within five seconds, and tells its listeners', async () => {
    const registry = other.get(EndpointRegistry, { strict: false });
    let told = false;
    registry.onChange(() => {
      told = true;
    });
    await one.get(EndpointsService, { strict: false }).create({ path: '/fhir/new', checkMode: 'bearer' });
    await soon(() => registry.match('/fhir/new/Patient') !== undefined);
    expect(told).toBe(true);
  });

  test('a name that one node gives out is taken on the other at once', async () => {
    await one.get(UsersService, { strict: false }).create({ username: 'bob', password: 'a password' });
    await expect(
      other
        .get(ClientsService, { strict: false })
        .create({ clientId: 'bob', grantTypes: ['client_credentials'] }),
    ).rejects.toMatchObject({ code: 'NAME_TAKEN' });
  });
});
