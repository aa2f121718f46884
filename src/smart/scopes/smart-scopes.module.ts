import { Module } from '@nestjs/common';
import { ACCESS_POLICY } from '../../contract/index.js';
import { UsersModule } from '../../users/index.js';
import { ScopeAccessPolicy } from './scope-access-policy.js';

/** Fills the seam between gate and data with SMART scopes and roles. */
@Module({
  imports: [UsersModule],
  providers: [ScopeAccessPolicy, { provide: ACCESS_POLICY, useExisting: ScopeAccessPolicy }],
  exports: [ACCESS_POLICY],
})
export class SmartScopesModule {}
