import { statSync } from 'node:fs';
import { join } from 'node:path';
import { LoadJournal } from './load-journal.js';
import { loadUnits, type LoadUnit } from './load-source.js';
import type { LoadTarget } from './load-target.js';
import { unreadable } from './load-text.js';
import type { ProgressBar } from './progress-bar.js';

export interface LoadSummary {
  readonly files: number;
  readonly resources: number;
  /** Units that an earlier run had loaded. */
  readonly skipped: number;
  readonly failures: readonly { readonly file: string; readonly problems: readonly string[] }[];
}

interface LoadOptions {
  readonly url: string;
  readonly dataDirectory: string;
  readonly parallel: number;
  /** Load everything again, whatever the journal says. */
  readonly again: boolean;
}

/**
 * Loads files: batch Bundles first and one by one, since transactions often refer to what they hold, then the
 * rest in parallel; what failed is tried once more when everything else is in, as it may have waited for it.
 */
export class FileLoader {
  private resources = 0;
  private readonly stored = new Map<string, number>();
  private skipped = 0;
  private doneBytes = 0;
  private readonly totalBytes: number;

  constructor(
    private readonly target: LoadTarget,
    private readonly options: LoadOptions,
    private readonly bar: ProgressBar,
    private readonly files: readonly string[],
  ) {
    this.totalBytes = files.reduce((sum, file) => sum + size(file), 0);
  }

  async run(): Promise<LoadSummary> {
    const batches: string[] = [];
    const others: string[] = [];
    for (const file of this.files) ((await isSingleBatch(file)) ? batches : others).push(file);
    const failed = new Map<string, readonly string[]>();
    await this.each(batches, 1, failed);
    await this.each(others, this.options.parallel, failed);
    const again = [...failed.keys()];
    this.doneBytes -= again.reduce((sum, file) => sum + size(file), 0);
    failed.clear();
    await this.each(again, 1, failed);
    this.bar.show(1, this.resources, true);
    this.bar.end();
    const failures = [...failed].map(([file, problems]) => ({ file, problems }));
    return { files: this.files.length, resources: this.resources, skipped: this.skipped, failures };
  }

  private async each(
    files: readonly string[],
    parallel: number,
    failed: Map<string, readonly string[]>,
  ): Promise<void> {
    const queue = [...files];
    const worker = async (): Promise<void> => {
      for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
        const problems = await this.load(file, parallel);
        if (problems.length > 0) failed.set(file, problems);
        this.doneBytes += size(file);
        this.bar.show(this.doneBytes / this.totalBytes, this.resources);
      }
    };
    await Promise.all(Array.from({ length: Math.min(parallel, files.length) }, worker));
  }

  private async load(file: string, parallel: number): Promise<string[]> {
    const journal = new LoadJournal(join(this.options.dataDirectory, 'load'), this.options.url, file);
    if (this.options.again) journal.clear();
    const problems: string[] = [];
    const underWay = new Set<Promise<void>>();
    try {
      for await (const unit of loadUnits(file)) {
        if (journal.has(unit.index)) {
          this.skipped += 1;
          continue;
        }
        const sent: Promise<void> = this.send(file, unit, journal, problems).finally(() =>
          underWay.delete(sent),
        );
        underWay.add(sent);
        if (underWay.size >= parallel) await Promise.race(underWay);
      }
      await Promise.all(underWay);
    } finally {
      // What the server takes is noted, whatever the file or another answer ended with.
      await Promise.allSettled(underWay);
    }
    return problems;
  }

  private async send(file: string, unit: LoadUnit, journal: LoadJournal, problems: string[]): Promise<void> {
    const result = await this.target.send(unit);
    const key = `${file}\n${unit.index}`;
    // A unit that is sent twice counts once.
    const before = this.stored.get(key) ?? 0;
    this.stored.set(key, Math.max(before, result.stored));
    this.resources += Math.max(0, result.stored - before);
    if (result.problems.length === 0) journal.add(unit.index);
    else problems.push(...result.problems.slice(0, 20));
    this.bar.show(this.doneBytes / this.totalBytes, this.resources);
  }
}

async function isSingleBatch(file: string): Promise<boolean> {
  if (/\.ndjson(\.gz)?$/i.test(file)) return false;
  const first = await loadUnits(file).next();
  return first.done !== true && first.value.kind === 'batch';
}

function size(file: string): number {
  try {
    return statSync(file).size;
  } catch (error) {
    throw unreadable(file, error);
  }
}
