import { randomUUID } from 'node:crypto';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { isRetryable, isUnreachable } from '../../platform/database/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { Logger } from '../../platform/logging/index.js';
import { SliceSize } from '../../platform/schedule/index.js';
import { RepositoryDefinitions } from '../search-parameters/repository-definitions.js';
import {
  REINDEX_WORK,
  type ClaimedJob,
  type ReindexProgress,
  type ReindexWork,
} from '../storage/reindex-jobs.js';
import type { ResourceIdentity } from '../storage/ports.js';
import { ReindexBatch, type SkippedRid } from './reindex-batch.js';

/** Milliseconds between two looks for work, and before what failed for want of a database is tried again. */
const IDLE = 1_000;
/** Milliseconds after which progress is stored: what lies behind it is derived again after a crash. */
const PROGRESS_EVERY = 1_000;
/** Far less than a job's lease. */
const LONGEST_PAUSE = 5_000;
/** Resources, and rows that are removed, of one batch. */
const ofResources = { least: 4, most: 64 };
const ofRows = { least: 16, most: 512 };

/**
 * Works on re-index jobs, one at a time in all processes of a database. A job goes through the resources of its types
 * in the order of their numbers and remembers how far it came; whoever takes it over goes on there.
 */
@Injectable()
export class ReindexRunner implements OnApplicationShutdown {
  private readonly owner = randomUUID();
  private readonly stopping = new AbortController();
  private underWay: Promise<void> = Promise.resolve();
  private isStarted = false;

  constructor(
    @Inject(REINDEX_WORK) private readonly work: ReindexWork,
    private readonly batches: ReindexBatch,
    private readonly definitions: RepositoryDefinitions,
    private readonly settings: Settings,
    private readonly logger: Logger,
  ) {}

  /** Looks for jobs from now on. For a process that serves resources. */
  start(): void {
    if (this.isStarted) return;
    this.isStarted = true;
    this.underWay = this.loop();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.underWay;
  }

  /** Works on one job for as long as it is this process's. @returns whether there was one */
  async turn(): Promise<boolean> {
    await this.definitions.refresh();
    const job = await this.work.claim(this.owner);
    if (job === undefined) return false;
    try {
      await this.run(job);
    } catch (error) {
      if (isAway(error)) throw error;
      this.logger.error('a re-index failed', { job: job.id, error });
      await this.work.fail(job, this.owner, error instanceof Error ? error.message : String(error));
    }
    return true;
  }

  private async loop(): Promise<void> {
    while (!this.isStopping) {
      try {
        if (await this.turn()) continue;
      } catch (error) {
        this.logger.warn('re-index jobs could not be looked for or worked on', error);
      }
      await this.wait(IDLE);
    }
  }

  private get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private async run(claimed: ClaimedJob): Promise<void> {
    const job =
      claimed.definitions === 0 ? await this.work.begin(claimed, this.definitions.version) : claimed;
    this.logger.info('re-index', { job: job.id, done: job.done, total: job.total });
    const run = new JobRun(job, this.work, this.owner);
    while (!this.isStopping) {
      const began = Date.now();
      const state = await this.step(run);
      run.worked(Date.now() - began);
      if (state === 'finished') {
        await this.work.finish(job, this.owner, run.progress);
        await this.definitions.refresh();
        return;
      }
      if (!(await run.save())) return;
      await this.wait(this.pause(Date.now() - began));
    }
    if (await run.save(true)) await this.work.release(job, this.owner);
  }

  /** Milliseconds to leave the database to others behind a batch. */
  private pause(batch: number): number {
    const load = this.settings.get('reindexLoad');
    return Math.min(LONGEST_PAUSE, (batch * (100 - load)) / load);
  }

