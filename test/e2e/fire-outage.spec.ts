import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import Sqlite from 'better-sqlite3';
import { mysql, sqlite } from '../kit/databases.js';
import { startServer, type ServerProcess } from '../kit/server-process.js';
import { TcpProxy } from '../kit/tcp-proxy.js';
import { expectClean, FhirClient, type Answer } from '../soak/fhir-client.js';
import { figure } from '../soak/figures.js';
import { expectNothingLost, Load } from '../soak/load.js';
import { MysqlProcess } from '../soak/mysql-process.js';
import { seeded, type Random } from '../soak/random.js';
import { scale } from '../soak/scale.js';

const WORKERS = 12;
/** How soon everything has to work again once the database is back. */
const RECOVERY_MS = 120_000;
/** How soon writes are refused once it is away: a full disk may have room for a few more. */
const REFUSAL_MS = 60_000;

/** Takes the database away and brings it back. */
interface Outage {
  begin(): Promise<void>;
  end(): Promise<void>;
}

let server: ServerProcess;
let client: FhirClient;
afterEach(async () => {
  await client?.close();
  await server?.stop();
}, scale.timeout);

/** Puts a server under load through some outages, and expects the right answers during and behind each. */
async function survives(what: string, outage: Outage, random: Random): Promise<void> {
  let refused = 0;
  let acknowledged = 0;
  let recovery = 0;
  const { pid } = server;
  for (let round = 0; round < scale.outages; round++) {
    const load = new Load(`outage-${round}`, new Set([503]));
    load.start(client, WORKERS, random.fork(round));
    try {
      await sleep(random.between(300, 1_000));
      await outage.begin();
      await expectRefusal(`during-${round}`);
      await sleep(random.between(500, 2_000));
      await outage.end();
      recovery = Math.max(recovery, await recovered(`recovered-${round}`));
      await sleep(300);
    } finally {
      await load.stop();
    }
    await expectNothingLost(load, client, server);
    refused += load.statuses.get(503) ?? 0;
    acknowledged += load.acknowledgedWrites;
  }
  // Not in every round: a load whose every request waits for the outcome of a COMMIT is refused nothing.
  expect(refused).toBeGreaterThan(0);
  expect(process.kill(pid, 0)).toBe(true);
  await expectClean(server);
  figure(what, 'see test', {
    outages: scale.outages,
    acknowledged,
    'answered 503': refused,
    'slowest recovery ms': recovery,
  });
}

/** A write is refused with 503 and a Retry-After, and not stored. */
async function expectRefusal(id: string): Promise<void> {
  const refusal = { status: 503, retryAfter: true, outcome: true };
  const started = Date.now();
  let seen;
  do {
    const { status, retryAfter, text } = await put(id);
    seen = { status, retryAfter: Number(retryAfter) > 0, outcome: text.includes('OperationOutcome') };
  } while (seen.status < 400 && Date.now() - started < REFUSAL_MS);
  expect(seen).toEqual(refusal);
}

/** @returns milliseconds until a write was taken */
async function recovered(id: string): Promise<number> {
  const started = Date.now();
  for (;;) {
    const { status, text } = await put(id);
    if (status === 201) return Date.now() - started;
    if (Date.now() - started > RECOVERY_MS) throw new Error(`not recovered: ${status} ${text}`);
    await sleep(50);
  }
}

const put = (id: string) =>
  client.send('PUT', `Basic/${id}`, { resourceType: 'Basic', id, code: { text: 'outage' } });

async function start(databaseUrl: string): Promise<void> {
  server = await startServer(databaseUrl);
  client = await FhirClient.of(server);
}

describe('the database goes away and comes back during a load', () => {
  it(
    'mysql: no connection gets through',
    () =>
      seeded(async (random) => {
        const url = new URL(await mysql.create());
        const proxy = new TcpProxy({ host: url.hostname, port: Number(url.port || 3306) });
        await proxy.listen();
        try {
          const through = new URL(url);
          through.hostname = '127.0.0.1';
          through.port = String(proxy.port);
          await start(through.href);
          await survives(
            'mysql: connections cut',
            { begin: () => proxy.close(), end: () => proxy.listen() },
            random,
          );
        } finally {
          await server?.stop();
          await proxy.close();
        }
      }),
    scale.timeout * 2,
  );

  // `npm test` may have a server elsewhere only; the long run demands one on this machine.
  const killable = MysqlProcess.isAvailable || scale.long ? ['its process is killed and started again'] : [];
  it.each(killable)(
    'mysql: %s',
    () =>
      seeded(async (random) => {
        const mysql = await MysqlProcess.create();
        try {
          await start(await mysql.database('outage'));
          await survives(
            'mysql: kill -9 of the database',
            { begin: () => mysql.kill(), end: () => mysql.start() },
            random,
          );
        } finally {
          await server?.stop();
          await mysql.remove();
        }
      }),
    scale.timeout * 2,
  );

  it(
    'sqlite: the disk takes no more',
    () =>
      seeded(async (random) => {
        const url = await sqlite.create();
        await start(url);
        const file = `${url.slice('sqlite:'.length)}-wal`;
        const limit = (bytes: string) =>
          promisify(execFile)('prlimit', ['--pid', String(server.pid), `--fsize=${bytes}:`]).then(
            () => undefined,
          );
        await survives(
          'sqlite: disk full',
          {
            // At most what a checkpoint leaves of the log, which is written from its beginning behind one.
            begin: () =>
              limit(String(Math.max(4_096, Math.floor(Math.min(statSync(file).size, 400_000) / 2)))),
            end: () => limit('unlimited'),
          },
          random,
        );
      }),
    scale.timeout * 2,
  );

  it(
    'sqlite: another process keeps the file locked for a while',
    () =>
      seeded(async (random) => {
        const url = await sqlite.create();
        await start(url);
        const other = new Sqlite(url.slice('sqlite:'.length));
        const load = new Load('locked', new Set([503]));
        load.start(client, WORKERS, random);
        let answer: Answer;
        let waited: number;
        try {
          await sleep(500);
          other.exec('BEGIN IMMEDIATE');
          const started = Date.now();
          // Reads are answered while writes wait.
          answer = await client.send('GET', 'Basic?_count=1');
          waited = Date.now() - started;
          await sleep(2_000);
          other.exec('ROLLBACK');
          await recovered('unlocked');
        } finally {
          other.close();
          await load.stop();
        }
        expect(answer.status).toBe(200);
        await expectNothingLost(load, client, server);
        await expectClean(server);
        figure('sqlite: file locked for 2 s', 'sqlite', {
          acknowledged: load.acknowledgedWrites,
          'a read waited ms': waited,
        });
      }),
    scale.timeout,
  );
});
