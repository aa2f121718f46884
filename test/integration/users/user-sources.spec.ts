import { Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserSources, UserSourcesModule, type SourceUser, type UserSource } from '../../../src/index.js';
import { createApplication } from '../../../src/application/create-application.js';
import { ClientsService } from '../../../src/clients/index.js';
import { Settings } from '../../../src/platform/config/index.js';
import { Database } from '../../../src/platform/database/index.js';
import { Logger } from '../../../src/platform/logging/index.js';
import { PasswordAuthentication, RolesService, UsersService } from '../../../src/users/index.js';
import { databases } from '../../kit/databases.js';

const here = { address: '192.0.2.1' };
const away = expect.objectContaining({ status: 503, code: 'USERS_SOURCE_UNAVAILABLE' });

@Module({ imports: [UserSourcesModule] })
class SourcesModule {}

/** Users in memory, by the source's side of the port. */
class FakeSource implements UserSource {
  readonly timeout = 1;
  readonly maximumAge = 1;
  readonly users = new Map<string, SourceUser & { readonly password: string }>();
  readonly asked: string[] = [];
  /** What happens instead of an answer. */
  failure: ((signal: AbortSignal) => Promise<never>) | undefined;

  constructor(readonly name: string) {}

  has(username: string, more: Partial<SourceUser> = {}): void {
    const user = { id: `${this.name}-${username}`, username, roles: [], ...more };
    this.users.set(username, { ...user, password: `${username} of ${this.name}` });
  }

  async authenticate(username: string, password: string, signal: AbortSignal): Promise<SourceUser | null> {
    this.asked.push(`password of ${username}`);
    if (this.failure !== undefined) return this.failure(signal);
    const user = this.users.get(username);
    return user?.password === password ? user : null;
  }

  async find(username: string, signal: AbortSignal): Promise<SourceUser | null> {
    this.asked.push(username);
    if (this.failure !== undefined) return this.failure(signal);
    return this.users.get(username) ?? null;
  }
}

