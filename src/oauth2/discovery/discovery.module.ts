import { Module, type DynamicModule } from '@nestjs/common';
import { EndpointsModule } from '../../endpoints/index.js';
import {
  ProtectedResourceController,
  SmartConfigurationController,
} from './endpoint-metadata.controllers.js';
import { EndpointMetadata } from './endpoint-metadata.js';

/** What gives EndpointIssuers, and the modules that it needs. */
export type IssuersSource = Pick<DynamicModule, 'imports' | 'providers'>;

/** Documents about the FHIR endpoints; served in every role that serves endpoints. */
@Module({})
export class DiscoveryModule {
  static of(issuers: IssuersSource = {}): DynamicModule {
    return {
      module: DiscoveryModule,
      imports: [EndpointsModule, ...(issuers.imports ?? [])],
      controllers: [SmartConfigurationController, ProtectedResourceController],
      providers: [EndpointMetadata, ...(issuers.providers ?? [])],
      exports: [EndpointMetadata],
    };
  }
}
