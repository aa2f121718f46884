import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clinicLdif, directoryEnvironment } from '../kit/clinic-directory.js';
import { runFirekeep, startServer, type ServerProcess } from '../kit/server-process.js';
import { Slapd } from '../kit/slapd.js';

const root = join(__dirname, '..', '..');
const folder = join(root, 'examples', 'directory-users');

/** The first block of commands in the README. */
function documentedCommands(): readonly string[] {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  return /```sh\n([\s\S]*?)```/.exec(readme)?.[1]?.trim().split('\n') ?? [];
}

describe('users of a directory, by the extension as its README starts it', () => {
  let slapd: Slapd;
  let server: ServerProcess;

  beforeAll(async () => {
    const [build, compile = '', start = ''] = documentedCommands();
    expect(build).toBe('npm run build');
    const [, command = '', ...args] = compile.split(' ');
    execFileSync(join(root, 'node_modules', '.bin', command), args, { cwd: root, stdio: 'pipe' });
    const [, extension = ''] = /^FIREKEEP_EXTENSIONS=(\S+) npm start$/.exec(start) ?? [];
    slapd = await Slapd.start(clinicLdif);
    const database = join(mkdtempSync(join(tmpdir(), 'firekeep-directory-')), 'firekeep.sqlite');
    server = await startServer(`sqlite:${database}`, {
      ...directoryEnvironment(slapd.url),
      FIREKEEP_EXTENSIONS: extension,
    });
  });
  afterAll(async () => {
    await server?.stop();
    await slapd?.remove();
  });

  const manage = (username: string, password: string): Promise<Response> =>
    fetch(`${server.url}/admin/api/v1/users`, {
      headers: { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` },
    });

  it('lets an operator manage the server, a doctor and a wrong password not', async () => {
    expect((await manage('root', 'root in the directory')).status).toBe(200);
    expect((await manage('root', 'wrong')).status).toBe(401);
    expect((await manage('root', '')).status).toBe(401);
    expect((await manage('dora', 'dora in the directory')).status).toBe(403);
    expect(server.output()).not.toContain('in the directory');
  });

  it('is known to the command line', async () => {
    const shown = await runFirekeep(server.environment, ['user', 'show', 'root', '--json']);
    expect(JSON.parse(shown.stdout)).toMatchObject({
      ...{ username: 'root', roles: ['admin', 'auditor', 'practitioner'] },
      ...{ source: 'directory', sourceActive: true },
    });
    const refused = await runFirekeep(server.environment, ['user', 'passwd', 'root'], 'another password\n');
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('comes from the source directory'),
    });
    const token = await runFirekeep(server.environment, ['token', 'root']);
    expect(token.code).toBe(0);
  });

  it('ends the start with the name of the setting that is missing', async () => {
    const { DIRECTORY_ROLES: _roles, ...environment } = server.environment;
    const { code, stderr } = await runFirekeep(environment, ['check']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('DIRECTORY_ROLES is not set')]);
  });
});
