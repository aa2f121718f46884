// `npm run bench`: Firekeep against bare-limit programs in the same run, on MariaDB with durable commits. Prints a
// table; with `--write` it also replaces bench/results.md.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureBuilt, ensureInstalled, root } from '../scripts/prepare.mjs';

ensureInstalled();
ensureBuilt();
const { mysqlForTests } = await import('../scripts/test-services.mjs');
const { createConnection } = await import('mysql2/promise');
const { bundleFiles, largeBundle } = await import('./bundles.mjs');
const { loadSeconds } = await import('./load.mjs');
const { cpuSeconds, measure } = await import('./measure.mjs');

const appPort = 28_080;
const barePort = 28_081;
const seconds = Number(process.argv.find((argument) => argument.startsWith('--seconds='))?.slice(10) ?? 8);
/** Seconds before each measurement, of both sides: until then the runtime compiles what is hot. */
const warmUp = 5;

const mysql = await mysqlForTests({ durable: true, bufferPool: '1G' });
const results = [];
const children = [];

// As `npm start` starts it.
const flags = ['--max-semi-space-size=16'];

function start(script, environment) {
  const child = spawn(process.execPath, [...flags, script], {
    cwd: root,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  children.push(child);
  return child;
}

async function answers(url, status, delay = 100) {
  for (let attempt = 0; attempt < 30_000 / delay; attempt += 1) {
    try {
      const answer = await fetch(url);
      if (status === undefined ? answer.status < 500 : answer.status === status) return;
    } catch {
      // Not listening yet.
    }
    await sleep(delay);
  }
  throw new Error(`${url} does not answer`);
}

function firekeep(environment, ...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join('dist', 'src', 'cli', 'main.js'), ...args], {
      cwd: root,
      env: { PATH: process.env.PATH, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.on('close', (code) =>
      code === 0 ? resolve(output.trim()) : reject(new Error(`firekeep ${args[0]}: ${code}`)),
    );
  });
}

const memoryOf = (child) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

async function database(name) {
  const connection = await createConnection({ uri: mysql.url });
  await connection.query(`CREATE DATABASE ${name}`);
  await connection.end();
  const url = new URL(mysql.url);
  url.pathname = `/${name}`;
  return url.href;
}

async function stop(child) {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('exit', resolve));
}

/** Starts a program beside Firekeep, measures with it, and ends it. */
async function withBare(script, databaseUrl, work) {
  if (!databaseUrl.startsWith('mysql')) return undefined;
  const bare = start(join('bench', script), { BARE_PORT: String(barePort), BARE_DATABASE_URL: databaseUrl });
  try {
    await answers(`http://127.0.0.1:${barePort}/`);
    return await work(bare.pid);
  } finally {
    await stop(bare);
  }
}

const rate = (seen) => (seen ? `${seen.perSecond}/s, ${seen.cpu} µs CPU` : '');
const ratio = (seen, bare) => (bare ? (seen.perSecond / bare.perSecond).toFixed(2) : '');

/** A server that runs, and who asks it. */
class Bench {
  constructor(label, databaseUrl, environment) {
    Object.assign(this, { label, databaseUrl, environment, base: `http://127.0.0.1:${appPort}/fhir/r4` });
  }

  /** @returns milliseconds until it was ready */
  async start(workers = '1', environment = this.environment) {
    const started = performance.now();
    this.app = start(join('dist', 'src', 'main.js'), { ...environment, FIREKEEP_WORKERS: workers });
    await answers(`http://127.0.0.1:${appPort}/health/ready`, 200, 10);
    return performance.now() - started;
  }

  note(work, row) {
    results.push({ work, database: this.label, bare: '', ratio: '', note: '', ...row });
    console.error(`${this.label}: ${work}: ${row.figure} ${row.ratio ?? ''}`);
  }

  async prepare() {
    await this.start();
    const token = await firekeep(this.environment, 'token', 'admin', '--minutes', '60');
    this.headers = { authorization: `Bearer ${token}` };
    await stop(this.app);
    const ready = await this.start();
    this.note('start to ready, migrated database', {
      figure: `${Math.round(ready)} ms`,
      note: `memory ${Math.round(memoryOf(this.app))} MiB`,
    });
  }

  async load() {
    const files = bundleFiles();
    const first = files.splice(0, Math.ceil(files.length / 4));
    const warm = await loadSeconds(this.base, this.headers, first);
    const early = memoryOf(this.app);
    const cpu = cpuSeconds(this.app.pid);
    const rest = await loadSeconds(this.base, this.headers, files);
    const spent = ((cpuSeconds(this.app.pid) - cpu) * 1e6) / rest.resources;
    const resources = warm.resources + rest.resources;
    this.note(`load ${first.length + files.length} transaction Bundles over HTTP, 4 in flight`, {
      figure: `${Math.round(resources / (warm.seconds + rest.seconds))} resources/s, ${Math.round(spent)} µs CPU`,
      note: `${resources} resources; memory ${Math.round(early)} MiB after a quarter, ${Math.round(memoryOf(this.app))} MiB at the end`,
    });
    const large = largeBundle(3_200);
    const { seconds: took } = await loadSeconds(this.base, this.headers, [large]);
    this.note('one transaction of 3,200 entries', {
      figure: `${took.toFixed(1)} s, ${Math.round(large.entries / took)} resources/s`,
      note: `${Math.round(large.text.length / 2 ** 20)} MiB; memory ${Math.round(memoryOf(this.app))} MiB afterwards`,
    });
  }

