import { spawn } from 'node:child_process';
import { mkdtempSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { createConnection } from 'mysql2/promise';
import { databases } from '../kit/databases.js';
import { freePort, runFirekeep, startServer } from '../kit/server-process.js';

const root = join(__dirname, '..', '..');
const key = Buffer.alloc(32, 7).toString('base64');

/** Starts a server that is expected to end by itself. */
function start(environment: Record<string, string>): Promise<{ code: number | null; errors: string }> {
  return new Promise((resolve) => {
    const directory = mkdtempSync(join(tmpdir(), 'firekeep-start-'));
    const child = spawn(process.execPath, [join(root, 'dist', 'src', 'main.js')], {
      cwd: root,
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
    const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
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
