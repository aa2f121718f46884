import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databases } from '../kit/databases.js';
import { runFirekeep, startServer, type ServerProcess } from '../kit/server-process.js';

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

describe('extensions that FIREKEEP_EXTENSIONS names', () => {
  const extension = join(root, 'dist', 'examples', 'extension', 'clinic.module.js');
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
