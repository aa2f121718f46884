import { Module } from '@nestjs/common';
import { ClientsModule } from '../../clients/index.js';
import { EventsModule } from '../events.module.js';
import { StoreModule } from '../provider/store.module.js';
import { InitialAccessTokensService } from './initial-access-tokens.service.js';
import { RegistrationRoutes } from './registration.routes.js';
import { RegistrationsStore } from './registrations.store.js';

/** Clients that register themselves, within the policy. */
@Module({
  imports: [StoreModule, EventsModule, ClientsModule],
  providers: [InitialAccessTokensService, RegistrationsStore, RegistrationRoutes],
  exports: [InitialAccessTokensService, RegistrationRoutes],
})
export class RegistrationModule {}
