import { Module } from '@nestjs/common';
import { UsersModule } from '../../users/index.js';
import { EventsModule } from '../events/events.module.js';
import { FormsModule } from '../http/forms.module.js';
import { EngineModule } from '../provider/engine.module.js';
import { ThemeModule } from '../theme/theme.module.js';
import { PasswordSignIn } from './password-sign-in.js';
import { SignInForm } from './sign-in.form.js';

/** The login form, wherever it leads. */
@Module({
  imports: [UsersModule, EventsModule, EngineModule, FormsModule, ThemeModule],
  providers: [PasswordSignIn, SignInForm],
  exports: [PasswordSignIn, SignInForm],
})
export class SignInModule {}
