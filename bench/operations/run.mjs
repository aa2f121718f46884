// `npm run bench:operations`: what $everything, $lastn and $document take, by requests one after the other.
//   --size=30000             resources of the population around the records
//   --requests=200           of each measurement
//   --database=mysql,sqlite
//   --only=TEXT              cases whose name holds it
//   --write                  replaces bench/results-operations.md
// FIREKEEP_BENCH_MYSQL_URL names a server; else one is started for the run.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, root } from '../../scripts/prepare.mjs';

ensureInstalled();
ensureBuilt();
const { createConnection } = await import('mysql2/promise');
const { mysqlForTests } = await import('../../scripts/test-services.mjs');
const { cpuSeconds } = await import('../measure.mjs');
const { Client } = await import('../search/client.mjs');
const { fillWith } = await import('../search/fill.mjs');
const { Server } = await import('../search/server.mjs');
const { bytesOnly, groups } = await import('./records.mjs');

const option = (name, otherwise) =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3) ?? otherwise;
const settings = {
  size: Number(option('size', '30000')),
  requests: Number(option('requests', '200')),
  port: Number(option('port', '28094')),
  only: option('only', ''),
};
const databases = option('database', 'mysql,sqlite').split(',');

const cases = [
  {
    name: '$everything of 500',
    path: 'Patient/r500/$everything',
    than: 'bytes-500',
    target: 'p50 ≤ 15 ms beyond its bytes',
  },
  { name: '$everything of 500, patient/', path: 'Patient/r500/$everything', scope: 'r500' },
  { name: '$everything of 500, a year', path: 'Patient/r500/$everything?start=2024&end=2024' },
  { name: '$everything of 500, page of 50', path: 'Patient/r500/$everything?_count=50' },
  {
    name: '$everything of 10,000',
    path: 'Patient/r10000/$everything',
    than: 'bytes-10000',
    rare: true,
    target: '≤ 400 ms',
  },
  { name: '$everything of an encounter', path: 'Encounter/r500-e1/$everything' },
  {
    name: '$lastn of 5,000 observations',
    path: 'Observation/$lastn?patient=r5000&category=laboratory,vital-signs',
    target: 'p95 ≤ 20 ms',
  },
  {
    name: '$lastn of 5,000, max=3, one category',
    path: 'Observation/$lastn?patient=r5000&category=laboratory&max=3',
  },
  {
    name: '$lastn of 5,000, patient/',
    path: 'Observation/$lastn?patient=r5000&category=laboratory,vital-signs',
    scope: 'r5000',
    target: 'p95 ≤ 20 ms',
  },
  { name: '$document of 200 entries', path: 'Composition/document/$document' },
].filter(({ name }) => name.includes(settings.only));

async function emptyDatabase(mysql) {
  if (mysql === undefined)
    return `sqlite:${join(mkdtempSync(join(tmpdir(), 'firekeep-bench-')), 'records.sqlite')}`;
  const connection = await createConnection({ uri: mysql.url });
  await connection.query('DROP DATABASE IF EXISTS firekeep_bench_operations');
  await connection.query('CREATE DATABASE firekeep_bench_operations');
  await connection.end();
  const url = new URL(mysql.url);
  url.pathname = '/firekeep_bench_operations';
  return url.href;
}

const percentile = (times, share) =>
  times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN;
/** Bytes that the process holds. */
const held = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;

async function measure(client, path, count, pid) {
  const times = [];
  let bytes = 0;
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, held(pid))), 20);
  let cpu = 0;
  const warmUp = Math.max(5, Math.ceil(count / 4));
  for (let n = 0; n < count + warmUp; n += 1) {
    if (n === warmUp) cpu = cpuSeconds(pid);
    const { status, body, ms } = await client.get(path);
    if (status !== 200) throw new Error(`${path}: ${status} ${body.slice(0, 500)}`);
    bytes = Buffer.byteLength(body);
    if (n >= warmUp) times.push(ms);
  }
  clearInterval(watch);
  const sorted = times.toSorted((a, b) => a - b);
  const perRequest = ((cpuSeconds(pid) - cpu) * 1000) / count;
  return { p50: percentile(sorted, 0.5), p95: percentile(sorted, 0.95), cpu: perRequest, bytes, most };
}

async function measureDatabase(label, mysql) {
  const url = await emptyDatabase(mysql);
  const texts = [bytesOnly('bytes-500', 460_000), bytesOnly('bytes-10000', 9_300_000)];
  await fillWith(url, groups(settings.size, texts));
  const server = new Server(url, settings.port, { environment: { FIREKEEP_AUDIT: 'none' } });
  await server.start();
  const rows = [];
  try {
    for (const { name, path, scope, than, rare, target } of cases) {
      const headers =
        scope === undefined
          ? server.headers
          : { authorization: `Bearer ${await server.command(...tokenOf(scope))}` };
      const client = new Client(server.base, headers);
      const count = rare === true ? Math.max(5, Math.floor(settings.requests / 20)) : settings.requests;
      const { pid } = server.child;
      const seen = await measure(client, path, count, pid);
      const bare = than === undefined ? undefined : await measure(client, `Binary/${than}`, count, pid);
      await client.close();
      rows.push({ name, label, ...seen, bare: bare?.p50, target });
      console.error(rows.at(-1));
    }
  } finally {
    await server.stop();
  }
  return rows;
}

const tokenOf = (patient) => [
  ...['token', 'admin', '--minutes', '60', '--patient', patient],
  ...['--scope', 'patient/*.rs user/Practitioner.rs user/Organization.rs'],
];

async function mysqlServer() {
  const kept = process.env.FIREKEEP_BENCH_MYSQL_URL;
  if (kept !== undefined) return { url: kept, stop: () => undefined };
  return mysqlForTests({ durable: true, bufferPool: '1G' });
}

const ms = (value) => `${value.toFixed(1)} ms`;
const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
function report(rows) {
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), Node.js ${process.versions.node}`;
  return [
    '# Operations',
    '',
    `\`npm run bench:operations\`, ${machine}. Requests one after the other over HTTP, in a population of ${settings.size.toLocaleString('en')} resources; ` +
      '"its bytes" is a read of one resource with as many bytes; CPU is that of the server a request; the last column is the most memory that the process held meanwhile.',
    '',
    '| operation | database | p50 | p95 | CPU | answer | its bytes | target | memory |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | --- | ---: |',
    ...rows.map(
      ({ name, label, p50, p95, cpu, bytes, bare, target, most }) =>
        `| ${name} | ${label} | ${ms(p50)} | ${ms(p95)} | ${ms(cpu)} | ${mebibytes(bytes)} | ${bare === undefined ? '' : ms(bare)} | ${target ?? ''} | ${mebibytes(most)} |`,
    ),
    '',
  ].join('\n');
}

const mysql = databases.includes('mysql') ? await mysqlServer() : undefined;
const rows = [];
try {
  if (mysql !== undefined) rows.push(...(await measureDatabase('MariaDB', mysql)));
  if (databases.includes('sqlite')) rows.push(...(await measureDatabase('SQLite', undefined)));
} finally {
  mysql?.stop();
}
const text = report(rows);
console.log(text);
if (process.argv.includes('--write')) writeFileSync(join(root, 'bench', 'results-operations.md'), text);
