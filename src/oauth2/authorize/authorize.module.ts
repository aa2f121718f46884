import { Module, type DynamicModule } from '@nestjs/common';
import { ClientsModule } from '../../clients/index.js';
import { UsersModule } from '../../users/index.js';
import { EventsModule } from '../events/events.module.js';
import { LaunchModule } from '../launch/launch.module.js';
import { BrowserSessions } from '../provider/browser-sessions.js';
import { EngineModule } from '../provider/engine.module.js';
import { StoreModule } from '../store/store.module.js';
import { ThemeModule } from '../theme/theme.module.js';
import { TokenModule } from '../token/token.module.js';
import { ApprovalsRoutes } from '../approvals/approvals.routes.js';
import { ApprovalsStore } from '../approvals/approvals.store.js';
import { ApprovalsOverview } from '../approvals/approvals-overview.js';
import { FormTokens } from '../http/form-tokens.js';
import { InteractionRoutes } from './interaction.routes.js';
import { LaunchInteraction } from './launch.interaction.js';
import { PasswordSignIn } from '../sign-in/password-sign-in.js';

/** What gives LAUNCH_DIRECTORY, and the modules that it needs. */
export type DirectorySource = Pick<DynamicModule, 'imports' | 'providers'>;

/** Sign-in, launch context and consent; what was approved, and its end. */
@Module({})
export class AuthorizeModule {
  static of(directory: DirectorySource): DynamicModule {
    return {
      module: AuthorizeModule,
      imports: [
        ...[
          EngineModule,
          LaunchModule,
          EventsModule,
          TokenModule,
          StoreModule,
          ThemeModule,
          UsersModule,
          ClientsModule,
        ],
        ...(directory.imports ?? []),
      ],
      providers: [
        ...[InteractionRoutes, LaunchInteraction, PasswordSignIn, FormTokens],
        ...[ApprovalsRoutes, ApprovalsOverview, ApprovalsStore, BrowserSessions],
        ...(directory.providers ?? []),
      ],
      exports: [InteractionRoutes, ApprovalsRoutes],
    };
  }
}
