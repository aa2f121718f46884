import { Module, type DynamicModule } from '@nestjs/common';
import { EventsModule } from '../events/events.module.js';
import { FormsModule } from '../http/forms.module.js';
import { LaunchModule } from '../launch/launch.module.js';
import { EngineModule } from '../provider/engine.module.js';
import { SignInModule } from '../sign-in/sign-in.module.js';
import { ThemeModule } from '../theme/theme.module.js';
import { InteractionRoutes } from './interaction.routes.js';
import { LaunchInteraction } from './launch.interaction.js';

/** Sign-in, launch context and consent. */
@Module({})
export class AuthorizeModule {
  /** @param directory LaunchDirectoryModule */
  static of(directory: DynamicModule): DynamicModule {
    return {
      module: AuthorizeModule,
      imports: [EngineModule, LaunchModule, EventsModule, ThemeModule, FormsModule, SignInModule, directory],
      providers: [InteractionRoutes, LaunchInteraction],
      exports: [InteractionRoutes],
    };
  }
}
