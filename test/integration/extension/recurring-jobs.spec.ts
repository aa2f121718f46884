import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { migrations } from '../../../migrations/index.js';
import { noExtensionSettings, Settings } from '../../../src/platform/config/index.js';
import { closeDatabase, openDatabase, type Database } from '../../../src/platform/database/index.js';
import {
  ExtensionDatabase,
  migrateExtensions,
  StartedExtensions,
  type ExtensionDefinition,
} from '../../../src/platform/extension/index.js';
import { Logger } from '../../../src/platform/logging/index.js';
import { JobLeases } from '../../../src/platform/schedule/job-leases.js';
import { RecurringJobs, type JobRound, type RecurringJob } from '../../../src/platform/schedule/index.js';
import { databases } from '../../kit/databases.js';
import { until } from '../../kit/until.js';

const clinic: ExtensionDefinition = {
  ...{ name: 'clinic', compatibility: '^0.1.0' },
  migrations: [
    {
      name: '1-done',
      up: (tables) =>
        tables.createTable('x_clinic_done', {
          columns: { id: { type: 'key' }, fence: { type: 'bigint' } },
        }),
    },
  ],
};
const started = StartedExtensions.of([clinic], '0.1.0', noExtensionSettings);

/** One of the processes that share the database, as far as jobs are concerned. */
interface Node {
  readonly database: Database;
  readonly jobs: RecurringJobs;
  readonly log: string[];
}

