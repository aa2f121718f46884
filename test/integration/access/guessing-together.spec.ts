import type { HttpAnswer } from '../../kit/http.js';
import { databases } from '../../kit/databases.js';
import { UsersService } from '../../../src/users/index.js';
import { Database } from '../../../src/platform/database/index.js';
import { AttemptPurgeJob } from '../../../src/platform/throttling/index.js';
import { SharedGuesses } from '../../../src/users/authentication/shared-guesses.js';
import { basic, basicPath, passwords, World } from './application.js';
import { until } from '../../kit/until.js';

/** Two processes on one database allow what one does. */
describe.each(databases)('guessing at two processes on $name', ({ create }) => {
  let worlds: [World, World];
  let network = 0;
  const password = 'a passphrase of somebody';

  beforeAll(async () => {
    const url = await create();
    const settings = { registration: 'open' as const, logLevel: 'silent' as const };
    const first = await World.start(url, settings);
    worlds = [first, await World.start(url, settings, false)];
    // However slow the database is, it is waited for.
    for (const world of worlds) Object.assign(world.get(SharedGuesses), { patience: 120_000 });
  });
  beforeEach(async () => {
    network += 1;
    // Waits don't end while the test goes on, however long it takes.
    const now = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => now);
    await worlds[0].get(Database).transaction((session) => session.execute('DELETE FROM attempt_count', []));
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(async () => {
    for (const world of worlds) await world.close();
  });

  /** An account of a test of its own. */
  const person = async (): Promise<string> => {
    const username = `person-${network}`;
    await worlds[0].get(UsersService).create({ username, password, roles: ['practitioner'] });
    return username;
  };
  /** In a network of each test. */
  const address = (host: number): string => `10.${network}.0.${host}`;
  const guess = (at: number, name: string, secret: string, host: number): Promise<HttpAnswer> =>
    worlds[at % 2]!.call({
      url: `${basicPath}/Patient`,
      remoteAddress: address(host),
      headers: basic(name, secret),
    });
  /** What a right password leaves behind is written when it was answered. */
  const settled = async (): Promise<void> => {
    let before = '';
    await until('what is counted to stay as it is', async () => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const now = JSON.stringify(await rows());
      const isSame = now === before && now.includes('trust ');
      before = now;
      return isSame;
    });
  };
  const rows = (): Promise<{ name: string; attempts: number; expires_at: number }[]> =>
    worlds[0].get(Database).query('SELECT name, attempts, expires_at FROM attempt_count ORDER BY name');

  it('is backed off per account, whichever process is asked', async () => {
    const name = await person();
    const statuses: number[] = [];
    for (let n = 0; n < 12; n++) statuses.push((await guess(n, name, `guess ${n}`, n)).statusCode);
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401));
    expect(statuses.slice(10)).toEqual([429, 429]);
    const answer = await guess(0, name, password, 99);
    expect(answer.statusCode).toBe(429);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect((await guess(1, 'bob', passwords.bob, 99)).statusCode).toBe(200);
  });

  it('is backed off per address, for names that do not exist too', async () => {
    const name = await person();
    const statuses: number[] = [];
    for (let n = 0; n < 22; n++) statuses.push((await guess(n, `nobody-${n}`, 'x', 1)).statusCode);
    expect(statuses.slice(0, 20)).toEqual(Array(20).fill(401));
    expect(statuses.slice(20)).toEqual([429, 429]);
    expect((await guess(0, name, password, 1)).statusCode).toBe(429);
    expect((await guess(1, name, password, 2)).statusCode).toBe(200);
  });

  it('is counted before it is made: many at once are no way round', async () => {
    const name = await person();
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_none, n) => guess(n, name, `guess ${n}`, n)),
    );
    const wrong = answers.filter(({ statusCode }) => statusCode === 401).length;
    expect(wrong).toBe(10);
    expect(answers.filter(({ statusCode }) => statusCode === 429)).toHaveLength(40 - wrong);
  });

  it('does not lock the owner out, whichever process let them in', async () => {
    const name = await person();
    expect((await guess(0, name, password, 5)).statusCode).toBe(200);
    await settled();
    for (let n = 10; n < 24; n++) await guess(1, name, `guess ${n}`, n);
    expect((await guess(1, name, password, 99)).statusCode).toBe(429);
    expect((await guess(1, name, password, 5)).statusCode).toBe(200);
    // Guesses from where the owner is are counted apart, and together.
    const statuses: number[] = [];
    for (let n = 0; n < 12; n++) statuses.push((await guess(n, name, `mistyped ${n}`, 5)).statusCode);
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429]);
  });

  it('is no longer told from that of a stranger when there is a new password', async () => {
    const name = await person();
    const guesses = worlds[1].get(SharedGuesses);
    const from = (generation: number) => ({ subject: name, address: address(5), generation });
    expect((await guess(0, name, password, 5)).statusCode).toBe(200);
    await settled();
    expect(await guesses.isTrusted(from(1))).toBe(true);
    expect(await guesses.isTrusted({ ...from(1), address: address(6) })).toBe(false);
    expect(await guesses.isTrusted({ ...from(1), subject: 'bob' })).toBe(false);
    expect(await guesses.isTrusted(from(2))).toBe(false);
  });

  it('gives right passwords back, and writes nothing where they are known', async () => {
    const name = await person();
    for (let n = 0; n < 12; n++) expect((await guess(n, name, password, 5)).statusCode).toBe(200);
    await until('right passwords to be given back', async () => {
      const counted = (await rows()).filter((row) => row.name.startsWith('guess '));
      return counted.length === 2 && counted.every(({ attempts }) => attempts === 0);
    });
    await settled();
    const before = await rows();
    const counted = before.filter((row) => row.name.startsWith('guess '));
    expect(counted.map(({ attempts }) => attempts)).toEqual([0, 0]);
    for (let n = 0; n < 6; n++) await guess(n, name, password, 5);
    await settled();
    expect(await rows()).toEqual(before);
  });

  it('keeps no name, address or password, and no row for longer than it counts', async () => {
    const name = await person();
    await guess(0, name, 'guessed-wrongly', 77);
    await guess(1, name, password, 78);
    await settled();
    const kept = JSON.stringify(await rows());
    for (const text of [name, address(77), 'guessed']) expect(kept).not.toContain(text);
    const names = (await rows()).map((row) => row.name);
    expect(names.filter((one) => /^guess (address|subject) [0-9a-f]{5}$/.test(one))).toHaveLength(3);
    expect(names.filter((one) => /^trust [0-9a-f]{64}$/.test(one))).toHaveLength(1);
    const job = worlds[0].get(AttemptPurgeJob);
    expect(await job.run()).toBe(0);
    expect(await job.run(Date.now() + 2 * 3600_000)).toBe(3);
    expect(await job.run(Date.now() + 25 * 3600_000)).toBe(1);
    expect(await rows()).toEqual([]);
  });

  it('of clients that register themselves, twenty come from an address in ten minutes', async () => {
    const register = (at: number, host: number): Promise<HttpAnswer> =>
      worlds[at % 2]!.call({
        ...{ method: 'POST', url: '/oauth2/register', remoteAddress: address(host) },
        headers: { 'content-type': 'application/json' },
        payload: JSON.stringify({ redirect_uris: ['https://app.example.com/cb'], client_name: 'App' }),
      });
    const statuses: number[] = [];
    for (let n = 0; n < 22; n++) statuses.push((await register(n, 1)).statusCode);
    expect(statuses).toEqual([...Array<number>(20).fill(201), 429, 429]);
    expect(Number((await register(0, 1)).headers['retry-after'])).toBeGreaterThan(500);
    expect((await register(1, 2)).statusCode).toBe(201);
    // The window ends ten minutes after its first one.
    await worlds[0]
      .get(Database)
      .transaction((session) =>
        session.execute("UPDATE attempt_count SET expires_at = ? WHERE name LIKE 'registration %'", [
          Date.now(),
        ]),
      );
    expect((await register(0, 1)).statusCode).toBe(201);
  });

  it('is counted by each process alone where the database can’t count', async () => {
    const name = await person();
    const database = worlds[0].get(Database);
    const rename = (from: string, to: string): Promise<unknown> =>
      database.transaction((session) => session.execute(`ALTER TABLE ${from} RENAME TO ${to}`, []));
    await rename('attempt_count', 'attempt_count_away');
    const statuses: number[] = [];
    for (let n = 0; n < 12; n++) statuses.push((await guess(0, name, `guess ${n}`, n)).statusCode);
    const right = await guess(1, name, password, 99);
    await rename('attempt_count_away', 'attempt_count');
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401));
    expect(statuses.slice(10)).toContain(429);
    expect(right.statusCode).toBe(200);
  });
});