  private async step(run: JobRun): Promise<'finished' | 'unfinished'> {
    const { job } = run;
    if ('removal' in job.scope) {
      const began = performance.now();
      const removed =
        job.repository === null ? 0 : await this.work.removeRows(job.repository, run.rows.limit);
      run.rows.took(performance.now() - began, removed);
      run.removed(removed);
      return removed === 0 ? 'finished' : 'unfinished';
    }
    return 'resources' in job.scope ? this.listed(run, job.scope.resources) : this.ranged(run);
  }

  private async ranged(run: JobRun): Promise<'finished' | 'unfinished'> {
    const range = run.range;
    if (range === undefined) return 'finished';
    const batch = await this.work.batch(range, run.progress.behind, run.resources.limit);
    const last = batch.at(-1);
    if (last === undefined) {
      run.nextRange();
      return 'unfinished';
    }
    const bytes = batch.reduce((sum, one) => sum + one.bytes, 0);
    const resources = batch.map(({ id }) => ({ type: range.type, id }));
    const skipped = await this.derive(run, range.repository, resources, bytes);
    for (const one of skipped) await this.work.skip(run.job, one.rid, one);
    run.passed(last.rid, batch.length);
    return 'unfinished';
  }

  private async listed(run: JobRun, list: readonly string[]): Promise<'finished' | 'unfinished'> {
    const { job } = run;
    const chunk = list.slice(run.progress.done, run.progress.done + run.resources.limit);
    if (chunk.length === 0 || job.repository === null) return 'finished';
    const resources = chunk.map((text) => {
      const [type = '', id = ''] = text.split('/');
      return { type, id };
    });
    const skipped = await this.derive(run, job.repository, resources, chunk.length * 8192);
    for (const one of skipped) await this.work.skip(job, one.rid, one);
    run.passed(0, chunk.length);
    return 'unfinished';
  }

  private async derive(
    run: JobRun,
    repository: string,
    resources: readonly ResourceIdentity[],
    bytes: number,
  ): Promise<readonly SkippedRid[]> {
    const began = performance.now();
    const skipped = await this.batches.run(repository, resources, bytes);
    run.resources.took(performance.now() - began, resources.length);
    return skipped;
  }

  /** Whatever else the process has to do comes in between, however short it is. */
  private async wait(milliseconds: number): Promise<void> {
    if (milliseconds < 1) await setImmediate();
    else
      await sleep(milliseconds, undefined, { signal: this.stopping.signal, ref: false }).catch(
        () => undefined,
      );
  }
}

/** How far a job has come in this process. */
class JobRun {
  progress: ReindexProgress;
  readonly resources = new SliceSize(ofResources);
  readonly rows = new SliceSize(ofRows);
  private saved = Date.now();

  constructor(
    readonly job: ClaimedJob,
    private readonly work: ReindexWork,
    private readonly owner: string,
  ) {
    const { range, behind, done, worked } = job;
    this.progress = { range, behind, done, worked };
  }

  get range(): ClaimedJob['ranges'][number] | undefined {
    return this.job.ranges[this.progress.range];
  }

  nextRange(): void {
    this.progress = { ...this.progress, range: this.progress.range + 1, behind: 0 };
  }

  passed(behind: number, resources: number): void {
    this.progress = { ...this.progress, behind, done: this.progress.done + resources };
  }

  removed(rows: number): void {
    this.progress = { ...this.progress, done: this.progress.done + rows };
  }

  worked(milliseconds: number): void {
    this.progress = { ...this.progress, worked: this.progress.worked + milliseconds };
  }

  /** @returns false where the job is no longer this process's to work on */
  async save(atOnce = false): Promise<boolean> {
    const now = Date.now();
    if (!atOnce && now - this.saved < PROGRESS_EVERY) return true;
    this.saved = now;
    return this.work.progress(this.job, this.owner, this.progress);
  }
}

function isAway(error: unknown): boolean {
  if (error instanceof FirekeepError)
    return error.category === 'unavailable' || error.category === 'throttled';
  return isRetryable(error) || isUnreachable(error);
}