describe.each(databases)('recurring work on $name', ({ create }) => {
  let databaseUrl: string;
  const nodes: Node[] = [];

  beforeAll(async () => {
    databaseUrl = await create();
  });
  afterEach(async () => {
    for (const { jobs, database } of nodes.splice(0)) {
      await jobs.beforeApplicationShutdown();
      await closeDatabase(database);
    }
  });

  async function node(...added: RecurringJob[]): Promise<Node> {
    const database = await openDatabase(
      Settings.of({ databaseUrl, logLevel: 'silent' }),
      [],
      [...migrations],
      (source) => migrateExtensions(source, started.definitions),
    );
    const log: string[] = [];
    const logger = new Logger(pino({}, { write: (line: string) => void log.push(line) }));
    const jobs = new RecurringJobs(database, logger);
    for (const job of added) jobs.add(job);
    jobs.start();
    const made = { database, jobs, log };
    nodes.push(made);
    return made;
  }

  it('is done by one process at a time, again and again', async () => {
    const rounds: number[] = [];
    const byNode = [0, 0];
    let underWay = 0;
    let most = 0;
    const job = (index: number): RecurringJob => ({
      ...{ name: 'clinic.count', every: 1, lease: 10 },
      run: async ({ fence }) => {
        rounds.push(fence);
        byNode[index] = (byNode[index] ?? 0) + 1;
        most = Math.max(most, (underWay += 1));
        await sleep(300);
        underWay -= 1;
      },
    });
    const begin = Date.now();
    await Promise.all([node(job(0)), node(job(1))]);
    await until('the rounds of the job', () => rounds.length >= 4);
    const seconds = (Date.now() - begin) / 1_000;
    expect(most).toBe(1);
    expect(rounds).toEqual([...rounds].sort((one, other) => one - other));
    expect(new Set(rounds).size).toBe(rounds.length);
    expect(rounds.length).toBeLessThanOrEqual(seconds + 1);
  });

  it('that takes longer than its lease stays with the process that does it', async () => {
    const rounds: string[] = [];
    const job = (name: string): RecurringJob => ({
      ...{ name: 'clinic.long', every: 1, lease: 5 },
      run: async ({ signal }) => {
        rounds.push(name);
        await sleep(7_000);
        expect(signal.aborted).toBe(false);
        rounds.push(name);
      },
    });
    await Promise.all([node(job('one')), node(job('two'))]);
    await until('the rounds of the job', () => rounds.length >= 2);
    expect(new Set(rounds.slice(0, 2)).size).toBe(1);
  });

  it('is taken over from a process that died, when its lease is over', async () => {
    const dead = await node();
    const leases = new JobLeases(dead.database);
    await leases.ensure('clinic.taken-over');
    const taken = Date.now();
    expect(await leases.take('clinic.taken-over', 'dead', 3_600_000, 3_000)).toBe(1);
    const fences: number[] = [];
    await node({
      ...{ name: 'clinic.taken-over', every: 3_600, lease: 3 },
      run: ({ fence }) => Promise.resolve(void fences.push(fence)),
    });
    await until('the rounds of the job', () => fences.length > 0);
    expect(Date.now() - taken).toBeGreaterThan(2_500);
    expect(fences).toEqual([2]);
  });

  it('that comes back too late writes nothing any more', async () => {
    const { database } = await node();
    const tables = new ExtensionDatabase(database, started).of(clinic);
    const leases = new JobLeases(database);
    await leases.ensure('clinic.late');
    const round = (fence: number): JobRound => ({
      ...{ signal: new AbortController().signal, fence },
      hold: (session) => leases.hold(session, 'clinic.late', fence),
    });
    const write = (fence: number) =>
      tables.write((session) => session.execute('INSERT INTO x_clinic_done (fence) VALUES (?)', [fence]), {
        round: round(fence),
      });
    const first = (await leases.take('clinic.late', 'one', 0, 100)) ?? 0;
    await write(first);
    await sleep(200);
    const second = (await leases.take('clinic.late', 'two', 0, 600_000)) ?? 0;
    expect(second).toBeGreaterThan(first);
    await expect(write(first)).rejects.toMatchObject({ code: 'JOB_LEASE_LOST' });
    expect(await leases.renew('clinic.late', first, 3_000)).toBe(false);
    await leases.giveBack('clinic.late', first, true);
    await write(second);
    expect(await leases.take('clinic.late', 'three', 0, 3_000)).toBeUndefined();
    expect(await tables.query('SELECT fence FROM x_clinic_done ORDER BY id')).toEqual([
      ...[{ fence: first }, { fence: second }],
    ]);
  });

  it('is told when its lease is lost', async () => {
    let round: JobRound | undefined;
    const { database } = await node({
      ...{ name: 'clinic.lost', every: 3_600, lease: 3 },
      run: async (given) => {
        round = given;
        await new Promise((resolve) => given.signal.addEventListener('abort', resolve));
      },
    });
    await until('the rounds of the job', () => round !== undefined);
    await database.transaction((session) =>
      session.execute(
        "UPDATE recurring_job SET fence = fence + 1, holder = 'other' WHERE name = 'clinic.lost'",
      ),
    );
    await until('the rounds of the job', () => round?.signal.aborted === true);
    expect(round?.signal.reason).toMatchObject({ code: 'JOB_LEASE_LOST' });
  });

  it('is broken off when the server stops, and goes on elsewhere at once', async () => {
    const rounds: string[] = [];
    const job = (name: string): RecurringJob => ({
      ...{ name: 'clinic.handed-over', every: 3_600, lease: 600 },
      run: async ({ signal }) => {
        rounds.push(name);
        await new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason as Error)),
        );
      },
    });
    const one = await node(job('one'));
    await until('the rounds of the job', () => rounds.length === 1);
    await one.jobs.beforeApplicationShutdown();
    await node(job('two'));
    // Far within the ten minutes of the lease.
    await until('the rounds of the job', () => rounds.length === 2);
    expect(rounds).toEqual(['one', 'two']);
    expect(one.log.join('')).not.toContain('a recurring job failed');
  });

  it('that fails is logged and done again in its time', async () => {
    let rounds = 0;
    const { log } = await node({
      ...{ name: 'clinic.fails', every: 1, lease: 3 },
      run: () => Promise.reject(new Error(`round ${(rounds += 1)}`)),
    });
    await until('the rounds of the job', () => rounds >= 2 && log.length >= 2);
    expect(log.join('')).toMatch(/a recurring job failed/);
    expect(log.join('')).toMatch(/"job":"clinic.fails"/);
  });

  it('that was done is not done again before its time, however often servers start', async () => {
    let rounds = 0;
    const job: RecurringJob = {
      ...{ name: 'clinic.daily', every: 86_400 },
      run: () => Promise.resolve(void (rounds += 1)),
    };
    const one = await node(job);
    await until('the rounds of the job', () => rounds === 1);
    await sleep(200);
    await one.jobs.beforeApplicationShutdown();
    await node(job);
    await sleep(2_000);
    expect(rounds).toBe(1);
  });

  it('needs a name of its own, and times within bounds', async () => {
    const { jobs } = await node({ name: 'clinic.known', every: 60, run: () => Promise.resolve() });
    for (const wrong of [
      { name: 'clinic.known' },
      { name: 'known' },
      { name: 'Clinic.known' },
      { every: 0 },
      { lease: 1 },
      { every: NaN },
    ]) {
      expect(() =>
        jobs.add({ name: 'clinic.new', every: 60, run: () => Promise.resolve(), ...wrong }),
      ).toThrow(expect.objectContaining({ code: 'EXTENSION_JOB_INVALID' }));
    }
  });
});
