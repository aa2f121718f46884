// `npm run test:soak`: the tests under fire at full length, and 100,000 random writes on each database. Prints what the
// former saw as a table; with `--write` the table in docs/reliability.md is replaced.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, root, run } from './prepare.mjs';

ensureInstalled();
ensureBuilt();
const { mysqlForTests } = await import('./test-services.mjs');

const folder = mkdtempSync(join(tmpdir(), 'firekeep-soak-'));
const file = join(folder, 'figures.ndjson');
const mysql = await mysqlForTests({ durable: true });
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    mysql.stop();
    process.exit(1);
  });
}

const shared = { ...process.env, FIREKEEP_TEST_MYSQL_URL: mysql.url, NODE_ENV: 'test' };
const jest = (project, path, env) =>
  run(
    process.execPath,
    [
      join('node_modules', 'jest', 'bin', 'jest.js'),
      path,
      `--selectProjects=${project}`,
      '--runInBand',
      '--ci',
    ],
    { env: { ...shared, ...env } },
  );

let code = 1;
try {
  const fire = jest('e2e', join('test', 'e2e', 'fire'), {
    FIREKEEP_TEST_SOAK: 'long',
    FIREKEEP_TEST_FIGURES: file,
  });
  // 100,000 on either database; a failure names its seed.
  const writes = jest('integration', join('test', 'integration', 'access', 'random-writes'), {
    FIREKEEP_TEST_VOLUME: '50',
    FIREKEEP_TEST_SEED: process.env.FIREKEEP_TEST_SEED ?? String(Date.now() % 1_000_000_000),
  });
  code = fire === 0 ? writes : fire;
} finally {
  mysql.stop();
}

const figures = existsSync(file)
  ? readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  : [];
rmSync(folder, { recursive: true, force: true });
const table = [
  '| test | database | seen |',
  '| --- | --- | --- |',
  ...figures.map(({ test, database, seen }) => {
    const text = Object.entries(seen).map(([name, value]) => `${name} ${value.toLocaleString('en')}`);
    return `| ${test} | ${database} | ${text.join(', ')} |`;
  }),
].join('\n');
console.log(`\n${table}`);

if (code === 0 && process.argv.includes('--write')) {
  const path = join(root, 'docs', 'reliability.md');
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), Node.js ${process.versions.node}`;
  const text = readFileSync(path, 'utf8');
  const [start, end] = ['<!-- figures -->', '<!-- /figures -->'];
  const before = text.slice(0, text.indexOf(start) + start.length);
  const after = text.slice(text.indexOf(end));
  writeFileSync(
    path,
    `${before}\n\n${machine}; client, server and database on the same cores.\n\n${table}\n\n${after}`,
  );
}
process.exit(code);
