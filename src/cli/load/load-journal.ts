import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FirekeepError } from '../../platform/errors/index.js';

/**
 * What of a file the server has acknowledged, so that a load that was broken off goes on where it stood. One
 * file an input, named by address, path, size and time of change: a changed input starts afresh.
 */
export class LoadJournal {
  private readonly path: string;
  private readonly done = new Set<number>();

  constructor(directory: string, url: string, file: string) {
    const { size, mtimeMs } = statSync(file);
    const name = createHash('sha256')
      .update([url, resolve(file), String(size), String(mtimeMs)].join('\n'))
      .digest('hex')
      .slice(0, 32);
    this.path = join(directory, `${name}.done`);
    this.onDisk(() => {
      mkdirSync(directory, { recursive: true });
      if (!existsSync(this.path)) return;
      for (const line of readFileSync(this.path, 'utf8').split('\n'))
        if (line !== '') this.done.add(Number(line));
    });
  }

  has(index: number): boolean {
    return this.done.has(index);
  }

  add(index: number): void {
    this.onDisk(() => appendFileSync(this.path, `${index}\n`));
    this.done.add(index);
  }

  /** Forgets everything: the file is loaded from its start. */
  clear(): void {
    this.onDisk(() => rmSync(this.path, { force: true }));
    this.done.clear();
  }

  private onDisk(work: () => void): void {
    try {
      work();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw new FirekeepError(
        'invalid',
        'LOAD_NO_JOURNAL',
        `What is loaded can't be noted in ${this.path} (${code ?? message}). Set FIREKEEP_DATA_DIRECTORY to a folder that this user may write.`,
        { cause: error },
      );
    }
  }
}
