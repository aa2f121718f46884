import { Module, type OnModuleInit } from '@nestjs/common';
import { UserSources, UserSourcesModule } from 'firekeep';
import { directorySettings } from './directory.settings.js';
import { LdapUserSource } from './ldap-user.source.js';

/** People of an LDAP directory sign in with the password that they have there. */
@Module({ imports: [UserSourcesModule] })
export class DirectoryUsersModule implements OnModuleInit {
  constructor(private readonly sources: UserSources) {}

  onModuleInit(): void {
    this.sources.add(new LdapUserSource(directorySettings(process.env)));
  }
}