  async create(type) {
    const file = join(root, 'bench', `${type.toLowerCase()}.json`);
    const id = await this.createOne(type, file);
    for (const inFlight of [16, 64]) {
      const url = `${this.base}/${type}`;
      await measure(url, this.headers, this.app.pid, warmUp, { inFlight, file });
      const seen = await measure(url, this.headers, this.app.pid, seconds, { inFlight, file });
      const bare = await withBare('bare-create.mjs', this.databaseUrl, async (pid) => {
        const bareUrl = `http://127.0.0.1:${barePort}/${type}`;
        await fetch(`${bareUrl}/${id}`, { method: 'PUT' });
        await measure(bareUrl, {}, pid, warmUp, { inFlight, file });
        return measure(bareUrl, {}, pid, seconds, { inFlight, file });
      });
      this.note(`create, 3 KB ${type}, ${inFlight} in flight`, {
        figure: rate(seen),
        bare: rate(bare),
        ratio: ratio(seen, bare),
        note: bare ? 'bare: the same rows, one transaction a resource, one round trip' : '',
      });
    }
  }

  /** Creates with the audit that is on by default. */
  async audited() {
    await stop(this.app);
    const { FIREKEEP_AUDIT: _none, ...environment } = this.environment;
    await this.start('1', environment);
    const file = join(root, 'bench', 'patient.json');
    const url = `${this.base}/Patient`;
    await measure(url, this.headers, this.app.pid, warmUp, { inFlight: 64, file });
    const seen = await measure(url, this.headers, this.app.pid, seconds, { inFlight: 64, file });
    this.note('the same create with its AuditEvent', { figure: rate(seen), note: '64 in flight' });
    await stop(this.app);
    await this.start();
  }

  async createOne(type, file) {
    const created = await fetch(`${this.base}/${type}`, {
      method: 'POST',
      headers: { ...this.headers, 'content-type': 'application/fhir+json' },
      body: readFileSync(file, 'utf8'),
    });
    if (created.status !== 201) throw new Error(`${type}: ${created.status} ${await created.text()}`);
    return (await created.json()).id;
  }

  async read() {
    const ids = [];
    for (let n = 0; n < 200; n += 1) {
      ids.push(await this.createOne('Patient', join(root, 'bench', 'patient.json')));
    }
    const urls = ids.map((id) => `${this.base}/Patient/${id}`);
    await measure(urls, this.headers, this.app.pid, warmUp);
    const seen = await measure(urls, this.headers, this.app.pid, seconds);
    const bare = await withBare('bare-read.mjs', this.databaseUrl, async (pid) => {
      const bareUrls = ids.map((id) => `http://127.0.0.1:${barePort}/Patient/${id}`);
      await measure(bareUrls, {}, pid, warmUp);
      return measure(bareUrls, {}, pid, seconds);
    });
    this.note('authenticated read, 3 KB Patient, 32 in flight', {
      figure: rate(seen),
      bare: rate(bare),
      ratio: ratio(seen, bare),
      note: bare ? 'bare: Fastify and mysql2, the same rows by key; 200 resources in turn' : '',
    });
    if (bare === undefined) return;
    await stop(this.app);
    await this.start('2');
    await measure(urls, this.headers, this.app.pid, warmUp);
    const two = await measure(urls, this.headers, this.app.pid, seconds);
    this.note('the same read, two processes', {
      figure: `${two.perSecond}/s`,
      note: `${(two.perSecond / seen.perSecond).toFixed(2)} of one process; client and database share the cores`,
    });
  }
}

async function runOn(label, databaseUrl) {
  const bench = new Bench(label, databaseUrl, {
    FIREKEEP_PORT: String(appPort),
    FIREKEEP_DATABASE_URL: databaseUrl,
    FIREKEEP_DATA_DIRECTORY: mkdtempSync(join(tmpdir(), 'firekeep-bench-')),
    FIREKEEP_SECRET_KEY: randomBytes(32).toString('base64'),
    FIREKEEP_ADMIN_PASSWORD: 'bench-password-1',
    FIREKEEP_LOG_LEVEL: 'warn',
    // The bare program has no record of who did what; what that costs is measured by itself.
    FIREKEEP_AUDIT: 'none',
  });
  await bench.prepare();
  await bench.load();
  await bench.create('Patient');
  await bench.create('Observation');
  await bench.audited();
  await bench.read();
  await stop(bench.app);
}

try {
  await runOn('MariaDB', await database('firekeep_bench'));
  await runOn('SQLite', `sqlite:${join(mkdtempSync(join(tmpdir(), 'firekeep-bench-')), 'bench.sqlite')}`);
} finally {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  mysql.stop();
}

const columns = ['work', 'database', 'figure', 'bare', 'ratio', 'note'];
const table = [
  `| ${columns.join(' | ')} |`,
  `|${columns.map(() => '---').join('|')}|`,
  ...results.map((row) => `| ${columns.map((column) => row[column]).join(' | ')} |`),
].join('\n');
console.log(table);
if (process.argv.includes('--write')) {
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), Node.js ${process.versions.node}`;
  const data = existsSync(join(root, '..', 'shared', 'data', 'synthea'))
    ? 'Synthea transactions'
    : 'generated Bundles';
  writeFileSync(
    join(root, 'bench', 'results.md'),
    `# Results of \`npm run bench\`\n\n${machine}; client, server and database on the same cores; ${data}. MariaDB: durable commits, 1 GiB\nbuffer pool. SQLite: synchronous=FULL. Figures differ by some 30 % from run to run; the ratios are of one run. Each side is warm for ${warmUp} s before it is measured for ${seconds} s.\n\n${table}\n`,
  );
}
