import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApplication } from '../../../src/application/create-application.js';
import { Settings } from '../../../src/platform/config/index.js';
import { Database } from '../../../src/platform/database/index.js';
import { ClientsService } from '../../../src/clients/index.js';
import { FirstAdministrator, PasswordAuthentication, UsersService } from '../../../src/users/index.js';
import { databases } from '../../kit/databases.js';

const here = { address: '192.0.2.1' };

describe.each(databases)('users on $name', ({ create }) => {
  let app: NestFastifyApplication;
  let users: UsersService;
  let authentication: PasswordAuthentication;

  beforeAll(async () => {
    const secretKey = Buffer.alloc(32, 1).toString('base64');
    app = await createApplication(
      Settings.of({ databaseUrl: await create(), secretKey, logLevel: 'silent' }),
    );
    users = app.get(UsersService, { strict: false });
    authentication = app.get(PasswordAuthentication, { strict: false });
  });
  afterAll(() => app.close());

  test('the first start creates an administrator with a generated password, once', async () => {
    const first = app.get(FirstAdministrator, { strict: false });
    const made = await first.ensureAdministrator();
    expect(made?.username).toBe('admin');
    expect(await authentication.verify('admin', made?.generatedPassword ?? '', here)).toMatchObject({
      ok: true,
      user: { roles: ['admin', 'practitioner'] },
    });
    expect(await first.ensureAdministrator()).toBeUndefined();
  });

  test('a user is created, found and listed without any trace of the password', async () => {
    const user = await users.create({
      username: 'alice',
      password: 'correct horse: staple',
      roles: ['practitioner'],
      fhirUser: 'Practitioner/alice',
    });
    expect(user).toMatchObject({
      username: 'alice',
      enabled: true,
      version: 1,
      fhirUser: 'Practitioner/alice',
    });
    expect(await users.findByUsername('alice')).toEqual(user);
    const listed = await users.list();
    expect(listed.map(({ username }) => username)).toEqual(['admin', 'alice']);
    expect(JSON.stringify(listed)).not.toMatch(/argon2|password/i);
    expect(await authentication.verify('alice', 'correct horse: staple', here)).toEqual({ ok: true, user });
  });

  test('usernames are case-sensitive', async () => {
    await users.create({ username: 'Alice', password: 'another password' });
    expect(await authentication.verify('Alice', 'correct horse: staple', here)).toMatchObject({
      ok: false,
      reason: 'wrong-password',
      username: 'Alice',
      mark: null,
    });
    expect(await users.findByUsername('ALICE')).toBeUndefined();
    expect(await users.findByUsername('alice ')).toBeUndefined();
    await expect(users.get('alice ')).rejects.toMatchObject({ code: 'USERS_NOT_FOUND' });
    await expect(users.disable('alice ')).rejects.toMatchObject({ code: 'USERS_NOT_FOUND' });
  });

  test('a name is given out once, to a user or a client, also after its owner is gone', async () => {
    const clients = app.get(ClientsService, { strict: false });
    await expect(users.create({ username: 'alice', password: 'a password' })).rejects.toMatchObject({
      code: 'NAME_TAKEN',
      category: 'conflict',
    });
    await users.create({ username: 'gone', password: 'a password' });
    await users.remove('gone');
    await expect(users.create({ username: 'gone', password: 'a password' })).rejects.toMatchObject({
      code: 'NAME_TAKEN',
    });
    const machine = { grantTypes: ['client_credentials' as const] };
    for (const clientId of ['gone', 'alice']) {
      await expect(clients.create({ ...machine, clientId })).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    }
    await clients.create({ ...machine, clientId: 'loader' });
    await expect(users.create({ username: 'loader', password: 'a password' })).rejects.toMatchObject({
      code: 'NAME_TAKEN',
    });
    expect(await users.findByUsername('loader')).toBeUndefined();
  });

  test('two creations of the same name at once leave one user', async () => {
    const attempts = await Promise.allSettled(
      Array.from({ length: 8 }, () => users.create({ username: 'racer', password: 'a password' })),
    );
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(
      attempts.flatMap((attempt) =>
        attempt.status === 'rejected' ? [(attempt.reason as { code: string }).code] : [],
      ),
    ).toEqual(Array.from({ length: 7 }, () => 'NAME_TAKEN'));
  });

  test('a change by a version that is gone is refused, and of two at once one wins', async () => {
    const user = await users.create({ username: 'bob', password: 'a password' });
    const changes = await Promise.allSettled([
      users.update('bob', { fhirUser: 'Patient/1' }, user.version),
      users.update('bob', { fhirUser: 'Patient/2' }, user.version),
    ]);
    expect(changes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(users.update('bob', { roles: [] }, 1)).rejects.toMatchObject({
      code: 'USERS_VERSION_MISMATCH',
      category: 'precondition-failed',
    });
    expect((await users.get('bob')).version).toBe(2);
  });

  test('a new password ends the old one at once', async () => {
    expect(await authentication.verify('bob', 'a password', here)).toMatchObject({ ok: true });
    await users.setPassword('bob', 'a newer password');
    expect(await authentication.verify('bob', 'a password', here)).toMatchObject({
      reason: 'wrong-password',
    });
    expect(await authentication.verify('bob', 'a newer password', here)).toMatchObject({ ok: true });
  });

  test('a disabled user is turned away at once, with the right password', async () => {
    await users.disable('bob');
    expect(await authentication.verify('bob', 'a newer password', here)).toMatchObject({
      ok: false,
      reason: 'disabled',
      username: 'bob',
      mark: null,
    });
    expect(await authentication.verify('bob', 'not the password', here)).toMatchObject({
      reason: 'wrong-password',
    });
  });

  test('the last administrator can neither be disabled, nor lose the role, nor be removed', async () => {
    const refused = { code: 'USERS_LAST_ADMINISTRATOR', category: 'conflict' };
    await expect(users.disable('admin')).rejects.toMatchObject(refused);
    await expect(users.update('admin', { roles: ['practitioner'] })).rejects.toMatchObject(refused);
    await expect(users.remove('admin')).rejects.toMatchObject(refused);
    await users.create({ username: 'second', password: 'a password', roles: ['admin'] });
    const outcomes = await Promise.allSettled([users.disable('admin'), users.disable('second')]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const administrators = (await users.list()).filter(
      (user) => user.enabled && user.roles.includes('admin'),
    );
    expect(administrators).toHaveLength(1);
  });

  test('no password is stored in clear', async () => {
    const rows = await app.get(Database, { strict: false }).query('SELECT * FROM user_credential');
    for (const { password_hash: hash } of rows) {
      expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    }
  });
});
