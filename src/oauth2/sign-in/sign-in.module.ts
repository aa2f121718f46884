import { Module } from '@nestjs/common';
import { UsersModule } from '../../users/index.js';
import { EventsModule } from '../events/events.module.js';
import { PasswordSignIn } from './password-sign-in.js';

/** The login form, wherever it leads. */
@Module({ imports: [UsersModule, EventsModule], providers: [PasswordSignIn], exports: [PasswordSignIn] })
export class SignInModule {}
