import { Module } from '@nestjs/common';
import { UserSources } from './user-sources.js';

/** The registry that an extension fills to have users from elsewhere; its module imports this one. */
@Module({ providers: [UserSources], exports: [UserSources] })
export class UserSourcesModule {}
