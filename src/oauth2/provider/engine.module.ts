import { Module } from '@nestjs/common';
import { ClientsModule } from '../../clients/index.js';
import { UsersModule } from '../../users/index.js';
import { ClaimSourcesModule } from '../claims/claim-sources.module.js';
import { AudiencesModule } from '../scopes/audiences.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { EventsModule } from '../events/events.module.js';
import { LaunchModule } from '../launch/launch.module.js';
import { ThemeModule } from '../theme/theme.module.js';
import { TokenModule } from '../token/token.module.js';
import { ClientKeys } from './client-keys.js';
import { BrowserSessions } from './browser-sessions.js';
import { DeviceFlow } from './device-flow.js';
import { DevicePolls } from './device-polls.js';
import { EngineFeatures } from './engine-features.js';
import { GrantRules } from './grant-rules.js';
import { ProviderConfiguration } from './provider-configuration.js';
import { ProviderHost } from './provider.host.js';
import { ResourceRules } from './resource-rules.js';
import { StoreModule } from '../store/store.module.js';
import { UserCodeThrottle } from './user-code.throttle.js';

/** The protocol engine with its policies. */
@Module({
  imports: [
    ClaimSourcesModule,
    StoreModule,
    ThemeModule,
    KeysModule,
    AudiencesModule,
    TokenModule,
    LaunchModule,
    EventsModule,
    ClientsModule,
    UsersModule,
  ],
  providers: [
    BrowserSessions,
    ClientKeys,
    DeviceFlow,
    DevicePolls,
    EngineFeatures,
    GrantRules,
    ResourceRules,
    ProviderConfiguration,
    ProviderHost,
    UserCodeThrottle,
  ],
  exports: [ProviderHost, BrowserSessions],
})
export class EngineModule {}
