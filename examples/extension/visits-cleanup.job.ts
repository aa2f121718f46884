import { Injectable } from '@nestjs/common';
import { Logger, type JobRound, type RecurringJob } from 'firekeep';
import { VisitsService } from './visits.service.js';

/** Removes old visits, in one process of the cluster. */
@Injectable()
export class VisitsCleanup implements RecurringJob {
  readonly name = 'clinic.visits-cleanup';
  readonly every = 60;

  constructor(
    private readonly visits: VisitsService,
    private readonly logger: Logger,
  ) {}

  async run(round: JobRound): Promise<void> {
    const removed = await this.visits.removeOld(Date.now(), round);
    if (removed > 0) this.logger.info('old visits removed', { removed });
  }
}
