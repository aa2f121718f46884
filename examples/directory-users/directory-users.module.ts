import { Module, type OnModuleInit } from '@nestjs/common';
import { defineExtension, FirekeepExtension, UserSources, UserSourcesModule } from 'firekeep';
import { directorySettings } from './directory.settings.js';
import { LdapUserSource } from './ldap-user.source.js';

const directory = defineExtension({ name: 'directory', compatibility: '>=0.1 <0.2' });

/** People of an LDAP directory sign in with the password that they have there. */
@FirekeepExtension(directory)
@Module({ imports: [UserSourcesModule] })
export class DirectoryUsersModule implements OnModuleInit {
  constructor(private readonly sources: UserSources) {}

  onModuleInit(): void {
    this.sources.add(new LdapUserSource(directorySettings(process.env)));
  }
}
