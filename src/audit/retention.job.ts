import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ServerResources } from '../fhir/index.js';
import { Settings } from '../platform/config/index.js';
import { Logger } from '../platform/logging/index.js';

const every = 10 * 60_000;
const batch = 200;
const mostBatches = 200;
const day = 86_400_000;

/** Removes AuditEvents whose time is over, those of clients too, in batches. */
@Injectable()
export class AuditRetentionJob implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private underWay: Promise<unknown> = Promise.resolve();
  private stopped = false;

  constructor(
    @Inject(ServerResources) private readonly resources: ServerResources,
    @Inject(Settings) private readonly settings: Settings,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    if (this.settings.get('auditRetentionDays') === 0) return;
    this.timer = setInterval(() => {
      this.underWay = this.run().catch((error: unknown) =>
        this.logger.warn('old audit events could not be removed', error),
      );
    }, every).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.underWay;
  }

  /** @returns how many went */
  async run(now = Date.now()): Promise<number> {
    const before = now - this.settings.get('auditRetentionDays') * day;
    let removed = 0;
    for (let round = 0; round < mostBatches && !this.stopped; round += 1) {
      const count = await this.resources.removeBefore('AuditEvent', before, batch);
      removed += count;
      if (count < batch) break;
    }
    return removed;
  }
}
