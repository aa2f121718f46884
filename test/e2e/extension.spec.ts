import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { databases } from '../kit/databases.js';
import {
  freePort,
  runFirekeep,
  startServer,
  startServerAgain,
  type ServerProcess,
} from '../kit/server-process.js';

const root = join(__dirname, '..', '..');

/** The commands of the first block in the README of the sample, apart from the build of the program itself. */
function documentedCommands(): { readonly compile: readonly string[]; readonly program: string } {
  const readme = readFileSync(join(root, 'examples', 'extension', 'README.md'), 'utf8');
  const lines = /```sh\n([\s\S]*?)```/.exec(readme)?.[1]?.trim().split('\n') ?? [];
  expect(lines).toHaveLength(3);
  const [build, compile = '', start = ''] = lines;
  expect(build).toBe('npm run build');
  expect(compile).toMatch(/^npx swc /);
  expect(start).toMatch(/^node /);
  return { compile: compile.split(' ').slice(1), program: start.replace(/^node /, '') };
}

/** Compiles the sample as its README says. @returns the program */
function compileSample(): string {
  const { compile, program } = documentedCommands();
  const [command = '', ...args] = compile;
  execFileSync(join(root, 'node_modules', '.bin', command), args, { cwd: root, stdio: 'pipe' });
  return program;
}

const built = join(root, 'dist', 'examples', 'extension');

/** Another extension beside the sample, in the form in which one is compiled. @returns its file */
function writeExtension(name: string, body: string): string {
  const file = join(built, `${name}.module.js`);
  const imports = [
    "import 'reflect-metadata';",
    "import { Inject, Module } from '@nestjs/common';",
    "import { FirekeepExtension, FirekeepExtensionModule, RecurringJobs } from 'firekeep';",
  ];
  writeFileSync(file, [...imports, body, ''].join('\n'));
  return file;
}

describe('extensions that FIREKEEP_EXTENSIONS names', () => {
  const extension = join(built, 'clinic.module.js');
  let server: ServerProcess;

  beforeAll(async () => {
    compileSample();
    const folder = mkdtempSync(join(tmpdir(), 'firekeep-extension-'));
    server = await startServer(`sqlite:${join(folder, 'firekeep.sqlite')}`, {
      FIREKEEP_EXTENSIONS: extension,
    });
  });
  afterAll(() => server.stop());

  it('are loaded by the server', async () => {
    const answer = await fetch(`${server.url}/fhir/r4/metadata`);
    expect(await answer.text()).toContain('growth-summary');
  });

  it('are loaded by the command line', async () => {
    const { stdout } = await runFirekeep(server.environment, ['check', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ findings: 0 });
    const wrong = { ...server.environment, FIREKEEP_EXTENSIONS: './nothing.js' };
    expect(await runFirekeep(wrong, ['check'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('"./nothing.js"'),
    });
    const empty = { ...server.environment, FIREKEEP_EXTENSIONS: join(extension, '..', 'performer.rule.js') };
    expect(await runFirekeep(empty, ['check'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('exports no Nest module'),
    });
  });
});

describe('what extensions say of themselves', () => {
  const extension = join(built, 'clinic.module.js');
  const environment = {
    FIREKEEP_EXTENSIONS: extension,
    FIREKEEP_DATABASE_URL: `sqlite:${join(mkdtempSync(join(tmpdir(), 'firekeep-extension-')), 'firekeep.sqlite')}`,
  };
  beforeAll(() => void compileSample());

  it('is in force as `firekeep config check` shows it, without secrets', async () => {
    const { stdout } = await runFirekeep(
      {
        ...environment,
        FIREKEEP_X_CLINIC_WARD: 'surgery',
        FIREKEEP_X_CLINIC_PAGER_KEY: 'the key of the pager',
      },
      ['config', 'check', '--json'],
    );
    const rows = JSON.parse(stdout) as { setting: string; value: unknown }[];
    const valueOf = (name: string) => rows.find(({ setting }) => setting === name)?.value;
    expect(valueOf('FIREKEEP_X_CLINIC_WARD')).toBe('surgery');
    expect(valueOf('FIREKEEP_X_CLINIC_ALARM_LIMIT')).toBe(3);
    expect(valueOf('FIREKEEP_X_CLINIC_PAGER_KEY')).toBe('(set)');
    expect(stdout).not.toContain('the key of the pager');
  });

  it.each<[Record<string, string>, RegExp]>([
    [{ FIREKEEP_X_CLINIC_WRAD: 'x' }, /^Unknown setting FIREKEEP_X_CLINIC_WRAD of an extension.*\n$/],
    [{ FIREKEEP_X_CLINIC_ALARM_LIMIT: '0' }, /^FIREKEEP_X_CLINIC_ALARM_LIMIT must be a whole number.*\n$/],
    [
      { FIREKEEP_EXTENSIONS: '', FIREKEEP_X_CLINIC_WARD: 'x' },
      /^Unknown setting FIREKEEP_X_CLINIC_WARD.*\n$/,
    ],
  ])('stops the start with one line where %j', async (wrong, line) => {
    for (const command of [['config', 'check'], ['migrate']]) {
      const { code, stderr } = await runFirekeep({ ...environment, ...wrong }, command);
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(line) });
    }
  });

  it('stops the start with one line where it is made for another version', async () => {
    const file = writeExtension(
      'other-version',
      `class Old {}
       FirekeepExtension({ name: 'old', compatibility: '>=9 <10' })(Old);
       Module({ providers: [] })(Old);
       export { Old };`,
    );
    const { code, stderr } = await runFirekeep({ ...environment, FIREKEEP_EXTENSIONS: file }, ['migrate']);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^The extension "old" is made for Firekeep >=9 <10, and this is \d+\.\d+\.\d+\..*\n$/,
    );
  });

  it('is missed once, where an extension says nothing', async () => {
    const file = writeExtension(
      'silent',
      'class Silent {}\nModule({ providers: [] })(Silent);\nexport { Silent };',
    );
    const { code, stderr } = await runFirekeep({ ...environment, FIREKEEP_EXTENSIONS: file }, ['migrate']);
    expect(code).toBe(0);
    expect(stderr.match(/does not say which versions/g)).toHaveLength(1);
    expect(stderr).toContain('"module":"Silent"');
  });
});

