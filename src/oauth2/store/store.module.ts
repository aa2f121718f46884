import { Module } from '@nestjs/common';
import { ArtifactPurgeJob } from './artifact-purge.job.js';
import { ArtifactStore } from './artifact-store.js';
import { NamedLock } from './named-lock.js';

/** Where tokens, sessions and grants are kept. */
@Module({
  providers: [ArtifactStore, ArtifactPurgeJob, NamedLock],
  exports: [ArtifactStore, ArtifactPurgeJob, NamedLock],
})
export class StoreModule {}
