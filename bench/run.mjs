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
const { bundleFiles } = await import('./bundles.mjs');
const { loadSeconds } = await import('./load.mjs');
const { measure } = await import('./measure.mjs');

const appPort = 28_080;
const barePort = 28_081;
const seconds = Number(process.argv.find((argument) => argument.startsWith('--seconds='))?.slice(10) ?? 8);

const mysql = await mysqlForTests({ durable: true, bufferPool: '1G' });
const results = [];
const children = [];

function start(script, environment) {
  const child = spawn(process.execPath, [script], {
    cwd: root,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  children.push(child);
  return child;
}

async function answers(url) {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    try {
      if ((await fetch(url)).status < 500) return;
    } catch {
      // Not listening yet.
    }
    await sleep(100);
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

async function runOn(label, databaseUrl) {
  const environment = {
    FIREKEEP_PORT: String(appPort),
    FIREKEEP_DATABASE_URL: databaseUrl,
    FIREKEEP_DATA_DIRECTORY: mkdtempSync(join(tmpdir(), 'firekeep-bench-')),
    FIREKEEP_SECRET_KEY: randomBytes(32).toString('base64'),
    FIREKEEP_ADMIN_PASSWORD: 'bench-password-1',
    FIREKEEP_WORKERS: '1',
    FIREKEEP_LOG_LEVEL: 'warn',
  };
  const app = start(join('dist', 'src', 'main.js'), environment);
  await answers(`http://127.0.0.1:${appPort}/health/ready`);
  const token = await firekeep(environment, 'token', 'admin', '--minutes', '60');
  const headers = { authorization: `Bearer ${token}` };
  const base = `http://127.0.0.1:${appPort}/fhir/r4`;

  const files = bundleFiles();
  const loaded = await loadSeconds(base, headers, files);
  results.push({
    work: `load ${files.length} transaction Bundles over HTTP`,
    database: label,
    figure: `${Math.round(loaded.resources / loaded.seconds)} resources/s`,
    bare: '',
    ratio: '',
    note: `${loaded.resources} resources; memory ${Math.round(memoryOf(app))} MiB afterwards`,
  });

  const created = await fetch(`${base}/Patient`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/fhir+json' },
    body: readFileSync(join(root, 'bench', 'patient.json'), 'utf8'),
  });
  const location = new URL(created.headers.get('location') ?? '').pathname.split('/');
  const id = location[location.indexOf('Patient') + 1];
  await measure(`${base}/Patient/${id}`, headers, app.pid, 2);
  const read = await measure(`${base}/Patient/${id}`, headers, app.pid, seconds);
  let bareRead;
  if (databaseUrl.startsWith('mysql')) {
    const bare = start(join('bench', 'bare-read.mjs'), {
      BARE_PORT: String(barePort),
      BARE_DATABASE_URL: databaseUrl,
    });
    await answers(`http://127.0.0.1:${barePort}/Patient/${id}`);
    await measure(`http://127.0.0.1:${barePort}/Patient/${id}`, {}, bare.pid, 2);
    bareRead = await measure(`http://127.0.0.1:${barePort}/Patient/${id}`, {}, bare.pid, seconds);
    bare.kill();
  }
  results.push({
    work: 'authenticated read, 3 KB Patient, 32 in flight',
    database: label,
    figure: `${read.perSecond}/s, ${read.cpu} µs CPU`,
    bare: bareRead ? `${bareRead.perSecond}/s, ${bareRead.cpu} µs CPU` : '',
    ratio: bareRead ? (read.perSecond / bareRead.perSecond).toFixed(2) : '',
    note: bareRead ? 'bare: Fastify and mysql2, the same row by key' : '',
  });
  app.kill('SIGTERM');
  await new Promise((resolve) => app.once('exit', resolve));
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
    `# Results of \`npm run bench\`\n\n${machine}; client, server and database on the same cores; ${data}. MariaDB: durable commits, 1 GiB\nbuffer pool. SQLite: synchronous=FULL. Figures differ by some 30 % from run to run; the ratios are of one run.\n\n${table}\n`,
  );
}
