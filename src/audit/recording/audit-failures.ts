import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { AuditKind } from '../../platform/config/index.js';
import { Logger } from '../../platform/logging/index.js';
import { RecurringWork } from '../../platform/schedule/index.js';
import { eventTypes, ownSubtype } from '../events/audit-codes.js';
import { outcomes, type AuditEventParts } from '../events/audit-event.js';
import { AuditRecorder } from './audit-recorder.js';
import { FailureLimit } from './failure-limit.js';

/** Milliseconds after which counted failures are recorded as one. */
const summaryEvery = 60_000;

/** Records what anybody can bring about, within a limit: beyond it events are counted. */
@Injectable()
export class AuditFailures implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly limits = new Map<AuditKind, FailureLimit>();
  private readonly work = new RecurringWork(
    summaryEvery,
    () => {
      this.summarise();
      return Promise.resolve();
    },
    (error) => this.logger.error('counted failures were not recorded', error),
  );

  constructor(
    private readonly recorder: AuditRecorder,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.work.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.work.stop();
  }

  record(kind: AuditKind, event: Omit<AuditEventParts, 'recorded'>): void {
    const now = Date.now();
    let limit = this.limits.get(kind);
    if (limit === undefined) this.limits.set(kind, (limit = new FailureLimit(now)));
    if (limit.admits(now)) this.recorder.record(event);
  }

  private summarise(): void {
    for (const [kind, limit] of this.limits) {
      const count = limit.takeCounted();
      if (count === 0) continue;
      this.recorder.record({
        type: eventTypes.alert,
        subtype: [ownSubtype('many')],
        action: 'E',
        outcome: outcomes.seriousFailure,
        outcomeDesc: `${count} further events (${kind}) within a minute, more than are recorded each by itself`,
        agent: this.recorder.agents({}),
        entity: [],
      });
    }
  }
}
