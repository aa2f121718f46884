import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { ClientsModule } from '../clients/index.js';
import { EndpointsModule } from '../endpoints/index.js';
import { TrustModule } from '../trust/index.js';
import { UsersModule } from '../users/index.js';
import { AccessSimulationsController } from './access/access-simulations.controller.js';
import { BootstrapService } from './bootstrap/bootstrap.service.js';
import { ClientsController } from './clients/clients.controller.js';
import { EndpointsController } from './endpoints/endpoints.controller.js';
import { AdministrationEvents } from './http/administration-events.js';
import { LaunchesController } from './launches/launches.controller.js';
import { RefusalsController } from './refusals/refusals.controller.js';
import { InitialAccessTokensController } from './registration/initial-access-tokens.controller.js';
import { RegistrationAccessController } from './registration/registration-access.controller.js';
import { SigningKeysController } from './signing-keys/signing-keys.controller.js';
import { ClientConfigurationsController } from './trust/client-configurations.controller.js';
import { RolesController } from './roles/roles.controller.js';
import { ServerDescriptionsController } from './trust/server-descriptions.controller.js';
import { TlsConfigurationsController } from './trust/tls-configurations.controller.js';
import { UsersController } from './users/users.controller.js';

type ModuleReference = Type | DynamicModule;

export interface AdministrationParts {
  /** The one AccessModule of the application, whose refusals are shown. */
  readonly access: ModuleReference;
  /** The one Oauth2Module; absent in a process that is a resource server only. */
  readonly oauth2?: ModuleReference;
  /** The one FhirModule; absent in a process that is an authorization server only. */
  readonly fhir?: ModuleReference;
}

/** The management API `/admin/api/v1` and the bootstrap file. The gate in front of it stands in `access`. */
@Module({})
export class AdministrationModule {
  static of({ access, oauth2, fhir }: AdministrationParts): DynamicModule {
    return {
      module: AdministrationModule,
      imports: [
        UsersModule,
        ClientsModule,
        EndpointsModule,
        TrustModule,
        access,
        ...(oauth2 === undefined ? [] : [oauth2]),
        ...(fhir === undefined ? [] : [fhir]),
      ],
      controllers: [
        UsersController,
        RolesController,
        ClientsController,
        EndpointsController,
        TlsConfigurationsController,
        ServerDescriptionsController,
        ClientConfigurationsController,
        RefusalsController,
        ...(oauth2 === undefined
          ? []
          : [
              InitialAccessTokensController,
              RegistrationAccessController,
              LaunchesController,
              SigningKeysController,
            ]),
        ...(fhir === undefined ? [] : [AccessSimulationsController]),
      ],
      providers: [AdministrationEvents, BootstrapService],
      exports: [AdministrationEvents, BootstrapService],
    };
  }
}
