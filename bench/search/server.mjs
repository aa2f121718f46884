// A Firekeep process on a database, with a token to ask it.
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../../scripts/prepare.mjs';

/** As `npm start` and the container run it. BENCH_NODE_ARGS=--cpu-prof makes a profile of it. */
const nodeArguments = ['--max-semi-space-size=16', ...(process.env.BENCH_NODE_ARGS?.split(' ') ?? [])];

export class Server {
  /** @param {{ environment?: Record<string, string>, nodeArguments?: readonly string[] }} [options] */
  constructor(databaseUrl, port, options = {}) {
    this.nodeArguments = [...nodeArguments, ...(options.nodeArguments ?? [])];
    this.port = port;
    this.base = `http://127.0.0.1:${port}/fhir/r4`;
    const directory = mkdtempSync(join(tmpdir(), 'firekeep-bench-'));
    this.environment = {
      PATH: process.env.PATH,
      FIREKEEP_PORT: String(port),
      FIREKEEP_DATABASE_URL: databaseUrl,
      FIREKEEP_DATA_DIRECTORY: directory,
      // The same for every run, since the data and with them the secrets stay.
      FIREKEEP_SECRET_KEY: Buffer.alloc(32, 11).toString('base64'),
      FIREKEEP_ADMIN_PASSWORD: 'bench-password-1',
      FIREKEEP_LOG_LEVEL: 'warn',
      FIREKEEP_WORKERS: '1',
      ...options.environment,
    };
  }

  async start() {
    this.child = spawn(process.execPath, [...this.nodeArguments, join('dist', 'src', 'main.js')], {
      cwd: root,
      env: this.environment,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    for (let attempt = 0; attempt < 600; attempt += 1) {
      if (this.child.exitCode !== null) throw new Error('The server ended at once.');
      try {
        const answer = await fetch(`http://127.0.0.1:${this.port}/health/ready`);
        if (answer.status === 200) break;
      } catch {
        // Not listening yet.
      }
      await sleep(100);
    }
    const token = await this.command('token', 'admin', '--minutes', '60');
    this.headers = { authorization: `Bearer ${token}` };
  }

  command(...args) {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [join('dist', 'src', 'cli', 'main.js'), ...args], {
        cwd: root,
        env: this.environment,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let output = '';
      child.stdout.on('data', (chunk) => (output += chunk));
      child.on('close', (code) =>
        code === 0 ? resolve(output.trim()) : reject(new Error(`firekeep ${args[0]}: ${code}`)),
      );
    });
  }

  async stop() {
    if (this.child === undefined || this.child.exitCode !== null) return;
    this.child.kill('SIGTERM');
    await new Promise((resolve) => this.child.once('exit', resolve));
  }
}
