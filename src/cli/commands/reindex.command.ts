import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { loadDefinitions, REINDEX_JOBS, type ReindexJob, type ReindexJobs } from '../../fhir/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { withApplication } from '../context/with-application.js';
import { ProgressBar } from '../load/progress-bar.js';
import { printObject, printRows } from '../terminal/output.js';

interface ReindexOptions {
  readonly repository?: string;
  readonly type?: readonly string[];
  readonly watch?: boolean;
}

const LISTED = 50;
const LOOK_EVERY = 500;

/** `firekeep reindex`: starts, watches and steers jobs that running servers on this database work on. */
export function reindexCommand(): Command {
  const command = new Command('reindex')
    .description('derive the search index of stored resources again; a running server does it')
    .option('--repository <name>', 'repository; default: all')
    .option('--type <type...>', 'resource types; default: all')
    .option('--watch', 'wait until it is done; 1 where resources were left out or it did not end well')
    .action(async (options: ReindexOptions, own: Command) => {
      const types = options.type ?? null;
      for (const type of types ?? []) requireType(type);
      await withJobs(async (jobs) => {
        const id = await jobs.add(options.repository ?? null, { types }, 'command line');
        if (options.watch === true) await watch(jobs, id, own);
        else printJob(own, await jobOf(jobs, id));
      });
    });
  command
    .command('list')
    .description('the newest jobs')
    .action((_options: unknown, own: Command) =>
      withJobs(async (jobs) => {
        const rows = (await jobs.list(undefined, LISTED)).map(shown);
        printRows(own, rows, ['id', 'status', 'repository', 'scope', 'origin', 'done', 'total', 'skipped']);
      }),
    );
  command
    .command('watch <job>')
    .description('wait until a job is done')
    .action((job: string, _options: unknown, own: Command) =>
      withJobs((jobs) => watch(jobs, numberOf(job), own)),
    );
  for (const [action, description] of actions) {
    command
      .command(`${action} <job>`)
      .description(description)
      .action((job: string, _options: unknown, own: Command) =>
        withJobs(async (jobs) => {
          const { id, status } = await jobOf(jobs, numberOf(job));
          if (!(await jobs[action](id))) {
            throw new FirekeepError(
              'conflict',
              'CLI_REINDEX_STATE',
              `The job ${id} can't ${action}: it is ${status}.`,
            );
          }
          printJob(own, await jobOf(jobs, id));
        }),
      );
  }
  return command;
}

const actions = [
  ['pause', 'let a job rest'],
  ['resume', 'let a paused, failed or cancelled job go on where it stopped'],
  ['cancel', 'give a job up'],
] as const;

function withJobs(work: (jobs: ReindexJobs) => Promise<void>): Promise<void> {
  return withApplication((app) => work(app.get<ReindexJobs>(REINDEX_JOBS, { strict: false })));
}

async function watch(jobs: ReindexJobs, id: number, command: Command): Promise<void> {
  const bar = new ProgressBar();
  for (;;) {
    const job = await jobOf(jobs, id);
    bar.show(job.done / Math.max(1, job.total ?? 1), job.done);
    if (job.status !== 'queued' && job.status !== 'running') {
      bar.end();
      printJob(command, job);
      if (job.status !== 'done' || job.skipped > 0) process.exitCode = 1;
      return;
    }
    await sleep(LOOK_EVERY);
  }
}

async function jobOf(jobs: ReindexJobs, id: number): Promise<ReindexJob> {
  const job = await jobs.find(id);
  if (job === undefined)
    throw new FirekeepError('not-found', 'CLI_REINDEX_UNKNOWN_JOB', `There is no job ${id}.`);
  return job;
}

function numberOf(text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new FirekeepError(
      'invalid',
      'CLI_REINDEX_UNKNOWN_JOB',
      `"${text.slice(0, 20)}" is no number of a job.`,
    );
  }
  return Number(text);
}

function requireType(type: string): void {
  if (loadDefinitions().isResourceType(type)) return;
  throw new FirekeepError(
    'invalid',
    'CLI_INVALID_TYPE',
    `"${type.slice(0, 64)}" is not a resource type of FHIR R4.`,
  );
}

function printJob(command: Command, job: ReindexJob): void {
  printObject(command, shown(job));
}

function shown(job: ReindexJob) {
  const { id, status, repository, scope, origin, done, total, skipped, worked, reason } = job;
  return {
    id,
    status,
    repository: repository ?? 'all',
    scope: scopeText(scope),
    origin,
    done,
    total,
    skipped,
    'per second': worked > 0 ? Math.round((done * 1000) / worked) : null,
    ...(reason === null ? {} : { reason }),
  };
}

function scopeText(scope: ReindexJob['scope']): string {
  if ('removal' in scope) return 'rows of removed parameters';
  if ('resources' in scope) return scope.resources.join(' ');
  return scope.types === null ? 'all types' : scope.types.join(' ');
}
