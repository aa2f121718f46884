import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Admissions } from '../../access/index.js';
import {
  FhirJournals,
  type FhirJournal,
  type InteractionContext,
  type JournalledRead,
  type JournalledWrite,
  type OwnResource,
} from '../../fhir/index.js';
import { Settings } from '../../platform/config/index.js';
import { readEvents, writeEvents, type RequestFacts } from '../events/rest-events.js';
import { AuditQueue } from '../queue/audit-queue.js';
import { AuditRecorder } from '../recording/audit-recorder.js';

const eventType = 'AuditEvent';

/** Records what is written, in the commit of the write, and what is read. */
@Injectable()
export class FhirListener implements FhirJournal, OnModuleInit {
  constructor(
    private readonly recorder: AuditRecorder,
    private readonly queue: AuditQueue,
    private readonly journals: FhirJournals,
    private readonly admissions: Admissions,
    private readonly settings: Settings,
  ) {}

  onModuleInit(): void {
    this.journals.use(this);
  }

  get keepsReads(): boolean {
    return this.recorder.keeps('reads');
  }

  get keepsWrites(): boolean {
    return this.recorder.keeps('writes');
  }

  written(
    writes: readonly JournalledWrite[],
    context: InteractionContext,
    now: number,
  ): readonly OwnResource[] {
    // Events that clients record are not events themselves.
    const kept = writes.filter(({ type }) => type !== eventType);
    return kept.length === 0 ? [] : writeEvents(kept, this.factsOf(context), now);
  }

  async read(read: JournalledRead, context: InteractionContext): Promise<void> {
    const { repository } = context.endpoint;
    const events = readEvents(read, this.factsOf(context), Date.now());
    if (this.settings.get('auditSynchronous')) await this.queue.store(repository, events);
    else await this.queue.take(repository, events);
  }

  private factsOf({ principal, endpoint }: InteractionContext): RequestFacts {
    const request = this.admissions.requestOf(principal);
    return {
      principal,
      base: endpoint.base,
      publicUrl: this.settings.publicUrl,
      address: request?.address ?? null,
      requestId: request?.requestId ?? null,
    };
  }
}
