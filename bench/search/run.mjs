// `npm run bench:search`: searches on the running server over HTTP, on populations of several sizes.
//   --sizes=10000,100000,1000000  resources on MySQL or MariaDB (empty: none)
//   --sqlite-sizes=100000         resources on SQLite (empty: none)
//   --seconds=3                   of each measurement
//   --in-flight=16                requests in flight at saturation
//   --entries=20                  entries a page
//   --only=TEXT                   cases whose name holds it
//   --folder=PATH                 of the SQLite files
//   --write                       replaces bench/results-search.md
// FIREKEEP_BENCH_MYSQL_URL names a server whose databases are kept from run to run; else one is started for the run.
import { writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, root } from '../../scripts/prepare.mjs';

ensureInstalled();
ensureBuilt();
const { mysqlForTests } = await import('../../scripts/test-services.mjs');
const { MysqlTarget, SqliteTarget } = await import('./target.mjs');
const { measureTarget } = await import('./measure-target.mjs');
const { report } = await import('./report.mjs');

const option = (name, otherwise) =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3) ?? otherwise;
const numbers = (text) => text.split(',').filter(Boolean).map(Number);

const sizes = numbers(option('sizes', '10000,100000,1000000'));
const sqliteSizes = numbers(option('sqlite-sizes', '100000'));
const settings = {
  seconds: Number(option('seconds', '3')),
  inFlight: Number(option('in-flight', '16')),
  entries: Number(option('entries', '20')),
  seed: Number(option('seed', '1')),
  port: Number(option('port', '28082')),
  only: option('only', ''),
};
const folder = option('folder', join(tmpdir(), 'firekeep-bench-search'));

async function mysqlServer() {
  const kept = process.env.FIREKEEP_BENCH_MYSQL_URL;
  if (kept !== undefined) return { url: kept, stop: () => undefined };
  return mysqlForTests({ durable: true, bufferPool: '1G' });
}

const mysql = sizes.length === 0 ? undefined : await mysqlServer();
const results = [];
try {
  const targets = [
    ...sizes.map((size) => new MysqlTarget(mysql.url, size)),
    ...sqliteSizes.map((size) => new SqliteTarget(folder, size)),
  ];
  for (const target of targets) results.push(await measureTarget(target, settings));
} finally {
  mysql?.stop();
}
const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), Node.js ${process.versions.node}`;
const text = report(results, settings, machine);
console.log(text);
if (process.argv.includes('--write')) writeFileSync(join(root, 'bench', 'results-search.md'), text);
