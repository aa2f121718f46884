// What the running server is made of: the sources, the settings files, and the files that settings name.
import { readdirSync, statSync, watch } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { root } from '../prepare.mjs';
import { isCompiled } from './compiler.mjs';

const folders = ['src', 'migrations', 'config'];
/** With other ones `npm run dev` begins anew. */
export const buildFiles = ['package-lock.json', 'nest-cli.json', 'tsconfig.json', '.swcrc'];
/** Milliseconds. Where a file system tells of no changes (a mounted one), they are found by looking. */
const lookEvery = 1_000;
/** Milliseconds of quiet that are waited for, since editors save in several steps, and several files at once. */
const quiet = 40;

const counts = (file) => isCompiled(file) || /^config\/[^/]+\.yaml$/.test(file);

export class SourceTree {
  #files = new Map();
  #watchers = new Map();
  #named;
  #timer;
  #interval;
  #listener = () => undefined;

  /** @param {NodeJS.ProcessEnv} environment whose FIREKEEP_… variables name files: a bootstrap file, an extension, a secret */
  constructor(environment) {
    this.#named = namedFiles(environment);
    this.look();
  }

  /** The sources, below the root. */
  get sources() {
    return [...this.#files.keys()].filter(isCompiled);
  }

  /**
   * @returns {{ changed: string[], removed: string[] }} since the last look, below the root; new files are changed ones
   */
  look() {
    const before = this.#files;
    this.#files = new Map();
    const seen = new Set();
    for (const folder of folders) this.#visit(folder, seen);
    for (const file of [...buildFiles, ...this.#named]) this.#note(file);
    for (const folder of this.#named.map((file) => dirname(file))) this.#watch(folder, seen);
    this.#watch('.', seen);
    for (const [folder, watcher] of this.#watchers) {
      if (seen.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    return {
      changed: [...this.#files].filter(([file, state]) => before.get(file) !== state).map(([file]) => file),
      removed: [...before.keys()].filter((file) => !this.#files.has(file)),
    };
  }

  /** Calls back when something may have changed. */
  start(listener) {
    this.#listener = listener;
    this.#interval = setInterval(listener, lookEvery);
  }

  stop() {
    clearTimeout(this.#timer);
    clearInterval(this.#interval);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #visit(folder, seen) {
    let entries;
    try {
      entries = readdirSync(join(root, folder), { withFileTypes: true });
    } catch {
      return; // It went away while we looked; what it held is removed.
    }
    this.#watch(folder, seen);
    for (const entry of entries) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) this.#visit(path, seen);
      else if (counts(path)) this.#note(path);
    }
  }

  #note(file) {
    const state = statSync(resolve(root, file), { throwIfNoEntry: false });
    if (state?.isFile()) this.#files.set(file, `${state.mtimeMs} ${state.size} ${state.ino}`);
  }

  #watch(folder, seen) {
    seen.add(folder);
    if (this.#watchers.has(folder)) return;
    try {
      const watcher = watch(resolve(root, folder), () => {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#listener(), quiet);
      });
      watcher.on('error', () => watcher.close());
      this.#watchers.set(folder, watcher);
    } catch {
      // No more watchers, or the folder is gone: looking every second finds what changes.
    }
  }
}

function namedFiles(environment) {
  return Object.entries(environment)
    .filter(([name, value]) => name.startsWith('FIREKEEP_') && value)
    .flatMap(([, value]) => value.split(','))
    .map((path) => resolve(path.trim()))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    .map((path) => (relative(root, path).startsWith('..') ? path : relative(root, path)))
    .filter((path) => !counts(path) && !path.endsWith('.sqlite'));
}
