import { Module, type DynamicModule } from '@nestjs/common';
import { Database, DatabaseModule } from './platform/database/index.js';
import { PlatformModule, type PlatformParts } from './platform/platform.module.js';

/** Every TypeORM entity; the FHIR store has none, since it works with plain statements. */
export const entities = [] as const;

/** Composition root: the only file that knows every module. */
@Module({})
export class AppModule {
  static of(parts: PlatformParts, database: Database): DynamicModule {
    return {
      module: AppModule,
      imports: [PlatformModule.of(parts), DatabaseModule.of(database)],
    };
  }
}
