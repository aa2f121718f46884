import { Module, type DynamicModule } from '@nestjs/common';
import { ClientsModule } from '../../clients/index.js';
import { FormsModule } from '../http/forms.module.js';
import { EngineModule } from '../provider/engine.module.js';
import { SignInModule } from '../sign-in/sign-in.module.js';
import { ThemeModule } from '../theme/theme.module.js';
import { TokenModule } from '../token/token.module.js';
import { ApprovalsOverview } from './approvals-overview.js';
import { ApprovalsRoutes } from './approvals.routes.js';
import { ApprovalsStore } from './approvals.store.js';

/** What was approved, where its user is signed in, and the end of both. */
@Module({})
export class ApprovalsModule {
  /** @param directory LaunchDirectoryModule */
  static of(directory: DynamicModule): DynamicModule {
    return {
      module: ApprovalsModule,
      imports: [EngineModule, TokenModule, ThemeModule, FormsModule, SignInModule, ClientsModule, directory],
      providers: [ApprovalsRoutes, ApprovalsOverview, ApprovalsStore],
      exports: [ApprovalsRoutes],
    };
  }
}