describe.each(databases)('recurring work of two servers on $name', (database) => {
  const servers: ServerProcess[] = [];
  let killed: ServerProcess | undefined;
  afterAll(async () => {
    for (const server of servers) if (server !== killed) await server.stop();
  });

  it('goes on in the other one when the one that does it is killed', async () => {
    compileSample();
    const file = writeExtension(
      'endless-job',
      `class Endless {
         constructor(jobs) {
           const run = ({ signal }) => {
             console.log('round of the job in', process.pid);
             return new Promise((resolve) => signal.addEventListener('abort', resolve));
           };
           jobs.add({ name: 'endless.job', every: 1, lease: 3, run });
         }
       }
       Inject(RecurringJobs)(Endless, undefined, 0);
       FirekeepExtension({ name: 'endless', compatibility: '>=0.1' })(Endless);
       Module({ imports: [FirekeepExtensionModule] })(Endless);
       export { Endless };`,
    );
    const first = await startServer(await database.create(), { FIREKEEP_EXTENSIONS: file });
    servers.push(first);
    servers.push(await startServerAgain({ ...first.environment, FIREKEEP_PORT: String(await freePort()) }));
    const doing = () => servers.filter((server) => server.output().includes('round of the job in'));
    for (let time = 0; doing().length === 0 && time < 300; time += 1) await sleep(100);
    await sleep(4_000);
    const [holder, ...others] = doing();
    expect(others).toEqual([]);
    killed = holder;
    await holder?.stop('SIGKILL');
    for (let time = 0; doing().length < 2 && time < 300; time += 1) await sleep(100);
    expect(doing()).toHaveLength(2);
    const rounds = servers.flatMap((server) => server.output().match(/round of the job in \d+/g) ?? []);
    expect(rounds.sort()).toEqual(servers.map(({ pid }) => `round of the job in ${pid}`).sort());
  });
});

describe.each(databases)('the sample extension, started as its README says, on $name', (database) => {
  let server: ServerProcess;
  let token: string;

  beforeAll(async () => {
    server = await startServer(await database.create(), {}, compileSample());
    const { stdout } = await runFirekeep(server.environment, ['token', 'admin']);
    token = stdout.trim();
  });
  afterAll(() => server.stop());

  function fhir(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' };
    return fetch(`${server.url}/fhir/r4${path}`, { ...init, headers });
  }

  it('applies its rule, its search parameter and its operation behind the gate', async () => {
    const observation = { resourceType: 'Observation', status: 'final', code: { text: 'Height' } };
    const refused = await fhir('/Observation', { method: 'POST', body: JSON.stringify(observation) });
    expect(refused.status).toBe(422);
    const patient = { resourceType: 'Patient', id: 'ana', contact: [{ name: { family: 'García' } }] };
    const created = await fhir('/Patient/ana', { method: 'PUT', body: JSON.stringify(patient) });
    expect(created.status).toBe(201);
    const found = (await (await fhir('/Patient?contact-name=garcia')).json()) as { entry?: unknown[] };
    expect(found.entry).toHaveLength(1);
    expect((await fhir('/Patient/ana/$growth-summary')).status).toBe(200);
    expect((await fetch(`${server.url}/fhir/r4/Patient/ana/$growth-summary`)).status).toBe(401);
  });
});
