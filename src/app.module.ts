import { Module, type DynamicModule } from '@nestjs/common';
import { ClientEntity, ClientsModule } from './clients/index.js';
import { EndpointEntity, EndpointsModule } from './endpoints/index.js';
import { Database, DatabaseModule } from './platform/database/index.js';
import { HealthModule } from './platform/health/index.js';
import { PlatformModule, type PlatformParts } from './platform/platform.module.js';
import { trustEntities, TrustModule } from './trust/index.js';
import { CredentialEntity, ReservedNameEntity, UserEntity, UsersModule } from './users/index.js';

/** Every TypeORM entity; the FHIR store has none, since it works with plain statements. */
export const entities = [
  UserEntity,
  CredentialEntity,
  ReservedNameEntity,
  ClientEntity,
  EndpointEntity,
  ...trustEntities,
] as const;

/** Composition root: the only file that knows every module. */
@Module({})
export class AppModule {
  static of(parts: PlatformParts, database: Database): DynamicModule {
    return {
      module: AppModule,
      imports: [
        PlatformModule.of(parts),
        DatabaseModule.of(database),
        UsersModule,
        ClientsModule,
        EndpointsModule,
        TrustModule,
        HealthModule,
      ],
    };
  }
}
