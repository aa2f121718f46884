import { randomUUID } from 'node:crypto';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { Database } from '../database/index.js';
import { FirekeepError } from '../errors/index.js';
import { Logger } from '../logging/index.js';
import { JobLeases } from './job-leases.js';
import { LeasedJob, type RecurringJob } from './leased-job.js';

/** Milliseconds until the first look: the process that only prepares the database for workers is gone by then. */
const firstLook = 1_000;
/** Milliseconds that a round has to end when the server stops. */
const patience = 5_000;

/**
 * Work that recurs, once in the whole cluster: of all processes that share the database, one carries out a round, and none
 * begins the next before the interval is over. It runs in servers, not in the command line.
 *
 * A process that stands still for longer than its lease may wake up while another one has taken over. Its signal is
 * aborted then; what must not happen twice is written with `ExtensionTables.write` and the option `round`.
 *
 * @example
 * jobs.add({ name: 'clinic.reminders', every: 3_600, run: ({ signal }) => this.remind(signal) });
 */
@Injectable()
export class RecurringJobs implements BeforeApplicationShutdown {
  private readonly holder = randomUUID();
  private readonly jobs = new Map<string, LeasedJob>();
  private readonly leases: JobLeases;
  private isStarted = false;

  constructor(
    database: Database,
    private readonly logger: Logger,
  ) {
    this.leases = new JobLeases(database);
  }

  /** @throws FirekeepError `EXTENSION_JOB_INVALID` for a name that is taken or none, and for times out of bounds */
  add(job: RecurringJob): void {
    const { name, every, lease = 30 } = job;
    if (!/^[a-z][a-z0-9]*\.[a-z0-9-]+$/.test(name) || name.length > 100) {
      throw invalid(name, 'its name is none: extension, ".", letters, digits and "-"');
    }
    if (this.jobs.has(name)) throw invalid(name, 'there is one of this name');
    if (!(every >= 1 && every <= 31_536_000)) throw invalid(name, 'every is 1 second to a year');
    if (!(lease >= 3 && lease <= 3_600)) throw invalid(name, 'lease is 3 to 3600 seconds');
    const leased = new LeasedJob(job, this.holder, this.leases, this.logger);
    this.jobs.set(name, leased);
    if (this.isStarted) leased.start(0);
  }

  /** Called once by a server. */
  start(): void {
    this.isStarted = true;
    for (const job of this.jobs.values()) job.start(firstLook);
  }

  async beforeApplicationShutdown(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), patience);
    });
    const stopped = Promise.all([...this.jobs.values()].map((job) => job.stop()));
    if ((await Promise.race([stopped, late])) === 'late') {
      this.logger.warn('recurring jobs did not stop in time; their leases run out', {
        seconds: patience / 1_000,
      });
    }
    clearTimeout(timer);
  }
}

function invalid(name: string, problem: string): FirekeepError {
  return new FirekeepError(
    'internal',
    'EXTENSION_JOB_INVALID',
    `The job "${name}" can't be added: ${problem}.`,
  );
}
