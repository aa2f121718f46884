import { Module } from '@nestjs/common';
import { ClientsModule } from '../../clients/index.js';
import { UsersModule } from '../../users/index.js';
import { AudiencesModule } from '../scopes/audiences.module.js';
import { LaunchContexts } from './launch-contexts.store.js';
import { LaunchesService } from './launches.service.js';

/** How apps come to know what they were launched for. */
@Module({
  imports: [AudiencesModule, ClientsModule, UsersModule],
  providers: [LaunchContexts, LaunchesService],
  exports: [LaunchContexts, LaunchesService],
})
export class LaunchModule {}
