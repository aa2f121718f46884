// `npm run bench:auth`: what the authorization server and the gate cost.
//   --seconds=4     of each measurement
//   --rounds=5      measurements of each way, in turn
//   --size=100000   resources that are searched
//   --part=token,verification,gate,scope
//   --database=mysql,sqlite
//   --only=TEXT     searches whose name holds it
//   --write         replaces bench/results-auth.md
// FIREKEEP_BENCH_MYSQL_URL names a server whose databases are kept from run to run; else one is started for the run.
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureBuilt, ensureInstalled, root } from '../../scripts/prepare.mjs';

ensureInstalled();
ensureBuilt();
const { createConnection } = await import('mysql2/promise');
const { mysqlForTests } = await import('../../scripts/test-services.mjs');
const { MysqlTarget, SqliteTarget } = await import('../search/target.mjs');
const { gate } = await import('./gate.mjs');
const { patientScope } = await import('./patient-scope.mjs');
const { flags, startServer } = await import('./server.mjs');
const { tokenEndpoint } = await import('./token-endpoint.mjs');

const option = (name, otherwise) =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3) ?? otherwise;
const settings = {
  seconds: Number(option('seconds', '4')),
  rounds: Number(option('rounds', '5')),
  size: Number(option('size', '100000')),
  port: Number(option('port', '28090')),
  only: option('only', ''),
};
const parts = option('part', 'token,verification,gate,scope').split(',');
const databases = option('database', 'mysql,sqlite').split(',');
const folder = mkdtempSync(join(tmpdir(), 'firekeep-bench-'));

async function mysqlServer() {
  const kept = process.env.FIREKEEP_BENCH_MYSQL_URL;
  if (kept !== undefined) return { url: kept, stop: () => undefined };
  return mysqlForTests({ durable: true, bufferPool: '1G' });
}

async function emptyDatabase(mysql, name) {
  if (mysql === undefined) return `sqlite:${join(folder, `${name}.sqlite`)}`;
  const connection = await createConnection({ uri: mysql.url });
  await connection.query(`DROP DATABASE IF EXISTS firekeep_${name}`);
  await connection.query(`CREATE DATABASE firekeep_${name}`);
  await connection.end();
  const url = new URL(mysql.url);
  url.pathname = `/firekeep_${name}`;
  return url.href;
}

async function verification(label, databaseUrl) {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...flags, join(root, 'bench', 'auth', 'verification.mjs'), databaseUrl],
    { cwd: folder },
  );
  const { known, fresh, statements, sql } = JSON.parse(stdout);
  const row = (work, figure, result, target) => ({
    work,
    database: label,
    figure,
    compared: '',
    result,
    target,
  });
  console.error({ known, fresh, statements, sql });
  return [
    row('verification of a known token', `${known.toFixed(1)} µs CPU`, `${known.toFixed(1)} µs`, '≤ 15 µs'),
    row(
      'verification of a new opaque token',
      `${Math.round(fresh)} µs CPU`,
      `${statements} statements, by primary keys`,
      '1 statement',
    ),
  ];
}

async function withServer(databaseUrl, work, environment) {
  const server = await startServer(databaseUrl, settings.port, environment);
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

async function measureDatabase(label, mysql) {
  const rows = [];
  if (parts.includes('token')) {
    const url = await emptyDatabase(mysql, 'bench_token');
    // oidc-provider has no record of who did what.
    const environment = { FIREKEEP_AUDIT: 'none' };
    rows.push(...(await withServer(url, (server) => tokenEndpoint(label, server, settings), environment)));
  }
  if (parts.includes('verification')) {
    rows.push(...(await verification(label, await emptyDatabase(mysql, 'bench_verification'))));
  }
  if (parts.includes('gate')) {
    const url = await emptyDatabase(mysql, 'bench_gate');
    rows.push(...(await withServer(url, (server) => gate(label, server, settings))));
  }
  if (parts.includes('scope')) {
    const target =
      mysql === undefined
        ? new SqliteTarget(join(tmpdir(), 'firekeep-bench-search'), settings.size)
        : new MysqlTarget(mysql.url, settings.size);
    await target.prepare(1);
    try {
      rows.push(...(await withServer(target.url, (server) => patientScope(target, server, settings))));
    } finally {
      await target.close();
    }
  }
  return rows;
}

const mysql = databases.includes('mysql') ? await mysqlServer() : undefined;
const rows = [];
try {
  if (mysql !== undefined) rows.push(...(await measureDatabase('MariaDB', mysql)));
  if (databases.includes('sqlite')) rows.push(...(await measureDatabase('SQLite', undefined)));
} finally {
  mysql?.stop();
}

const columns = ['work', 'database', 'figure', 'compared', 'result', 'target'];
const table = [
  `| ${columns.join(' | ')} |`,
  `|${columns.map(() => '---').join('|')}|`,
  ...rows.map((row) => `| ${columns.map((column) => row[column]).join(' | ')} |`),
].join('\n');
console.log(table);
if (process.argv.includes('--write')) {
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), Node.js ${process.versions.node}`;
  writeFileSync(
    join(root, 'bench', 'results-auth.md'),
    `# Results of \`npm run bench:auth\`

${machine}; client, server (one process) and database on the same cores. Medians of ${settings.rounds} rounds of
${settings.seconds} s, in which the two sides take turns. *Compared*: for the token endpoint, oidc-provider alone with the same client
authentication and tokens in memory; for the gate, the same read through an endpoint of check mode \`open\`; for
searches, a \`user/\` scope in place of the \`patient/\` scope, on ${settings.size} resources; their CPU is that of server and
database. MariaDB: durable commits. SQLite: synchronous=FULL. Audit as it is by default.

${table}
`,
  );
}
