import { Module } from '@nestjs/common';
import { Oauth2Events } from './oauth2-events.js';

@Module({ providers: [Oauth2Events], exports: [Oauth2Events] })
export class EventsModule {}
