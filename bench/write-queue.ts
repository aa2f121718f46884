import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { migrations } from '../migrations/index.js';
import { extract } from '../src/fhir/search/extraction/index.js';
import type { ParameterValues } from '../src/fhir/search/index-values.js';
import type { PlannedWrite, WriteUnit } from '../src/fhir/storage/ports.js';
import type { SearchExecutor } from '../src/fhir/storage/sql/search-executor.js';
import { SqlResourceStore } from '../src/fhir/storage/sql/sql-resource-store.js';
import { Settings } from '../src/platform/config/index.js';
import { closeDatabase, openDatabase } from '../src/platform/database/index.js';

/*
 * What the store alone takes, without HTTP: resources a second by the number of writes in flight.
 * Usage: node write-queue.js FOLDER [mysql://…]   FOLDER holds transaction Bundles (JSON).
 */
interface Sample {
  readonly type: string;
  readonly content: Buffer;
  readonly values: readonly ParameterValues[];
}

const noSearch: SearchExecutor = {
  identities: () => Promise.resolve([]),
  page: () => Promise.reject(new Error('not measured here')),
};

function samplesOf(folder: string): Sample[] {
  const samples: Sample[] = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    const bundle = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
      entry?: { resource: { resourceType: string } }[];
    };
    for (const { resource } of bundle.entry ?? []) {
      const type = resource.resourceType;
      const content = Buffer.from(JSON.stringify(resource));
      const values = extract(type, resource, { bases: [] });
      samples.push({ type, content, values });
    }
    if (samples.length > 6000) break;
  }
  return samples;
}

function creation({ type, content, values }: Sample, id: string): WriteUnit<void> {
  return {
    repository: 'bench',
    bytes: content.length,
    apply: ({ now }) => ({
      writes: [{ kind: 'create', type, id, version: 1, lastUpdated: now, content, values, method: 'POST' }],
      result: undefined,
    }),
  };
}

function update({ type, content, values }: Sample, id: string): WriteUnit<void> {
  return {
    repository: 'bench',
    bytes: content.length,
    targets: () => [{ type, id }],
    apply: ({ now, current }) => {
      const version = (current(type, id)?.version ?? 0) + 1;
      const write: PlannedWrite = {
        kind: 'update',
        type,
        id,
        version,
        lastUpdated: now,
        content,
        values: version % 2 === 1 ? values : values.slice(1),
        method: 'PUT',
      };
      return { writes: [write], result: undefined };
    },
  };
}

async function inFlight(count: number, total: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const walk = async (): Promise<void> => {
    while (next < total) await work(next++);
  };
  await Promise.all(Array.from({ length: count }, walk));
}

async function measure(name: string, total: number, run: () => Promise<void>): Promise<void> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await run();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const rate = Math.round(total / seconds);
  console.log(
    `${name.padEnd(24)} ${String(rate).padStart(6)}/s  ${Math.round((user + system) / total)} µs node`,
  );
}

async function freshDatabase(server: string | undefined): Promise<string> {
  if (server === undefined)
    return `sqlite:${join(mkdtempSync(join(tmpdir(), 'firekeep-bench-')), 'bench.sqlite')}`;
  const url = new URL(server);
  const connection = await createConnection({ uri: server });
  await connection.query('DROP DATABASE IF EXISTS firekeep_bench');
  await connection.query('CREATE DATABASE firekeep_bench CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
  await connection.end();
  url.pathname = '/firekeep_bench';
  return url.href;
}

async function main(folder: string, server: string | undefined): Promise<void> {
  const samples = samplesOf(folder);
  console.log(`${samples.length} resources to choose from`);
  const settings = Settings.of({ databaseUrl: await freshDatabase(server), logLevel: 'silent' });
  const database = await openDatabase(settings, [], migrations);
  const store = await SqlResourceStore.open(database, () => noSearch);
  const sampleAt = (index: number): Sample => samples[index % samples.length]!;
  let id = 0;
  await inFlight(64, 2000, (index) => store.commit(creation(sampleAt(index), `w${id++}`)));
  for (const [count, total] of [
    [1, 1500],
    [4, 4000],
    [16, 10_000],
    [64, 20_000],
    [128, 20_000],
    [256, 20_000],
  ] as const) {
    await measure(`create, ${count} in flight`, total, () =>
      inFlight(count, total, (index) => store.commit(creation(sampleAt(index), `c${id++}`))),
    );
  }
  for (const [count, total] of [
    [1, 1000],
    [16, 4000],
    [64, 8000],
    [128, 8000],
  ] as const) {
    await measure(`update, ${count} in flight`, total, () =>
      inFlight(count, total, (index) => store.commit(update(sampleAt(index % 1500), `w${index % 1500}`))),
    );
  }
  const read = sampleAt(0);
  await measure('read', 20_000, () =>
    inFlight(16, 20_000, async () => {
      await store.read('bench', read.type, 'w0');
    }),
  );
  await store.drain();
  await closeDatabase(database);
}

const [folder, server] = process.argv.slice(2);
if (folder === undefined) throw new Error('Usage: write-queue.js FOLDER [mysql://…]');
void main(folder, server);
