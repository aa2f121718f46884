import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { FirekeepError } from '../../platform/errors/index.js';
import { Logger } from '../../platform/logging/index.js';
import { RecurringWork } from '../../platform/schedule/index.js';
import { ClientConfigurationsService } from '../client-configurations/client-configurations.service.js';
import { ServerDescriptionsService } from '../server-descriptions/server-descriptions.service.js';
import type { SetupWork } from '../store/setup.entity.js';
import { SetupQueue } from '../store/setup-queue.js';

const lookEvery = 1_000;

/** Does in the background what the bootstrap file asks for, with growing pauses, and never holds up the start. */
@Injectable()
export class SetupWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly looking = new RecurringWork(
    lookEvery,
    () => this.work(),
    (error) => this.logger.debug('background set-up of trust paused', error),
  );

  constructor(
    private readonly queue: SetupQueue,
    private readonly servers: ServerDescriptionsService,
    private readonly clients: ClientConfigurationsService,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.looking.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.looking.stop();
  }

  /** Does what is due now. */
  async work(): Promise<void> {
    for (const work of await this.queue.due()) {
      if (this.looking.isStopped) return;
      if (await this.queue.take(work)) await this.attempt({ ...work, attempts: work.attempts + 1 });
    }
  }

  private async attempt(work: SetupWork): Promise<void> {
    try {
      await this.perform(work);
      this.logger.info(work.kind === 'discover' ? 'issuer discovered' : 'registered as a client', {
        name: work.name,
      });
    } catch (error) {
      if (isMoot(error)) return this.queue.done(work.kind, work.name);
      await this.queue.failed(work, error);
      this.logger.warn(work.kind === 'discover' ? 'issuer not discovered' : 'not registered as a client', {
        name: work.name,
        attempts: work.attempts,
        problem: (error as Error).message,
      });
    }
  }

  /** Both take the work out of the queue when it is done. */
  private async perform(work: SetupWork): Promise<void> {
    if (work.kind === 'register') {
      await this.clients.register(work.name);
      return;
    }
    if ((await this.servers.findByIssuer(work.name)) === undefined) {
      return this.queue.done('discover', work.name);
    }
    await this.servers.save({ issuer: work.name });
  }
}

/** It was done by hand or removed meanwhile. */
function isMoot(error: unknown): boolean {
  return (
    error instanceof FirekeepError &&
    (error.code === 'TRUST_CLIENT_REGISTERED' || error.code === 'TRUST_CLIENT_NOT_FOUND')
  );
}