describe.each(databases)('sources of users on $name', (database) => {
  let app: NestFastifyApplication;
  let users: UsersService;
  let authentication: PasswordAuthentication;
  let sources: UserSources;
  const first = new FakeSource('first');
  const second = new FakeSource('second');
  const log: string[] = [];

  beforeAll(async () => {
    const settings = Settings.of({
      databaseUrl: await database.create(),
      secretKey: Buffer.alloc(32, 1).toString('base64'),
    });
    const logger = Logger.of(settings, { write: (line) => void log.push(line) });
    app = await createApplication(settings, logger, [SourcesModule]);
    users = app.get(UsersService, { strict: false });
    authentication = app.get(PasswordAuthentication, { strict: false });
    sources = app.get(UserSources, { strict: false });
    sources.add(first);
    sources.add(second);
    await users.create({ username: 'admin', password: 'correct horse', roles: ['admin'] });
  });
  afterAll(() => app.close());
  afterEach(() => {
    for (const source of [first, second]) {
      source.failure = undefined;
      source.asked.length = 0;
    }
  });

  const verify = (username: string, password: string, address = here.address) =>
    authentication.verify(username, password, { address });
  const untilAskedAgain = (): Promise<void> => sleep(1_050);

  it('have a name, and bounds that make sense', () => {
    for (const wrong of [
      { name: 'first' },
      { name: 'Upper' },
      { name: 'slow', timeout: 61 },
      { name: 'old', maximumAge: 3_601 },
      { name: 'nan', maximumAge: NaN },
    ]) {
      expect(() => sources.add(Object.assign(new FakeSource(wrong.name), wrong))).toThrow(
        expect.objectContaining({ code: 'EXTENSION_USER_SOURCE_INVALID' }),
      );
    }
  });

  it('are asked in their order, each for passwords of its own users only', async () => {
    first.has('olga');
    second.has('olga');
    second.has('pia', { roles: ['practitioner'], fhirUser: 'Practitioner/pia' });
    expect(await verify('olga', 'olga of second')).toMatchObject({ ok: false });
    expect(second.asked).toEqual([]);
    expect(await verify('olga', 'olga of first')).toMatchObject({ ok: true, user: { source: 'first' } });
    expect(await verify('pia', 'pia of second')).toMatchObject({
      ok: true,
      user: { source: 'second', roles: ['practitioner'], fhirUser: 'Practitioner/pia' },
    });
    expect(first.asked.filter((asked) => asked.includes('pia'))).toEqual(['pia']);
    // Later, the first has one of this name, too.
    first.has('pia', { roles: ['admin'] });
    await untilAskedAgain();
    expect(await verify('pia', 'pia of first')).toMatchObject({ ok: false, reason: 'wrong-password' });
    expect(await verify('pia', 'pia of second')).toMatchObject({ ok: true, user: { source: 'second' } });
  });

  it('are not asked for names that are or were of this server', async () => {
    await users.create({ username: 'local', password: 'of this server' });
    await users.create({ username: 'former', password: 'of this server' });
    await users.remove('former');
    await app.get(ClientsService, { strict: false }).create({
      ...{ clientId: 'an-app', clientName: 'An app', tokenEndpointAuthMethod: 'none' },
      redirectUris: ['https://app.example.org/callback'],
    });
    for (const name of ['local', 'former', 'an-app']) {
      first.has(name, { roles: ['admin'] });
      expect(await verify(name, `${name} of first`)).toMatchObject({ ok: false });
    }
    expect(first.asked).toEqual([]);
    expect(await verify('local', 'of this server')).toMatchObject({ ok: true, user: { source: null } });
  });

  it('give the roles that there are; others are logged and grant nothing, also when they are made later', async () => {
    first.has('quinn', { roles: ['practitioner', 'ward-nurse', 'practitioner'], fhirUser: 'no reference' });
    expect(await verify('quinn', 'quinn of first')).toMatchObject({
      ok: true,
      user: { roles: ['practitioner'], fhirUser: null },
    });
    expect(log.filter((line) => line.includes('ward-nurse'))).toHaveLength(1);
    expect(log.filter((line) => line.includes('no reference'))).toHaveLength(1);
    await app.get(RolesService, { strict: false }).create({ name: 'ward-nurse' });
    expect(await users.findByUsername('quinn')).toMatchObject({ roles: ['practitioner'] });
    await untilAskedAgain();
    expect(await users.findByUsername('quinn')).toMatchObject({ roles: ['practitioner', 'ward-nurse'] });
    await app.get(RolesService, { strict: false }).remove('ward-nurse');
    expect(await users.findByUsername('quinn')).toMatchObject({ roles: ['practitioner'] });
  });

  it('are asked once in a while, and what they say then holds', async () => {
    first.has('rosa', { roles: ['practitioner'] });
    await verify('rosa', 'rosa of first');
    const { version } = await users.get('rosa');
    first.asked.length = 0;
    await Promise.all(Array.from({ length: 20 }, () => users.findByUsername('rosa')));
    expect(first.asked).toEqual([]);
    await untilAskedAgain();
    await Promise.all(Array.from({ length: 20 }, () => users.findByUsername('rosa')));
    expect(first.asked).toEqual(['rosa']);
    expect(await users.get('rosa')).toMatchObject({ version });
    first.has('rosa', { enabled: false });
    await untilAskedAgain();
    expect(await users.findByUsername('rosa')).toMatchObject({ enabled: false, roles: [] });
    expect(await verify('rosa', 'rosa of first')).toMatchObject({ ok: false, reason: 'disabled' });
    // Here nobody has disabled it.
    expect(await users.get('rosa')).toMatchObject({
      enabled: true,
      sourceActive: false,
      version: version + 1,
    });
    first.has('rosa', { roles: ['auditor'] });
    await untilAskedAgain();
    expect(await users.findByUsername('rosa')).toMatchObject({ enabled: true, roles: ['auditor'] });
    first.has('rosa', { id: 'somebody else', roles: ['admin'] });
    expect(await verify('rosa', 'rosa of first', '192.0.2.9')).toMatchObject({ ok: false });
    expect(await users.get('rosa')).toMatchObject({ roles: [], sourceActive: false, sourceId: 'first-rosa' });
  });

  it('have so much time and no more', async () => {
    first.has('sven');
    await verify('sven', 'sven of first');
    await untilAskedAgain();
    let aborted = 0;
    first.failure = (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          aborted += 1;
          reject(new Error('ended'));
        });
      });
    // It would never answer.
    await expect(verify('sven', 'sven of first')).rejects.toEqual(away);
    await expect(users.findByUsername('sven')).rejects.toEqual(away);
    expect(aborted).toBe(2);
    const many = await Promise.allSettled(
      Array.from({ length: 60 }, (_, index) => verify(`name${index}`, 'password', `10.0.${index}.1`)),
    );
    expect(many.every(({ status }) => status === 'rejected')).toBe(true);
    expect(first.asked.filter((asked) => asked.startsWith('name'))).toHaveLength(32);
    first.failure = undefined;
    expect(await users.findByUsername('sven')).toMatchObject({ enabled: true });
  });

  it('that are away are no wrong password and no guess, and what they complain about keeps passwords', async () => {
    second.has('tara');
    await verify('tara', 'tara of second');
    await untilAskedAgain();
    log.length = 0;
    second.failure = () => Promise.reject(new Error('can not bind with "open sesame, please"'));
    for (let time = 0; time < 30; time += 1) {
      await expect(verify('tara', 'open sesame, please')).rejects.toEqual(away);
    }
    expect(log.join('')).toContain('can not bind with');
    expect(log.join('')).not.toContain('sesame');
    second.failure = undefined;
    expect(await verify('tara', 'tara of second')).toMatchObject({ ok: true });
    const rows = await app
      .get(Database)
      .query('SELECT COUNT(*) AS found FROM user_credential WHERE username = ?', ['tara']);
    expect(Number(rows[0]?.found)).toBe(0);
  });

  it('that answer nonsense let nobody in', async () => {
    for (const answer of [{}, 'tara', { id: '', username: 'uwe', roles: [] }, { id: '1', username: 'uwe' }]) {
      first.has('uwe');
      first.users.set('uwe', answer as never);
      await expect(verify('uwe', 'x')).rejects.toEqual(away);
    }
    first.users.delete('uwe');
  });

  it('have guesses slowed down as those at accounts of this server', async () => {
    first.has('vera');
    const reasons: string[] = [];
    for (let guess = 0; guess < 12; guess += 1) {
      const answer = await verify('vera', `guess ${guess}`, `10.1.${guess}.1`);
      reasons.push(answer.ok ? 'ok' : answer.reason);
    }
    expect(reasons.slice(10)).toEqual(['throttled', 'throttled']);
    expect(first.asked.filter((asked) => asked === 'password of vera')).toHaveLength(10);
    expect(await verify('vera', 'vera of first', '10.2.0.1')).toMatchObject({ reason: 'throttled' });
  });

  it('take as long to turn away whoever it is', async () => {
    for (const name of ['admin', 'olga', 'nobody-at-all']) {
      const began = Date.now();
      expect(await verify(name, 'not the password', '10.3.0.1')).toMatchObject({ ok: false });
      expect(Date.now() - began).toBeGreaterThanOrEqual(290);
    }
  });

  it('leave the server an administrator of its own', async () => {
    first.has('wanda', { roles: ['admin'] });
    expect(await verify('wanda', 'wanda of first')).toMatchObject({ ok: true, user: { roles: ['admin'] } });
    await expect(users.disable('admin')).rejects.toMatchObject({ code: 'USERS_LAST_ADMINISTRATOR' });
    await users.disable('wanda');
    expect(await verify('wanda', 'wanda of first')).toMatchObject({ ok: false, reason: 'disabled' });
    await users.remove('wanda');
    expect(await verify('wanda', 'wanda of first')).toMatchObject({ ok: false });
    await expect(users.get('wanda')).rejects.toMatchObject({ code: 'USERS_NOT_FOUND' });
  });

  it('are missed where a process has none of the name', async () => {
    await app
      .get(Database)
      .write((manager) => manager.query("UPDATE user_account SET source = 'gone' WHERE username = 'olga'"));
    await sleep(2_100);
    await expect(users.findByUsername('olga')).rejects.toEqual(away);
    await expect(verify('olga', 'olga of first')).rejects.toEqual(away);
  });

  it('give roles to users of this server, too, and take them again', async () => {
    let given: readonly string[] = ['auditor', 'unheard-of'];
    let fails = false;
    sources.addRoles({
      ...{ name: 'rosters', maximumAge: 1 },
      rolesOf: (username) =>
        fails ? Promise.reject(new Error('no')) : Promise.resolve(username === 'local' ? given : []),
    });
    expect(await users.findByUsername('local')).toMatchObject({ roles: ['auditor'] });
    expect(await users.get('local')).toMatchObject({ roles: [] });
    expect(await verify('local', 'of this server')).toMatchObject({ ok: true, user: { roles: ['auditor'] } });
    expect(await users.findByUsername('admin')).toMatchObject({ roles: ['admin'] });
    given = [];
    expect(await users.findByUsername('local')).toMatchObject({ roles: ['auditor'] });
    await untilAskedAgain();
    expect(await users.findByUsername('local')).toMatchObject({ roles: [] });
    fails = true;
    await untilAskedAgain();
    await expect(users.findByUsername('local')).rejects.toEqual(away);
    await expect(verify('local', 'of this server')).rejects.toEqual(away);
  });
});
