import { Module } from '@nestjs/common';
import { UsersModule } from '../../users/index.js';
import { EventsModule } from '../events.module.js';
import { EngineModule } from '../provider/engine.module.js';
import { InteractionRoutes } from './interaction.routes.js';

/** Sign-in and consent. */
@Module({
  imports: [EngineModule, EventsModule, UsersModule],
  providers: [InteractionRoutes],
  exports: [InteractionRoutes],
})
export class AuthorizeModule {}
