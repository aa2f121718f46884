import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AttemptCounts, AttemptPurgeJob } from '../platform/throttling/index.js';
import { AccountCache } from './accounts/account-cache.js';
import { AccountChanges } from './accounts/account-changes.js';
import { CurrentAccounts } from './accounts/current-accounts.js';
import { FirstAdministrator } from './accounts/first-administrator.js';
import { KnownRoles } from './accounts/known-roles.js';
import { SourceAccounts } from './accounts/source-accounts.js';
import { SourceSignIn } from './authentication/source-sign-in.js';
import { SourceCalls } from './sources/source-calls.js';
import { UserSourcesModule } from './sources/user-sources.module.js';
import { PasswordAuthentication } from './authentication/password.authentication.js';
import { PasswordHasher } from './passwords/password-hasher.js';
import { RoleCatalog } from './roles/role-catalog.js';
import { RoleEntity } from './roles/role.entity.js';
import { RolesService } from './roles/roles.service.js';
import { SharedGuesses } from './authentication/shared-guesses.js';
import { UserEntity } from './accounts/user.entity.js';
import { UsersService } from './accounts/users.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([UserEntity, RoleEntity]), UserSourcesModule],
  providers: [
    AccountCache,
    AccountChanges,
    KnownRoles,
    SourceCalls,
    SourceAccounts,
    CurrentAccounts,
    SourceSignIn,
    PasswordHasher,
    UsersService,
    PasswordAuthentication,
    SharedGuesses,
    AttemptCounts,
    AttemptPurgeJob,
    FirstAdministrator,
    RoleCatalog,
    RolesService,
  ],
  exports: [
    AttemptCounts,
    UsersService,
    PasswordAuthentication,
    PasswordHasher,
    FirstAdministrator,
    RoleCatalog,
    RolesService,
  ],
})
export class UsersModule {}
