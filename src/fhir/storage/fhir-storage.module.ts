import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '../../platform/database/index.js';
import { RESOURCE_STORE, type ResourceStore } from './ports.js';
import { SqlSearch } from './sql/search/sql-search.js';
import { SqlResourceStore } from './sql/sql-resource-store.js';

/** Answers what was accepted before the connections close. */
class StorageShutdown implements OnApplicationShutdown {
  constructor(@Inject(RESOURCE_STORE) private readonly store: ResourceStore) {}

  async onApplicationShutdown(): Promise<void> {
    await this.store.drain();
  }
}

/** Provides RESOURCE_STORE: bodies, versions and search index of every repository, in the database. */
@Module({
  providers: [
    {
      provide: RESOURCE_STORE,
      inject: [Database],
      useFactory: (database: Database): Promise<ResourceStore> =>
        SqlResourceStore.open(database, (names) => new SqlSearch(names)),
    },
    StorageShutdown,
  ],
  exports: [RESOURCE_STORE],
})
export class FhirStorageModule {}
