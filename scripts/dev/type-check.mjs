// Types are checked in the background: they hold no restart up, and are shown once it is through.
import { fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { root } from '../prepare.mjs';

const program = join(root, 'scripts', 'dev', 'type-check-process.mjs');

export class TypeCheck {
  #child;
  #found;
  #isHeld = false;
  #hadErrors = true;
  #show;

  /** @param {(text: string) => void} show */
  constructor(show) {
    this.#show = show;
    this.#child = fork(program, {
      cwd: root,
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    try {
      setPriority(this.#child.pid, 10);
    } catch {
      // A system without priorities: the restart then shares its processor.
    }
    this.#child.on('message', (found) => {
      this.#found = found;
      this.#tell();
    });
    this.#child.once('exit', (code) => {
      if (code !== null && code !== 0)
        show(`Types are not checked any more: that process ended with ${code}.`);
    });
  }

  /** Keeps findings back until `release`. */
  hold() {
    this.#isHeld = true;
  }

  release() {
    this.#isHeld = false;
    this.#tell();
  }

  stop() {
    this.#child.kill('SIGTERM');
  }

  #tell() {
    if (this.#isHeld || this.#found === undefined) return;
    const [errors, text] = this.#found;
    this.#found = undefined;
    if (errors > 0) this.#show(`Types: ${errors} ${errors === 1 ? 'error' : 'errors'}.\n${text.trimEnd()}`);
    else if (this.#hadErrors) this.#show('Types: no errors.');
    this.#hadErrors = errors > 0;
  }
}
