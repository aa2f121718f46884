import { Module } from '@nestjs/common';
import { GateChecksModule } from '../access/index.js';
import { FhirExtensionModule } from '../fhir/index.js';
import { ClaimSourcesModule } from '../oauth2/index.js';
import { ExtensionDatabase, ExtensionSettings } from '../platform/extension/index.js';
import { RecurringJobsModule } from '../platform/schedule/index.js';
import { FirekeepEvents } from './events/firekeep-events.js';

/**
 * Everything that an extension is given, to be imported by its module: `ExtensionSettings`, `ExtensionDatabase`,
 * `RecurringJobs`, `FirekeepEvents`, `ClaimSources`, `GateChecks`, and what `FhirExtensionModule` gives.
 */
@Module({
  imports: [FhirExtensionModule, ClaimSourcesModule, GateChecksModule, RecurringJobsModule],
  providers: [ExtensionSettings, ExtensionDatabase, FirekeepEvents],
  exports: [
    FhirExtensionModule,
    ClaimSourcesModule,
    GateChecksModule,
    RecurringJobsModule,
    ExtensionSettings,
    ExtensionDatabase,
    FirekeepEvents,
  ],
})
export class FirekeepExtensionModule {}
