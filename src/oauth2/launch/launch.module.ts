import { Module } from '@nestjs/common';
import { LaunchContexts } from './launch-contexts.store.js';

/** How apps come to know what they were launched for. */
@Module({ providers: [LaunchContexts], exports: [LaunchContexts] })
export class LaunchModule {}
