// The running server, and the next one, which has its packages loaded already: that is most of what a start takes.
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../prepare.mjs';

const program = join(root, 'scripts', 'dev', 'server-process.mjs');
/** Milliseconds for requests that are under way; then the server is told to end at once, and then it is killed. */
const patience = { requests: 1_500, end: 3_000 };

export class Server {
  #environment;
  #current;
  #next;
  #onEnd;

  /**
   * @param {NodeJS.ProcessEnv} environment
   * @param {(code: number | null) => void} onEnd the server ended by itself
   */
  constructor(environment, onEnd) {
    // One process starts and stops sooner than one a core; whoever wants more says so.
    const workers = environment.FIREKEEP_WORKERS?.trim() ? environment.FIREKEEP_WORKERS : '1';
    this.#environment = { ...environment, FIREKEEP_WORKERS: workers };
    this.#onEnd = onEnd;
    this.#prepareNext();
  }

  get isRunning() {
    return isAlive(this.#current);
  }

  /**
   * A start is never broken off: it may be migrating.
   *
   * @returns {Promise<boolean>} whether the server is ready
   */
  async restart() {
    await end(this.#current);
    if (!isAlive(this.#next)) this.#prepareNext();
    const server = this.#next;
    this.#current = server;
    const isReady = await new Promise((resolve) => {
      server.once('message', () => resolve(true));
      server.once('exit', () => resolve(false));
      server.send('start', () => undefined);
    });
    this.#prepareNext();
    if (isReady) {
      server.once('exit', (code) => {
        if (server === this.#current && !server.isEnding) this.#onEnd(code);
      });
    }
    return isReady;
  }

  /** Ends what runs; when called again, at once. */
  async stop() {
    if (this.#current?.isEnding) this.#current.kill('SIGTERM');
    await Promise.all([end(this.#current), end(this.#next)]);
  }

  /** In a process group of its own, so that Ctrl-C reaches it through us alone, and once. */
  #prepareNext() {
    this.#next = fork(program, {
      cwd: process.cwd(),
      env: this.#environment,
      execArgv: ['--max-semi-space-size=16', '--enable-source-maps'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      detached: true,
    });
  }
}

const isAlive = (child) => child !== undefined && child.exitCode === null && child.signalCode === null;

async function end(child) {
  if (!isAlive(child)) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  if (!child.isEnding) child.kill('SIGTERM');
  child.isEnding = true;
  const timers = [
    setTimeout(() => child.kill('SIGTERM'), patience.requests),
    setTimeout(() => child.kill('SIGKILL'), patience.end),
  ];
  await ended;
  timers.forEach(clearTimeout);
}
