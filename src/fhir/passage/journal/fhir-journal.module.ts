import { Module } from '@nestjs/common';
import { EndpointsModule } from '../../../endpoints/index.js';
import { DefinitionsModule } from '../../search-parameters/definitions.module.js';
import { StoredBodies } from '../../exchange/stored-bodies.js';
import { RepositoryDefinitions } from '../../search-parameters/repository-definitions.js';
import { STORED_BODY_READER } from '../../storage/check/stored-body.js';
import { FhirStorageModule } from '../../storage/index.js';
import { FhirJournals } from './fhir-journal.js';
import { JournalledWrites } from './journalled-writes.js';
import { ServerResources } from './server-resources.js';

/** The record of what is done, for the repository and for whoever keeps it; also without a repository's routes. */
@Module({
  imports: [EndpointsModule, FhirStorageModule, DefinitionsModule],
  providers: [
    RepositoryDefinitions,
    { provide: STORED_BODY_READER, useClass: StoredBodies },
    FhirJournals,
    ServerResources,
    JournalledWrites,
  ],
  exports: [RepositoryDefinitions, STORED_BODY_READER, FhirJournals, ServerResources, JournalledWrites],
})
export class FhirJournalModule {}
