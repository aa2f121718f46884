import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../kit/server-process.js';

const root = join(__dirname, '..', '..');
const copied = [
  ...['package.json', 'package-lock.json', 'nest-cli.json', 'tsconfig.json', '.swcrc'],
  ...['src', 'migrations', 'config', 'scripts', 'dist'],
];
const ready = 'the server is ready after';

/** `npm run dev` in a copy of the program, on a port of its own. */
class Dev {
  readonly folder = mkdtempSync(join(tmpdir(), 'firekeep-dev-'));
  private readonly child: ChildProcess;
  private output = '';

  private constructor(private readonly port: number) {
    for (const name of copied) {
      cpSync(join(root, name), join(this.folder, name), {
        recursive: true,
        filter: (path) => !path.endsWith('.spec.ts'),
      });
    }
    symlinkSync(realpathSync(join(root, 'node_modules')), join(this.folder, 'node_modules'));
    this.child = spawn(process.execPath, ['scripts/dev.mjs'], {
      cwd: this.folder,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: process.env.HOME ?? '',
        FIREKEEP_PORT: String(port),
        FIREKEEP_ADMIN_PASSWORD: 'correct horse battery',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    }
  }

  static async start(): Promise<Dev> {
    const dev = new Dev(await freePort());
    await dev.says('Watching src');
    return dev;
  }

  path(file: string): string {
    return join(this.folder, file);
  }

  save(file: string, content: string): void {
    writeFileSync(this.path(file), content);
  }

  /** Waits for something, however long it takes, as long as there is somebody to bring it about. */
  async until(condition: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await condition())) {
      if (this.child.exitCode !== null) throw new Error(`npm run dev ended:\n${this.output}`);
      await sleep(50);
    }
  }

  /** Runs `work`, and waits until what is printed from then on has all of `texts`. Resolves with it. */
  async saysAfter(work: () => void, ...texts: readonly string[]): Promise<string> {
    const before = this.output.length;
    work();
    await this.until(() => texts.every((text) => this.output.slice(before).includes(text)));
    return this.output.slice(before);
  }

  says(...texts: readonly string[]): Promise<string> {
    return this.saysAfter(() => undefined, ...texts);
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const authorization = `Basic ${Buffer.from('admin:correct horse battery').toString('base64')}`;
    const headers = { authorization, 'content-type': 'application/json', connection: 'close' };
    return fetch(`http://localhost:${this.port}${path}`, { headers, ...init });
  }

  async startPage(): Promise<string> {
    return (await this.fetch('/')).text();
  }

  /** Processes that it has started and that still run. */
  children(): number[] {
    const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=']).toString().trim().split('\n');
    return rows
      .map((row) => row.trim().split(/\s+/).map(Number))
      .filter(([pid, parent]) => parent === this.child.pid && isAlive(pid))
      .map(([pid]) => Number(pid));
  }

  end(signal: NodeJS.Signals): Promise<number | null> {
    return new Promise((resolve) => {
      if (this.child.exitCode !== null || this.child.signalCode !== null) resolve(this.child.exitCode);
      this.child.once('exit', (code) => resolve(code));
      this.child.kill(signal);
    });
  }

  async remove(): Promise<void> {
    const children = this.children();
    await this.end('SIGKILL');
    for (const pid of children) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

function isAlive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The one source that holds a text, wherever it is by now. */
function fileWith(text: string): string {
  const found = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts'))
    .filter((path) => readFileSync(join(root, 'src', path), 'utf8').includes(text));
  if (found.length !== 1) throw new Error(`${text} is in ${found.length} files`);
  return join('src', found[0] ?? '');
}

describe('npm run dev', () => {
  const page = fileWith("'Readiness'");
  const marker = join(dirname(page), 'marker.ts');
  const built = join('dist', marker).replace(/ts$/, 'js');
  let dev: Dev;
  let original: string;
  const saveMarker = (text: string): void => dev.save(marker, `export const marker: string = ${text};\n`);

  beforeAll(async () => {
    dev = await Dev.start();
    original = readFileSync(dev.path(page), 'utf8');
  }, 600_000);
  afterAll(() => dev.remove());

  it('runs a saved file, a new one too, and keeps the data', async () => {
    const user = { username: 'alice', password: 'a long walk to the harbour', roles: ['practitioner'] };
    const init = { method: 'POST', body: JSON.stringify(user) };
    expect((await dev.fetch('/admin/api/v1/users', init)).status).toBe(201);
    expect(await dev.startPage()).toContain('Readiness');
    await dev.saysAfter(() => {
      saveMarker("'first marker'");
      dev.save(
        page,
        `import { marker } from './marker.js';\n${original.replace("'Readiness'", () => 'marker')}`,
      );
    }, ready);
    await dev.until(async () => (await dev.startPage()).includes('first marker'));
    expect((await dev.fetch('/admin/api/v1/users/alice')).status).toBe(200);
    expect(existsSync(dev.path('data/firekeep.sqlite'))).toBe(true);
  }, 600_000);

  it('shows what can’t be compiled, and the server goes on until it is mended', async () => {
    const text = await dev.saysAfter(() => saveMarker("'second marker"), 'The server goes on as it was.');
    expect(text).toContain(`${marker} can't be compiled.`);
    expect(text).toMatch(/Unterminated string/);
    expect(text).not.toMatch(/backtrace|Caused by/);
    expect(text).not.toContain(ready);
    expect(await dev.startPage()).toContain('first marker');
    await dev.saysAfter(() => saveMarker("'third marker'"), ready);
    expect(await dev.startPage()).toContain('third marker');
  }, 600_000);

  it('shows a start that fails, and starts with the next change', async () => {
    const fails = '(() => { throw new Error("no marker today"); })()';
    const text = await dev.saysAfter(() => saveMarker(fails), 'the server did not start.');
    expect(text).toMatch(/no marker today[^]*marker\.ts:1/);
    expect(text).toContain('The next change starts it.');
    await dev.saysAfter(() => saveMarker("'fourth marker'"), ready);
    expect(await dev.startPage()).toContain('fourth marker');
  }, 600_000);

  it('shows wrong types behind the restart, which does not wait for them', async () => {
    const wrong = 17;
    const text = await dev.saysAfter(() => saveMarker(String(wrong)), ready, 'TS2322');
    expect(text.indexOf(ready)).toBeLessThan(text.indexOf('Types: 1 error.'));
    expect(text).toContain(`${marker}(1,14): error TS2322`);
    await dev.saysAfter(() => saveMarker("'fifth marker'"), ready, 'Types: no errors.');
  }, 900_000);

  it('has one server, of the last of many quick changes', async () => {
    await dev.saysAfter(() => {
      for (let count = 1; count <= 20; count += 1) saveMarker(`'change ${count}.'`);
    }, ready);
    for (let count = 21; count <= 25; count += 1) {
      saveMarker(`'change ${count}.'`);
      await sleep(30 * (count - 20));
    }
    const text = await dev.saysAfter(() => saveMarker("'change 26.'"), ready);
    await dev.until(async () => (await dev.startPage().catch(() => '')).includes('change 26.'));
    expect(text).not.toContain('in use');
    // The server, the one that waits for the next change, and the check of types.
    await dev.until(() => dev.children().length === 3);
  }, 600_000);

  it('takes what was removed out of the build, and leaves one that npm start needn’t make again', async () => {
    expect(existsSync(dev.path(built))).toBe(true);
    await dev.saysAfter(() => dev.save(page, original), ready);
    await dev.saysAfter(() => rmSync(dev.path(marker)), ready);
    await dev.until(() => !existsSync(dev.path(built)));
    for (const ending of ['js', 'js.map']) {
      const mended = join('dist', page).replace(/ts$/, ending);
      expect(readFileSync(dev.path(mended), 'utf8')).toBe(readFileSync(join(root, mended), 'utf8'));
    }
    const stamp = 'dist/.firekeep-built';
    await dev.until(() => existsSync(dev.path(stamp)));
    expect(readFileSync(dev.path(stamp), 'utf8')).toBe(readFileSync(join(root, stamp), 'utf8'));
  }, 600_000);

  it('starts again for a settings file, and names what is wrong there', async () => {
    const before = readFileSync(dev.path('config/default.yaml'), 'utf8');
    const text = await dev.saysAfter(() => dev.save('config/default.yaml', 'prot: 1\n'), 'did not start.');
    expect(text).toContain('config/default.yaml: unknown setting prot.');
    await dev.saysAfter(() => dev.save('config/default.yaml', before), ready);
  }, 600_000);

  it('ends with all of its processes on Ctrl-C', async () => {
    const children = dev.children();
    expect(children.length).toBe(3);
    expect(await dev.end('SIGINT')).toBe(0);
    while (children.some(isAlive)) await sleep(50);
    await expect(dev.fetch('/')).rejects.toThrow();
  }, 600_000);
});

it('leaves no process of npm run dev where it is killed', async () => {
  const dev = await Dev.start();
  const children = dev.children();
  expect(children.length).toBe(3);
  await dev.end('SIGKILL');
  while (children.some(isAlive)) await sleep(50);
  await dev.remove();
}, 600_000);
