import { Module } from '@nestjs/common';
import { ACCESS_POLICY } from '../contract/index.js';
import { UsersModule } from '../users/index.js';
import { ScopePolicy } from './scopes/scope-policy.js';

/** Fills the seam between gate and data with SMART scopes and roles. */
@Module({
  imports: [UsersModule],
  providers: [ScopePolicy, { provide: ACCESS_POLICY, useExisting: ScopePolicy }],
  exports: [ACCESS_POLICY],
})
export class SmartModule {}
