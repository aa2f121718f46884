import { ClientsService } from '../../../src/clients/index.js';
import { PasswordHasher } from '../../../src/users/passwords/password-hasher.js';
import { databases } from '../../kit/databases.js';
import type { HttpAnswer } from '../../kit/http.js';
import { adminPath, basic, basicPath, bothPath, loader, World } from './application.js';

describe.each(databases)('guessing of passwords by HTTP on $name', ({ create }) => {
  let world: World;
  beforeEach(() => {
    // Waits don't end while the test goes on, however long it takes.
    const now = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => now);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await world.close();
  });

  interface Guess {
    readonly name: string;
    readonly password?: string;
    readonly from: string;
    readonly forwarded?: string;
    readonly url?: string;
  }

  const guess = ({ name, password, from, forwarded, url }: Guess): Promise<HttpAnswer> =>
    world.call({
      url: url ?? `${basicPath}/Patient`,
      remoteAddress: from,
      headers: {
        ...basic(name, password),
        ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }),
      },
    });

  async function guessMany(count: number, of: (number: number) => Guess): Promise<number[]> {
    const statuses: number[] = [];
    for (let number = 0; number < count; number++) statuses.push((await guess(of(number))).statusCode);
    return statuses;
  }

  it('is backed off per account, by every door, and does not lock the owner out', async () => {
    world = await World.start(await create());
    const owner = { name: 'alice', from: '203.0.113.5' };
    expect((await guess(owner)).statusCode).toBe(200);
    const statuses = await guessMany(14, (number) => ({
      ...{ name: 'alice', password: `guess ${number}`, from: `192.0.2.${number}` },
      ...(number % 2 === 0 ? {} : { url: `${adminPath}/users` }),
    }));
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401));
    expect(statuses.slice(10)).toContain(429);
    const answer = await guess({ name: 'alice', password: 'one more', from: '198.51.100.9' });
    expect(answer.statusCode).toBe(429);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(answer.headers['www-authenticate']).toBeUndefined();
    expect(answer.json()).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ code: 'throttled', details: { coding: [{ code: 'ACCESS_TOO_MANY_ATTEMPTS' }] } }],
    });
    expect(await world.explain(answer)).toMatchObject({ check: 'basic-password', address: '198.51.100.9' });
    const right = await guess({ name: 'alice', from: '198.51.100.9' });
    expect(right.statusCode).toBe(429);
    expect((await guess(owner)).statusCode).toBe(200);
    expect((await guess({ name: 'bob', from: '198.51.100.9' })).statusCode).toBe(200);
  });

  it('is backed off per address, for names that do not exist too', async () => {
    world = await World.start(await create());
    const statuses = await guessMany(24, (number) => ({
      ...{ name: `nobody-${number}`, password: 'x', from: '192.0.2.1' },
    }));
    expect(statuses.slice(0, 20)).toEqual(Array(20).fill(401));
    expect(statuses.slice(20)).toContain(429);
    expect((await guess({ name: 'bob', from: '192.0.2.2' })).statusCode).toBe(200);
  });

  it('tells nobody by the back-off whether there is such an account', async () => {
    world = await World.start(await create());
    const series = (name: string, network: string) =>
      guessMany(12, (number) => ({ name, password: `guess ${number}`, from: `${network}.${number}` }));
    expect(await series('nobody', '10.0.1')).toEqual(await series('alice', '10.0.2'));
  });

  it('does not get another address by X-Forwarded-For of its own', async () => {
    world = await World.start(await create());
    const statuses = await guessMany(24, (number) => ({
      ...{ name: `nobody-${number}`, password: 'x', from: '192.0.2.1', forwarded: `10.9.9.${number}` },
    }));
    expect(statuses).toContain(429);
    const answer = await guess({ name: 'x', password: 'x', from: '192.0.2.1', forwarded: '10.9.9.99' });
    expect(await world.explain(answer)).toMatchObject({ address: '192.0.2.1' });
  });

  it('goes by the address that a trusted proxy reports, and by no entry that the client wrote', async () => {
    world = await World.start(await create(), { trustProxy: ['192.0.2.0/24'] });
    const statuses = await guessMany(24, (number) => ({
      ...{ name: `nobody-${number}`, password: 'x', from: '192.0.2.1' },
      forwarded: `10.9.9.${number}, 198.51.100.7`,
    }));
    expect(statuses).toContain(429);
    const same = await guess({ name: 'x', password: 'x', from: '192.0.2.1', forwarded: '198.51.100.7' });
    expect(await world.explain(same)).toMatchObject({ address: '198.51.100.7' });
    const other = { name: 'bob', from: '192.0.2.1', forwarded: '198.51.100.8' };
    expect((await guess(other)).statusCode).toBe(200);
    const direct = await guess({ name: 'x', password: 'x', from: '203.0.113.9', forwarded: '10.1.1.1' });
    expect(await world.explain(direct)).toMatchObject({ address: '203.0.113.9' });
  });

  it('is bounded in number at once: what is beyond is answered with 429 and not queued for ever', async () => {
    world = await World.start(await create());
    const hasher = world.get(PasswordHasher);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const occupy = (work: () => Promise<void>): Promise<void> =>
      Reflect.apply(Reflect.get(hasher, 'inTurn') as (of: typeof work) => Promise<void>, hasher, [work]);
    const taken: Promise<void>[] = [];
    while (!hasher.isFull) taken.push(occupy(() => held));
    const turnedAway = await guess({ name: 'nobody', password: 'x', from: '10.2.0.1' });
    release();
    await Promise.all(taken);
    expect(turnedAway.statusCode).toBe(429);
    expect(turnedAway.headers['retry-after']).toBe('1');
    const answers = await Promise.all(
      Array.from({ length: 400 }, (_, number) =>
        guess({ name: `nobody-${number}`, password: 'x', from: `10.3.${number >> 8}.${number & 255}` }),
      ),
    );
    for (const { statusCode } of answers) expect([401, 429]).toContain(statusCode);
    expect((await guess({ name: 'bob', from: '203.0.113.7' })).statusCode).toBe(200);
  });

  it('costs no hash where the token is missing', async () => {
    world = await World.start(await create());
    const statuses = await guessMany(40, (number) => ({
      ...{ name: 'alice', password: `guess ${number}`, from: '192.0.2.1', url: `${bothPath}/Patient` },
    }));
    expect(new Set(statuses)).toEqual(new Set([401]));
    expect((await guess({ name: 'alice', from: '192.0.2.1' })).statusCode).toBe(200);
  });

  it('costs one hash whether there is such a user or not', async () => {
    world = await World.start(await create());
    const verify = jest.spyOn(world.get(PasswordHasher), 'verify');
    for (const [number, name] of ['alice', 'nobody', 'no such name', 'carla'].entries()) {
      for (const url of [`${basicPath}/Patient`, `${adminPath}/users`]) {
        verify.mockClear();
        const answer = await guess({ name, password: `guess at ${url}`, from: `192.0.2.${number}`, url });
        expect([answer.statusCode, verify.mock.calls.length]).toEqual([401, 1]);
      }
    }
  });

  it('of the secret of a client, where a person chose it, is backed off, and its owner elsewhere gets in', async () => {
    world = await World.start(await create());
    const clientSecret = 'chosen by a person';
    await world.get(ClientsService).create({ ...loader, clientId: 'chosen', clientSecret });
    const ask = (secret: string, remoteAddress: string) =>
      world.call({
        ...{ method: 'POST', url: '/oauth2/token', remoteAddress, payload: 'grant_type=client_credentials' },
        headers: {
          ...basic('chosen', secret),
          'content-type': 'application/x-www-form-urlencoded',
        },
      });
    expect((await ask(encodeURIComponent(clientSecret), '203.0.113.9')).statusCode).toBe(200);
    const statuses: number[] = [];
    for (let number = 0; number < 12; number++) {
      statuses.push((await ask(`guess-${number}`, '192.0.2.1')).statusCode);
    }
    expect(new Set(statuses.slice(0, 8))).toEqual(new Set([401]));
    const late = await ask(encodeURIComponent(clientSecret), '192.0.2.1');
    expect([late.statusCode, Number(late.headers['retry-after']) > 0]).toEqual([429, true]);
    expect((await ask(encodeURIComponent(clientSecret), '203.0.113.9')).statusCode).toBe(200);
  });
});
