import { Module, type DynamicModule } from '@nestjs/common';
import { EndpointsModule } from '../../endpoints/index.js';
import { FhirExtensionModule } from '../../fhir/index.js';
import { UsersModule } from '../../users/index.js';
import { SmartScopesModule } from '../scopes/smart-scopes.module.js';
import { RepositoryDirectory } from './repository-directory.js';

/** Whom an app can be launched for. */
@Module({})
export class SmartLaunchModule {
  /** @param hasRepository whether the FHIR repository is in this process. */
  static of(hasRepository: boolean): DynamicModule {
    return {
      module: SmartLaunchModule,
      imports: [
        SmartScopesModule,
        UsersModule,
        EndpointsModule,
        ...(hasRepository ? [FhirExtensionModule] : []),
      ],
      providers: [RepositoryDirectory],
      exports: [RepositoryDirectory],
    };
  }
}
