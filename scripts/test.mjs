// `npm test`: sets up what is missing, then lint, build, unit, integration, end-to-end and browser tests.
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, root, run } from './prepare.mjs';

ensureInstalled();
const { apacheForTests, chromiumForTests, mysqlForTests, slapdForTests } =
  await import('./test-services.mjs');
const { lint } = await import('./lint.mjs');

const chromium = chromiumForTests();
const apache = apacheForTests();
const slapd = slapdForTests();
const mysql = await mysqlForTests();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    mysql.stop();
    process.exit(1);
  });
}

function jest(project) {
  const report = join(tmpdir(), `firekeep-jest-${process.pid}-${project}.json`);
  const code = run(
    process.execPath,
    [
      '--max-old-space-size=4096',
      join('node_modules', 'jest', 'bin', 'jest.js'),
      '--selectProjects',
      project,
      '--maxWorkers=2',
      '--json',
      `--outputFile=${report}`,
      '--ci',
    ],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        FIREKEEP_TEST_MYSQL_URL: mysql.url,
        FIREKEEP_TEST_DATABASES: 'both',
        FIREKEEP_TEST_CHROMIUM: chromium,
        FIREKEEP_TEST_APACHE: apache,
        FIREKEEP_TEST_SLAPD: slapd,
        FIREKEEP_TEST_ROOT: root,
        NODE_ENV: 'test',
      },
    },
  );
  try {
    const { numPassedTests, numFailedTests, numFailedTestSuites, numRuntimeErrorTestSuites } = JSON.parse(
      readFileSync(report, 'utf8'),
    );
    const broken =
      numFailedTests === 0
        ? Math.max(numFailedTestSuites, numRuntimeErrorTestSuites)
        : numRuntimeErrorTestSuites;
    return {
      passed: numPassedTests,
      failed: numFailedTests + broken + (code !== 0 && numFailedTests + broken === 0 ? 1 : 0),
    };
  } catch {
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(report, { force: true });
  }
}

const results = [];
try {
  const started = Date.now();
  const step = async (name, work) => {
    console.log(`\n== ${name}`);
    results.push(await work());
    console.log(`   ${Math.round((Date.now() - started) / 1000)} s`);
  };
  ensureBuilt();
  await step('lint', lint);
  for (const project of ['unit', 'integration', 'e2e', 'browser']) await step(project, () => jest(project));
} finally {
  mysql.stop();
}
const sum = (key) => results.reduce((total, result) => total + result[key], 0);
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
process.exit(sum('failed') === 0 && sum('passed') > 0 ? 0 : 1);
