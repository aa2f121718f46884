// One run of tests: a folder of its own for all that it writes, and what shows that nothing of it is left.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statfsSync,
} from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './prepare.mjs';

const gigabyte = 2 ** 30;

/** In memory, where there is enough of it: MySQL makes 47 files a database, and a disk takes eight times as long. */
function place() {
  const memory = '/dev/shm';
  if (process.env.TMPDIR || !existsSync(memory) || freemem() < 8 * gigabyte) return tmpdir();
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize < 6 * gigabyte ? tmpdir() : memory;
}

export class TestRun {
  /** MySQL databases of the run begin with it. */
  name = `firekeep_test_${randomBytes(5).toString('hex')}`;
  outside = tmpdir();
  before = this.namesOutside();
  folder = realpathSync(mkdtempSync(join(place(), 'firekeep-run-')));
  sessions = new Set();

  constructor() {
    // Servers that give up root, as Apache does, get through to folders of their own.
    chmodSync(this.folder, 0o711);
    // Also for what the runner itself writes, such as the data of a database server.
    process.env.TMPDIR = this.folder;
    process.env.FIREKEEP_TEST_RUN = this.name;
    process.on('exit', () => this.remove());
  }

  /** Starts a command in a session of its own, by which its processes are found again. */
  spawn(command, args, options = {}) {
    const child = spawn(command, args, { cwd: root, detached: true, ...options });
    this.sessions.add(child.pid);
    return child;
  }

  /** Processes of the run that live: `[pid, command line]`. Where there is no /proc, none is seen. */
  processes() {
    if (!existsSync('/proc/self/stat')) return [];
    return readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
      .flatMap((pid) => {
        const command = readProcess(pid, 'cmdline')?.replaceAll('\0', ' ').trim();
        if (!command) return [];
        const session = Number(
          readProcess(pid, 'stat')
            ?.replace(/^.*\) /s, '')
            .split(' ')[3],
        );
        const isOurs =
          this.sessions.has(session) ||
          command.includes(this.folder) ||
          readProcess(pid, 'environ')?.includes(`FIREKEEP_TEST_RUN=${this.name}\0`);
        return isOurs ? [[Number(pid), command]] : [];
      });
  }

  /** Ends what lives, at once. */
  end() {
    for (const [pid] of this.processes()) endProcess(pid);
  }

  /**
   * What the tests left: processes, with their ports, a while after the tests ended; and, with CI=true, where nothing
   * else runs, folders beside that of the run. The processes are ended.
   *
   * @returns {Promise<string[]>}
   */
  async leftovers(kept = []) {
    const living = () => this.processes().filter(([pid]) => !kept.includes(pid));
    for (let round = 0; round < 100 && living().length > 0; round += 1) await sleep(100);
    const left = living().map(([pid, command]) => `process ${pid}: ${command.slice(0, 200)}`);
    for (const [pid] of living()) endProcess(pid);
    if (process.env.CI === 'true') {
      const folders = this.namesOutside().filter((name) => !this.before.includes(name));
      left.push(...folders.map((name) => `folder ${join(this.outside, name)}`));
    }
    return left;
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }

  namesOutside() {
    return readdirSync(this.outside).filter(
      (name) => name.startsWith('firekeep-') && !name.startsWith('firekeep-run-'),
    );
  }
}

function readProcess(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined; // It ended meanwhile.
  }
}

function endProcess(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}
