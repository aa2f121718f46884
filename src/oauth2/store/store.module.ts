import { Module } from '@nestjs/common';
import { ArtifactPurgeJob } from './artifact-purge.job.js';
import { ArtifactStore } from './artifact-store.js';
import { DevicePolls } from '../provider/device-polls.js';
import { NamedLock } from './named-lock.js';

/** Where tokens, sessions and grants are kept. */
@Module({
  providers: [DevicePolls, ArtifactStore, ArtifactPurgeJob, NamedLock],
  exports: [DevicePolls, ArtifactStore, ArtifactPurgeJob, NamedLock],
})
export class StoreModule {}
