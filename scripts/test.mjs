// `npm test`: sets up what is missing, then lint beside the unit tests, then all other tests side by side.
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, root } from './prepare.mjs';

ensureInstalled();
const { apacheForTests, chromiumForTests, mysqlForTests, slapdForTests } =
  await import('./test-services.mjs');
const { lint } = await import('./lint.mjs');
const { TestRun } = await import('./test-run.mjs');

const minutes = 60_000;
/** Nets for what hangs: a slow machine takes some of it, a test that never ends takes all. */
const stepLimit = 60 * minutes;
const testLimit = 16 * minutes;

const services = {
  FIREKEEP_TEST_CHROMIUM: chromiumForTests(),
  FIREKEEP_TEST_APACHE: apacheForTests(),
  FIREKEEP_TEST_SLAPD: slapdForTests(),
};
const run = new TestRun();
const mysql = await mysqlForTests();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    run.end();
    mysql.stop();
    run.remove();
    process.exit(1);
  });
}

const nameOf = (path) => path.slice(root.length + 1);

/**
 * Runs projects of jest.config.mjs. Pending tests and files without any fail, and so does what takes longer than its
 * limit, with the name of what ran.
 *
 * @returns {Promise<Map<string, { passed: number, failed: number }>>} by project
 */
function jest(projects, workers) {
  const counts = new Map(projects.map((project) => [project, { passed: 0, failed: 0 }]));
  const [first] = projects;
  const fail = (project, sentence) => {
    counts.get(project).failed += 1;
    console.error(`FAILED ${sentence}`);
  };
  const child = run.spawn(
    process.execPath,
    [
      ...['--max-old-space-size=4096', join('node_modules', 'jest', 'bin', 'jest.js')],
      ...['--selectProjects', ...projects, `--maxWorkers=${workers}`, '--ci'],
      ...['--reporters=default', `--reporters=${join(root, 'test', 'jest', 'progress-reporter.cjs')}`],
    ],
    {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {
        ...process.env,
        ...services,
        FIREKEEP_TEST_MYSQL_URL: mysql.url,
        FIREKEEP_TEST_DATABASES: 'both',
        FIREKEEP_TEST_ROOT: root,
        NODE_ENV: 'test',
      },
    },
  );
  /** What runs, and since when, by file. */
  const running = new Map();
  const durations = [];
  child.on('message', (message) => {
    const { kind, path, name } = message;
    if (kind !== 'result') {
      running.set(path, { name, since: Date.now() });
      return;
    }
    running.delete(path);
    const { project, passed, failed, unfinished, broken, seconds } = message;
    durations.push([seconds, nameOf(path)]);
    const count = counts.get(project);
    count.passed += passed;
    count.failed += failed.length;
    if (broken) fail(project, `${nameOf(path)} could not be run, or has no test`);
    for (const test of unfinished) fail(project, `${nameOf(path)}: "${test}" was not run`);
  });
  const started = Date.now();
  const watch = setInterval(() => {
    const now = Date.now();
    const slow = [...running].filter(([, { since }]) => now - since > testLimit);
    const late = now - started > stepLimit ? [...running] : slow;
    if (late.length === 0 && now - started <= stepLimit) return;
    clearInterval(watch);
    fail(
      first,
      `the time limit of ${late.length > 0 && slow.length > 0 ? 'a test' : projects.join(', ')}, while there ran:`,
    );
    for (const [path, { name, since }] of late) {
      console.error(
        `  ${nameOf(path)}: ${name ?? 'what stands before or between its tests'}, ${Math.round((now - since) / 1000)} s`,
      );
    }
    run.end();
  }, 1_000);
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearInterval(watch);
      const failed = [...counts.values()].some((count) => count.failed > 0);
      if (code !== 0 && !failed) fail(first, `Jest ended with ${code}; the lines above say why`);
      for (const [path] of running) fail(first, `${nameOf(path)} did not end`);
      const slowest = durations.sort(([one], [other]) => other - one).slice(0, 5);
      console.log(
        `   slowest: ${slowest.map(([seconds, path]) => `${path} ${Math.round(seconds)} s`).join(', ')}`,
      );
      resolve(counts);
    });
  });
}

const results = new Map();
const started = Date.now();
async function step(name, work) {
  const result = await work;
  for (const [part, count] of result instanceof Map ? result : [[name, result]]) {
    results.set(part, count);
    console.log(`== ${part}: ${count.passed} passed, ${count.failed} failed`);
  }
  console.log(`   ${Math.round((Date.now() - started) / 1000)} s`);
}

try {
  ensureBuilt();
  await Promise.all([step('lint', lint()), step('unit', jest(['unit'], 2))]);
  // Those that start servers wait most of the time, so there is one more at work than there are cores on a small machine.
  await step('others', jest(['integration', 'e2e', 'browser'], 3));
} finally {
  await mysql.dropDatabases(run.name);
  mysql.stop();
}
const left = await run.leftovers();
for (const sentence of left) console.error(`FAILED something was left behind: ${sentence}`);
run.remove();
results.set('left behind', { passed: left.length === 0 ? 1 : 0, failed: left.length });

const sum = (key) => [...results.values()].reduce((total, result) => total + result[key], 0);
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
process.exit(sum('failed') === 0 && [...results.values()].every(({ passed }) => passed > 0) ? 0 : 1);
