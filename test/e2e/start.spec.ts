import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { createConnection } from 'mysql2/promise';
import { databases } from '../kit/databases.js';
import { freePort, runFirekeep, startServer } from '../kit/server-process.js';

const root = join(__dirname, '..', '..');
const key = Buffer.alloc(32, 7).toString('base64');

/** Starts a server that is expected to end by itself. */
function start(
  environment: Record<string, string>,
  cwd = root,
): Promise<{ code: number | null; errors: string }> {
  return new Promise((resolve) => {
    const directory = mkdtempSync(join(tmpdir(), 'firekeep-start-'));
    const child = spawn(process.execPath, [join(root, 'dist', 'src', 'main.js')], {
      cwd,
      env: {
        PATH: process.env.PATH ?? '',
        FIREKEEP_DATA_DIRECTORY: directory,
        FIREKEEP_DATABASE_URL: `sqlite:${join(directory, 'firekeep.sqlite')}`,
        FIREKEEP_PORT: '0',
        ...environment,
      },
    });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const timer = setTimeout(() => child.kill('SIGKILL'), 180_000);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, errors: errors.trim() });
    });
  });
}

describe('a start that cannot succeed ends with one clear line', () => {
  it('for an unknown setting', async () => {
    const { code, errors } = await start({ FIREKEEP_PROT: '8081' });
    expect(code).toBe(1);
    expect(errors).toMatch(/^Unknown setting FIREKEEP_PROT\..*$/);
  });

  it('for an occupied port', async () => {
    const blocker = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => blocker.listen(port, '127.0.0.1', resolve));
    const { code, errors } = await start({ FIREKEEP_PORT: String(port) });
    blocker.close();
    expect(code).toBe(1);
    expect(errors).toMatch(new RegExp(`^Port ${port} is in use\\..*$`));
  });

  it('for a database that does not answer', async () => {
    const port = await freePort();
    const { code, errors } = await start({
      FIREKEEP_DATABASE_URL: `mysql://root:secret-word@127.0.0.1:${port}/nowhere`,
      FIREKEEP_SECRET_KEY: key,
    });
    expect(code).toBe(1);
    expect(errors).toMatch(
      /^The database of FIREKEEP_DATABASE_URL can't be opened: .*Check host, port, user.*$/,
    );
    expect(errors).not.toContain('secret-word');
  });

  it('for a missing secret key on MySQL', async () => {
    const { code, errors } = await start({ FIREKEEP_DATABASE_URL: 'mysql://root@127.0.0.1:1/x' });
    expect(code).toBe(1);
    expect(errors).toMatch(/^FIREKEEP_SECRET_KEY is required with MySQL.*$/);
  });

  it('for a data directory that cannot be written', async () => {
    const { code, errors } = await start({ FIREKEEP_DATA_DIRECTORY: join(root, 'package.json', 'data') });
    expect(code).toBe(1);
    expect(errors).toMatch(/^ENOTDIR: .*package\.json.* a folder that this user may write to\.$/);
  });

  it.each([
    [{ FIREKEEP_TRUST_PROXY: 'proxy' }, /^FIREKEEP_TRUST_PROXY must be a list of addresses and networks.*$/],
    [{ FIREKEEP_BODY_LIMIT: '0' }, /^FIREKEEP_BODY_LIMIT must be a size from 1 byte.*$/],
    [
      { FIREKEEP_REGISTRATION_SCOPES: 'openid user/Pa.rs patient/Observation.xyz' },
      /^FIREKEEP_REGISTRATION_SCOPES must be scopes: unknown scope patient\/Observation\.xyz: use .*$/,
    ],
    [{ FIREKEEP_AUDIT: ',' }, /^FIREKEEP_AUDIT must have a value between its commas, or be none\.$/],
    [
      { FIREKEEP_DATABASE_URL: 'mysql://u:secret-%@db/x' },
      /^FIREKEEP_DATABASE_URL must be a URL(?!.*secret).*$/,
    ],
    [
      { FIREKEEP_ADMIN_PASSWORD: 'short' },
      /^FIREKEEP_ADMIN_USERNAME and FIREKEEP_ADMIN_PASSWORD make no .*$/,
    ],
    [
      { FIREKEEP_SECRET_KEY_FILE: '/dev/null' },
      /^FIREKEEP_SECRET_KEY_FILE names \/dev\/null, which is empty\.$/,
    ],
    [{ FIREKEEP_SECRET_KEY_FILE: '/nowhere' }, /^FIREKEEP_SECRET_KEY_FILE names \/nowhere, .*\(ENOENT\)\.$/],
  ])('for %j', async (environment, line) => {
    const { code, errors } = await start(environment);
    expect(code).toBe(1);
    expect(errors).toMatch(line);
  });

  it('for a settings file that cannot be read, or is no YAML', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'firekeep-start-'));
    mkdirSync(join(cwd, 'config', 'default.yaml'), { recursive: true });
    expect(await start({}, cwd)).toEqual({ code: 1, errors: "config/default.yaml can't be read (EISDIR)." });
    rmSync(join(cwd, 'config', 'default.yaml'), { recursive: true });
    writeFileSync(join(cwd, 'config', 'default.yaml'), 'port: [');
    const { code, errors } = await start({}, cwd);
    expect(code).toBe(1);
    expect(errors).toMatch(/^config\/default\.yaml is not YAML: .*$/);
    rmSync(cwd, { recursive: true });
  });

  it('for a bootstrap file with an unknown key', async () => {
    const { code, errors } = await start({ FIREKEEP_BOOTSTRAP_FILE: join(root, 'package.json') });
    expect(code).toBe(1);
    expect(errors).toContain('package.json');
  });
});

