import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = join(__dirname, '..', '..');

/** A running `dist/src/main.js` with a folder and a port of its own. */
export interface ServerProcess {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What it printed so far. */
  output(): string;
  /** The administrator's generated password. */
  administratorPassword(): string;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

/** Starts a server and waits until it is ready. `environment` is added to a database URL, a port and a secret key. */
export async function startServer(
  databaseUrl: string,
  environment: Readonly<Record<string, string>> = {},
  program?: string,
  workingDirectory?: string,
): Promise<ServerProcess> {
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'firekeep-e2e-'));
  return startServerAgain(
    {
      FIREKEEP_PORT: String(port),
      FIREKEEP_DATABASE_URL: databaseUrl,
      FIREKEEP_DATA_DIRECTORY: directory,
      FIREKEEP_SECRET_KEY: randomBytes(32).toString('base64'),
      FIREKEEP_WORKERS: '1',
      ...environment,
    },
    program,
    workingDirectory,
  );
}

/**
 * Starts with exactly this environment: a second time on the same port, database and key.
 *
 * @param program what is started, below the root of the repository
 */
export async function startServerAgain(
  environment: Readonly<Record<string, string>>,
  program = 'dist/src/main.js',
  workingDirectory = root,
): Promise<ServerProcess> {
  const port = Number(environment.FIREKEEP_PORT);
  const directory = environment.FIREKEEP_DATA_DIRECTORY ?? '';
  const child = spawn(process.execPath, [join(root, program)], {
    cwd: workingDirectory,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const url = environment.FIREKEEP_PUBLIC_URL ?? `http://localhost:${port}`;
  await waitUntilReady(child, `http://127.0.0.1:${port}/health/ready`, () => output);
  return {
    url,
    port,
    pid: child.pid ?? 0,
    directory,
    environment,
    output: () => output,
    administratorPassword: () => readFileSync(join(directory, 'administrator-password'), 'utf8').trim(),
    stop: (signal = 'SIGTERM') => stop(child, signal),
  };
}

/** Runs the command line with the environment of a server; resolves with what it printed. */
export function runFirekeep(
  environment: Readonly<Record<string, string>>,
  args: readonly string[],
  input = '',
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'dist', 'src', 'cli', 'main.js'), ...args], {
      cwd: root,
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...environment },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin.end(input);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

async function waitUntilReady(child: ChildProcess, probe: string, output: () => string): Promise<void> {
  for (let attempt = 0; attempt < 2_400; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}:\n${output()}`);
    try {
      if ((await fetch(probe)).ok) return;
    } catch {
      // Not listening yet.
    }
    await sleep(100);
  }
  child.kill('SIGKILL');
  throw new Error(`The server was not ready within 240 s:\n${output()}`);
}

function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => {
    child.once('exit', (code) => resolve(code));
    child.kill(signal);
  });
}
