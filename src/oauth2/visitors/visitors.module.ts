import { Module } from '@nestjs/common';
import { UsersModule } from '../../users/index.js';
import { FormsModule } from '../http/forms.module.js';
import { EngineModule } from '../provider/engine.module.js';
import { SignInModule } from '../sign-in/sign-in.module.js';
import { ThemeModule } from '../theme/theme.module.js';
import { PageErrors } from './page-errors.js';
import { SignInRoutes } from './sign-in.routes.js';
import { VisitorGate } from './visitor.gate.js';

/** What stands in front of the pages of extensions. */
@Module({
  imports: [EngineModule, ThemeModule, FormsModule, SignInModule, UsersModule],
  providers: [SignInRoutes, VisitorGate, PageErrors],
  exports: [SignInRoutes, VisitorGate],
})
export class VisitorsModule {}
