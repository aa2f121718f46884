import { Module, type DynamicModule, type ModuleMetadata } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AccessModule, CompositeGuard } from '../access/index.js';
import { AdministrationModule } from '../administration/index.js';
import { AuditModule } from '../audit/index.js';
import { ClientEntity, ClientsModule } from '../clients/index.js';
import { DocumentationModule } from '../documentation/index.js';
import { EndpointEntity, EndpointsModule } from '../endpoints/index.js';
import { EventSourcesModule } from '../extension/index.js';
import { FhirModule } from '../fhir/index.js';
import { ENDPOINT_ISSUERS, LAUNCH_DIRECTORY, Oauth2Module } from '../oauth2/index.js';
import { ownIssuerModule } from './own-issuer.module.js';
import { Database, DatabaseModule } from '../platform/database/index.js';
import { HealthModule } from '../platform/health/index.js';
import { RecurringJobsModule } from '../platform/schedule/index.js';
import { PlatformModule, type PlatformParts } from '../platform/platform.module.js';
import {
  RepositoryDirectory,
  SmartLaunchModule,
  SmartScopesModule,
  SmartRolesModule,
} from '../smart/index.js';
import { TrustedIssuers, trustEntities, TrustModule } from '../trust/index.js';
import { CredentialEntity, ReservedNameEntity, RoleEntity, UserEntity, UsersModule } from '../users/index.js';

/** Every TypeORM entity; the FHIR store has none, since it works with plain statements. */
export const entities = [
  UserEntity,
  CredentialEntity,
  ReservedNameEntity,
  RoleEntity,
  ClientEntity,
  EndpointEntity,
  ...trustEntities,
] as const;

/** Composition root: the only file that knows every module. */
@Module({})
export class AppModule {
  /** @param extensions modules of extensions; they are made last, so that they find everything there */
  static of(
    parts: PlatformParts,
    database: Database,
    extensions: NonNullable<ModuleMetadata['imports']> = [],
  ): DynamicModule {
    const issuers = {
      imports: [TrustModule],
      providers: [{ provide: ENDPOINT_ISSUERS, useExisting: TrustedIssuers }],
    };
    const directory = {
      imports: [SmartLaunchModule.of(parts.settings.servesResources)],
      providers: [{ provide: LAUNCH_DIRECTORY, useExisting: RepositoryDirectory }],
    };
    const oauth2 = Oauth2Module.of(parts.settings, directory, issuers);
    const access = AccessModule.with(SmartScopesModule);
    const issuing = parts.settings.servesAuthorization ? { access, oauth2 } : { access };
    const fhir = parts.settings.servesResources ? FhirModule.of([SmartScopesModule, access]) : undefined;
    const administration = AdministrationModule.of(fhir === undefined ? issuing : { ...issuing, fhir });
    return {
      module: AppModule,
      imports: [
        PlatformModule.of(parts),
        DatabaseModule.of(database),
        RecurringJobsModule,
        UsersModule,
        ClientsModule,
        EndpointsModule,
        oauth2,
        ownIssuerModule(parts.settings, oauth2),
        TrustModule,
        SmartScopesModule,
        ...(parts.settings.servesResources ? [SmartRolesModule] : []),
        access,
        administration,
        AuditModule.of({ ...issuing, administration }),
        ...(fhir === undefined ? [] : [fhir]),
        EventSourcesModule.of({ ...issuing, administration }),
        DocumentationModule,
        HealthModule,
        ...extensions,
      ],
      providers: [{ provide: APP_GUARD, useExisting: CompositeGuard }],
    };
  }
}
