import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { FhirJournalModule } from '../fhir/index.js';
import { AdministrationListener } from './listeners/administration.listener.js';
import { FhirListener } from './listeners/fhir.listener.js';
import { Oauth2Listener } from './listeners/oauth2.listener.js';
import { RefusalsListener } from './listeners/refusals.listener.js';
import { AuditFailures } from './recording/audit-failures.js';
import { AuditQueue } from './queue/audit-queue.js';
import { AuditRetentionJob } from './retention/audit-retention.job.js';
import { AuditRecorder } from './recording/audit-recorder.js';

type ModuleReference = Type | DynamicModule;

export interface AuditParts {
  readonly access: ModuleReference;
  readonly administration: ModuleReference;
  /** The one Oauth2Module; absent in a process that is a resource server only. */
  readonly oauth2?: ModuleReference;
}

/** Records what happens as AuditEvents, in the FHIR store. Nothing asks it for anything: it listens. */
@Module({})
export class AuditModule {
  static of({ access, administration, oauth2 }: AuditParts): DynamicModule {
    return {
      module: AuditModule,
      imports: [FhirJournalModule, access, administration, ...(oauth2 === undefined ? [] : [oauth2])],
      providers: [
        AuditQueue,
        AuditRecorder,
        AuditFailures,
        FhirListener,
        RefusalsListener,
        AdministrationListener,
        Oauth2Listener,
        AuditRetentionJob,
      ],
    };
  }
}
