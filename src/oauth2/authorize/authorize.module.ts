import { Module, type DynamicModule } from '@nestjs/common';
import { UsersModule } from '../../users/index.js';
import { EventsModule } from '../events.module.js';
import { LaunchModule } from '../launch/launch.module.js';
import { EngineModule } from '../provider/engine.module.js';
import { InteractionRoutes } from './interaction.routes.js';
import { LaunchInteraction } from './launch.interaction.js';

/** What gives LAUNCH_DIRECTORY, and the modules that it needs. */
export type DirectorySource = Pick<DynamicModule, 'imports' | 'providers'>;

/** Sign-in, launch context and consent. */
@Module({})
export class AuthorizeModule {
  static of(directory: DirectorySource): DynamicModule {
    return {
      module: AuthorizeModule,
      imports: [EngineModule, LaunchModule, EventsModule, UsersModule, ...(directory.imports ?? [])],
      providers: [InteractionRoutes, LaunchInteraction, ...(directory.providers ?? [])],
      exports: [InteractionRoutes],
    };
  }
}
