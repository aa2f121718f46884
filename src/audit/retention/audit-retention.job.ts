import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ServerResources } from '../../fhir/index.js';
import { Settings } from '../../platform/config/index.js';
import { Logger } from '../../platform/logging/index.js';
import { inSlices, RecurringWork } from '../../platform/schedule/index.js';

const every = 10 * 60_000;
const day = 86_400_000;

/** Removes AuditEvents whose time is over, those of clients too, a slice at a time. */
@Injectable()
export class AuditRetentionJob implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly work = new RecurringWork(
    every,
    () => this.run(),
    (error) => this.logger.warn('old audit events could not be removed', error),
  );

  constructor(
    private readonly resources: ServerResources,
    private readonly settings: Settings,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    if (this.settings.get('auditRetentionDays') > 0) this.work.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.work.stop();
  }

  /** @returns how many went */
  run(now = Date.now()): Promise<number> {
    const before = now - this.settings.get('auditRetentionDays') * day;
    return inSlices(
      (limit) => this.resources.removeBefore('AuditEvent', before, limit),
      () => this.work.isStopped,
    );
  }
}
