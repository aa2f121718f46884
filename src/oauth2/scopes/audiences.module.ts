import { Module } from '@nestjs/common';
import { ClientsModule } from '../../clients/index.js';
import { EndpointsModule } from '../../endpoints/index.js';
import { Audiences } from './audiences.js';

@Module({ imports: [ClientsModule, EndpointsModule], providers: [Audiences], exports: [Audiences] })
export class AudiencesModule {}
