import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { EndpointEntity } from './endpoint.entity.js';
import { EndpointRegistry } from './endpoint-registry.js';
import { EndpointsService } from './endpoints.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([EndpointEntity])],
  providers: [EndpointRegistry, EndpointsService],
  exports: [EndpointRegistry, EndpointsService],
})
export class EndpointsModule {}
