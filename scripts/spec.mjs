// `npm run spec -- PATH… [--database sqlite|mysql]`: single specs, with what they need and nothing else.
import { existsSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { ensureBuilt, ensureInstalled, fail, root, run } from './prepare.mjs';
import { TestRun } from './test-run.mjs';

const usage =
  'npm run spec -- PATH… [--database sqlite|mysql] [options of Jest, such as -t NAME or --watch], PATH being a spec or a folder of them';
/** Where the specs of each project of jest.config.mjs are. */
const projects = [
  ['unit', /^(src|test\/unit)(\/|$)/],
  ['integration', /^test\/integration(\/|$)/],
  ['e2e', /^test\/e2e(\/|$)/],
  ['browser', /^test\/browser(\/|$)/],
];

function readArguments(given) {
  const paths = [];
  const others = [];
  let database = process.env.FIREKEEP_TEST_DATABASES?.trim() || 'both';
  for (let index = 0; index < given.length; index += 1) {
    const [name, value] = given[index].split(/=(.*)/s);
    if (name === '--database') database = value ?? given[(index += 1)];
    else if (others.length === 0 && !given[index].startsWith('-')) paths.push(given[index]);
    else others.push(given[index]);
  }
  if (paths.length === 0) fail(`Which spec? ${usage}`);
  if (!['sqlite', 'mysql', 'both'].includes(database)) fail(`--database is sqlite or mysql. ${usage}`);
  return { paths: paths.map((path) => relative(root, resolve(path))), others, database };
}

function projectsOf(paths) {
  const found = paths.map((path) => {
    if (!existsSync(join(root, path))) fail(`There is no ${path}. ${usage}`);
    const project = projects.find(([, folder]) => folder.test(path));
    return project?.[0] ?? fail(`${path} is in none of the folders with specs. ${usage}`);
  });
  return [...new Set(found)];
}

/** Jest takes a pattern of paths: this one fits the spec, or what is in the folder. */
function patternOf(path) {
  const whole = join(root, path);
  return `^${whole.replace(/[^\w/-]/g, '\\$&')}${statSync(whole).isDirectory() ? '/' : '$'}`;
}

const { paths, others, database } = readArguments(process.argv.slice(2));
const needed = projectsOf(paths);
ensureInstalled();
const { apacheForTests, chromiumForTests, mysqlForTests } = await import('./test-services.mjs');

const testRun = new TestRun();
const environment = {
  ...process.env,
  FIREKEEP_TEST_DATABASES: database,
  FIREKEEP_TEST_ROOT: root,
  NODE_ENV: 'test',
};
if (needed.includes('e2e') || needed.includes('browser')) ensureBuilt();
if (needed.includes('browser')) {
  environment.FIREKEEP_TEST_CHROMIUM = chromiumForTests();
  environment.FIREKEEP_TEST_APACHE = apacheForTests();
}
const needsMysql = database !== 'sqlite' && needed.some((project) => project !== 'unit');
const mysql = needsMysql ? await mysqlForTests() : undefined;
if (mysql !== undefined) environment.FIREKEEP_TEST_MYSQL_URL = mysql.url;
// The terminal sends Ctrl-C to Jest as well, which ends then, and so do we.
process.on('SIGINT', () => undefined);
try {
  process.exitCode = run(
    process.execPath,
    [
      ...['--max-old-space-size=4096', join('node_modules', 'jest', 'bin', 'jest.js')],
      ...['--selectProjects', ...needed, '--runInBand'],
      ...[...paths.map(patternOf), ...others],
    ],
    { env: environment },
  );
} finally {
  testRun.end();
  await mysql?.dropDatabases(testRun.name);
  mysql?.stop();
  testRun.remove();
}
