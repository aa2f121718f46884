// What the tests need from the machine: a MySQL-compatible server, Chromium, Apache with mod_auth_openidc, and slapd.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail } from './prepare.mjs';

const isRoot = userInfo().uid === 0;

function find(...names) {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin', '/usr/libexec'];
  return names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => existsSync(path));
}

function aptInstall(packageNames, what, alternative) {
  const command = `apt-get install -y --no-install-recommends ${packageNames.join(' ')}`;
  if (!find('apt-get')) fail(`The tests need ${what}. Install one, ${alternative}.`);
  if (!isRoot) fail(`The tests need ${what}. Run as root: ${command} (or, ${alternative}).`);
  console.error(`Installing ${what} …`);
  const options = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  spawnSync('apt-get', ['update', '-qq'], options);
  const { status } = spawnSync(
    'apt-get',
    ['install', '-y', '-qq', '--no-install-recommends', ...packageNames],
    options,
  );
  if (status !== 0) fail(`${what} could not be installed. Try: ${command} (or, ${alternative}).`);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function initialise(server, folder) {
  const user = isRoot ? ['--user=root'] : [];
  const installer = find('mariadb-install-db', 'mysql_install_db');
  const [command, args] =
    server.endsWith('mariadbd') && installer
      ? [
          installer,
          [
            '--no-defaults',
            `--datadir=${folder}/data`,
            '--auth-root-authentication-method=normal',
            '--skip-test-db',
            ...user,
          ],
        ]
      : [server, ['--no-defaults', '--initialize-insecure', `--datadir=${folder}/data`, ...user]];
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) fail(`The test database could not be set up: ${stderr}`);
}

async function startServer(server, { durable = false, bufferPool = '512M' } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'firekeep-mysql-'));
  initialise(server, folder);
  const port = await freePort();
  const child = spawn(
    server,
    [
      '--no-defaults',
      `--datadir=${folder}/data`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--socket=${folder}/s.sock`,
      `--pid-file=${folder}/pid`,
      '--max-connections=400',
      `--innodb-buffer-pool-size=${bufferPool}`,
      '--max-allowed-packet=64M',
      `--innodb-flush-log-at-trx-commit=${durable ? 1 : 2}`,
      `--log-error=${folder}/log`,
      ...(isRoot ? ['--user=root'] : []),
    ],
    { stdio: 'ignore' },
  );
  const stop = () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  const { createConnection } = await import('mysql2/promise');
  const url = `mysql://root@127.0.0.1:${port}/`;
  for (let attempt = 0; attempt < 720; attempt += 1) {
    if (child.exitCode !== null) fail(`The test database ended at once; ${folder}/log says why.`);
    try {
      const connection = await createConnection({ uri: url });
      await connection.end();
      // All of it goes with its folder.
      return { url, stop, dropDatabases: () => Promise.resolve() };
    } catch {
      await sleep(250);
    }
  }
  stop();
  return fail('The test database did not answer within 180 s.');
}

/** Drops the databases of a server that stays whose names begin so. */
async function dropDatabases(url, start) {
  const { createConnection } = await import('mysql2/promise');
  const connection = await createConnection({ uri: url });
  const [rows] = await connection.query('SHOW DATABASES');
  for (const name of rows.map((row) => String(Object.values(row)[0]))) {
    if (name.startsWith(start)) await connection.query(`DROP DATABASE \`${name}\``);
  }
  await connection.end();
}

/**
 * The server at FIREKEEP_TEST_MYSQL_URL, else one started for this run; `durable`: each commit reaches the disk.
 *
 * @param {{ durable?: boolean, bufferPool?: string }} [options] for a server that is started
 */
export async function mysqlForTests(options) {
  const url = process.env.FIREKEEP_TEST_MYSQL_URL;
  if (url) return { url, stop: () => undefined, dropDatabases: (start) => dropDatabases(url, start) };
  const names = ['mariadbd', 'mysqld'];
  if (!find(...names)) {
    aptInstall(
      ['mariadb-server'],
      'a MySQL-compatible server',
      'set FIREKEEP_TEST_MYSQL_URL to one that runs',
    );
  }
  const server = find(...names);
  return server
    ? startServer(server, options)
    : fail('No mariadbd or mysqld was found after the installation.');
}

/** The browser's path. */
export function chromiumForTests() {
  if (process.env.FIREKEEP_TEST_CHROMIUM) return process.env.FIREKEEP_TEST_CHROMIUM;
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  if (!find(...names)) aptInstall(['chromium'], 'Chromium', 'set FIREKEEP_TEST_CHROMIUM to its path');
  return find(...names) ?? fail('No Chromium was found after the installation.');
}

/** The path of Apache, whose modules are where Debian has them. */
export function apacheForTests() {
  const module = '/usr/lib/apache2/modules/mod_auth_openidc.so';
  if (!find('apache2') || !existsSync(module)) {
    aptInstall(
      ['apache2-bin', 'libapache2-mod-auth-openidc'],
      'Apache with mod_auth_openidc',
      'have its module where Debian does',
    );
  }
  if (!existsSync(module)) fail(`${module} was not found after the installation.`);
  return find('apache2') ?? fail('No apache2 was found after the installation.');
}

/** The path of OpenLDAP's slapd, whose modules and schemas are where Debian has them. */
export function slapdForTests() {
  if (process.env.FIREKEEP_TEST_SLAPD) return process.env.FIREKEEP_TEST_SLAPD;
  if (!find('slapd')) aptInstall(['slapd'], 'slapd of OpenLDAP', 'set FIREKEEP_TEST_SLAPD to its path');
  return find('slapd') ?? fail('No slapd was found after the installation.');
}
