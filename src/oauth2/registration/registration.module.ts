import { Module } from '@nestjs/common';
import { ClientsModule } from '../../clients/index.js';
import { UsersModule } from '../../users/index.js';
import { EventsModule } from '../events/events.module.js';
import { StoreModule } from '../store/store.module.js';
import { InitialAccessTokensService } from './initial-access-tokens.service.js';
import { RegistrationAccessService } from './registration-access.service.js';
import { RegistrationRoutes } from './registration.routes.js';
import { RegistrationThrottle } from './registration.throttle.js';
import { RegistrationsStore } from './registrations.store.js';

/** Clients that register themselves, within the policy. */
@Module({
  imports: [StoreModule, EventsModule, ClientsModule, UsersModule],
  providers: [
    InitialAccessTokensService,
    RegistrationsStore,
    RegistrationAccessService,
    RegistrationThrottle,
    RegistrationRoutes,
  ],
  exports: [InitialAccessTokensService, RegistrationAccessService, RegistrationRoutes],
})
export class RegistrationModule {}
