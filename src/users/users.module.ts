import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountCache } from './account-cache.js';
import { FirstAdministrator } from './first-administrator.js';
import { PasswordAuthentication } from './password.authentication.js';
import { PasswordHasher } from './password-hasher.js';
import { UserEntity } from './user.entity.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([UserEntity])],
  providers: [AccountCache, PasswordHasher, UsersService, PasswordAuthentication, FirstAdministrator],
  exports: [UsersService, PasswordAuthentication, PasswordHasher, FirstAdministrator],
})
export class UsersModule {}
