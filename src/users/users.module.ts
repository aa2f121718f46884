import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AttemptCounts, AttemptPurgeJob } from '../platform/throttling/index.js';
import { AccountCache } from './account-cache.js';
import { FirstAdministrator } from './first-administrator.js';
import { PasswordAuthentication } from './password.authentication.js';
import { PasswordHasher } from './password-hasher.js';
import { RoleCatalog } from './roles/role-catalog.js';
import { RoleEntity } from './roles/role.entity.js';
import { RolesService } from './roles/roles.service.js';
import { SharedGuesses } from './shared-guesses.js';
import { UserEntity } from './user.entity.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([UserEntity, RoleEntity])],
  providers: [
    AccountCache,
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