it('keeps what it writes below the data directory to its own user', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'firekeep-rights-')), 'new', 'firekeep.sqlite');
  const server = await startServer(`sqlite:${file}`);
  const rights = (path: string): string => (statSync(path).mode & 0o777).toString(8);
  expect(rights(dirname(file))).toBe('700');
  expect([file, `${file}-wal`, `${file}-shm`].map(rights)).toEqual(['600', '600', '600']);
  expect(rights(join(server.directory, 'administrator-password'))).toBe('600');
  await server.stop();
});

describe('empty settings count as unset', () => {
  it('so that nothing listens on all addresses and the audit stays on', async () => {
    const empty = { FIREKEEP_HOST: '', FIREKEEP_AUDIT: ' ', FIREKEEP_TRUST_PROXY: '', FIREKEEP_WORKERS: '' };
    const server = await startServer(`sqlite:${join(mkdtempSync(join(tmpdir(), 'firekeep-')), 'x.sqlite')}`, {
      ...empty,
      FIREKEEP_ADMIN_PASSWORD_FILE: '',
      FIREKEEP_RETIRED: '',
    });
    try {
      const others = Object.values(networkInterfaces())
        .flatMap((addresses) => addresses ?? [])
        .filter(({ internal, family }) => !internal && family === 'IPv4');
      for (const { address } of others) {
        await expect(fetch(`http://${address}:${server.port}/health/live`)).rejects.toThrow();
      }
      const { stdout } = await runFirekeep(server.environment, ['config', 'check']);
      expect(stdout).toMatch(/FIREKEEP_HOST +127\.0\.0\.1/);
      expect(stdout).toMatch(/FIREKEEP_TRUST_PROXY +none\n/);
      expect(stdout).toMatch(/FIREKEEP_REGISTRATION_REDIRECTS +anywhere\n/);
      expect(stdout).toMatch(/FIREKEEP_AUDIT +sign-ins grants refusals writes administration/);
    } finally {
      await server.stop();
    }
  });
});

describe('without FIREKEEP_DATABASE_URL', () => {
  let cwd: string;
  beforeEach(() => (cwd = mkdtempSync(join(tmpdir(), 'firekeep-place-'))));
  afterEach(() => rmSync(cwd, { recursive: true }));
  const unset = { FIREKEEP_DATABASE_URL: '' };

  it('the database lies in the data directory', async () => {
    const directory = join(cwd, 'kept');
    const server = await startServer('', { FIREKEEP_DATA_DIRECTORY: directory }, undefined, cwd);
    await server.stop();
    expect(existsSync(join(directory, 'firekeep.sqlite'))).toBe(true);
    expect(server.output()).toContain(`FIREKEEP_DATA_DIRECTORY=${directory} npx firekeep token`);
    expect(server.output()).not.toContain('FIREKEEP_DATABASE_URL');
  });

  it('a database that an earlier version left in ./data stops the start, and is left alone', async () => {
    mkdirSync(join(cwd, 'data'));
    writeFileSync(join(cwd, 'data', 'firekeep.sqlite'), 'old');
    const directory = join(cwd, 'kept');
    const { code, errors } = await start({ ...unset, FIREKEEP_DATA_DIRECTORY: directory }, cwd);
    expect(code).toBe(1);
    expect(errors).toMatch(/^FIREKEEP_DATA_DIRECTORY is .*, where there is no database, .*Move \.\/data.*$/);
    expect(existsSync(directory)).toBe(false);
    expect(readFileSync(join(cwd, 'data', 'firekeep.sqlite'), 'utf8')).toBe('old');
  });
});

describe.each(databases)('a database on $name', (database) => {
  it('of a newer version is refused and left alone', async () => {
    const url = await database.create();
    const server = await startServer(url);
    await server.stop();
    const sql =
      "INSERT INTO firekeep_migration (timestamp, name) VALUES (9999999999999, 'FromTheFuture9999999999999')";
    if (url.startsWith('sqlite:')) {
      const file = new Sqlite(url.slice('sqlite:'.length));
      file.exec(sql);
      file.close();
    } else {
      const connection = await createConnection({ uri: url });
      await connection.query(sql);
      await connection.end();
    }
    const { code, errors } = await start({ ...server.environment, FIREKEEP_PORT: '0' });
    expect(code).toBe(1);
    expect(errors).toMatch(
      /^The database was migrated by a newer Firekeep \(FromTheFuture9999999999999\)\..*$/,
    );
  });

  it('keeps its administrator at the second start, and asks nothing', async () => {
    const server = await startServer(await database.create());
    const password = server.administratorPassword();
    await server.stop();
    const added = await runFirekeep(
      server.environment,
      ['user', 'add', 'bob', '--role', 'practitioner', '--json'],
      'a quiet evening\n',
    );
    expect(added).toMatchObject({ code: 0 });
    const again = await start({ ...server.environment, FIREKEEP_PROT: '1' });
    expect(again.code).toBe(1);
    expect(server.administratorPassword()).toBe(password);
    const disabled = await runFirekeep(server.environment, ['user', 'disable', 'bob']);
    expect(disabled).toMatchObject({ code: 0, stdout: 'bob is disabled.\n' });
  });
});

describe('the command line', () => {
  it('ends with 2 and the usage for a command that does not exist', async () => {
    const { code, stderr } = await runFirekeep({}, ['begin']);
    expect(code).toBe(2);
    expect(stderr).toContain("unknown command 'begin'");
  });

  it('shows the settings in force, without secrets', async () => {
    const { code, stdout } = await runFirekeep({ FIREKEEP_SECRET_KEY: key, FIREKEEP_PORT: '9999' }, [
      'config',
      'check',
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/FIREKEEP_PORT +9999/);
    expect(stdout).not.toContain(key);
  });
});
