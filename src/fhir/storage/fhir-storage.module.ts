import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { Database } from '../../platform/database/index.js';
import { ReceiptPurgeJob } from './receipt-purge.job.js';
import { referrersOf } from './referrers.js';
import { PARAMETER_REGISTRY, type ParameterRegistry } from './parameter-registry.js';
import type { ResourceStore } from './ports.js';
import { STORED_LABELS } from './labels.js';
import { SqlInternedNames } from './sql/interned-names.js';
import { SqlReindexJobs } from './sql/reindex/sql-reindex-jobs.js';
import { SqlReindexWork } from './sql/reindex/sql-reindex-work.js';
import { SqlLabelsInUse } from './sql/labels-in-use.js';
import { REINDEX_JOBS, REINDEX_WORK, type ReindexJobs, type ReindexWork } from './reindex-jobs.js';
import { SEARCH_COVERAGE, type SearchCoverageStore } from './search-coverage.js';
import { CHANGE_STAMPS, type ChangeStamps } from './change-stamps.js';
import { ResourceRemoval } from './sql/resource-removal.js';
import { SqlChangeStamps } from './sql/sql-change-stamps.js';
import { SqlSearchCoverage } from './sql/sql-search-coverage.js';
import { SqlSearch } from './sql/search/sql-search.js';
import { SqlParameterRegistry } from './sql/sql-parameter-registry.js';
import { SqlResourceStore } from './sql/sql-resource-store.js';
import { RESOURCE_STORE } from './store-token.js';

/** Answers what was accepted before the connections close. */
class StorageShutdown implements OnApplicationShutdown {
  constructor(@Inject(RESOURCE_STORE) private readonly store: ResourceStore) {}

  async onApplicationShutdown(): Promise<void> {
    await this.store.drain();
  }
}

function openStore(
  database: Database,
  settings: Settings,
  registry: ParameterRegistry,
): Promise<ResourceStore> {
  const timeout = settings.get('searchTimeout');
  const criteriaTimeout = settings.get('criteriaTimeout');
  return SqlResourceStore.open(
    database,
    (names) =>
      new SqlSearch(names, {
        includedResources: settings.get('maximumIncluded'),
        ...(timeout === undefined ? {} : { timeout }),
        ...(criteriaTimeout === undefined ? {} : { criteriaTimeout }),
      }),
    {
      queueUnits: settings.get('writesInFlight'),
      patience: settings.get('requestTimeout') * 1000,
      indexRows: settings.get('indexRows'),
      registry,
      ...(timeout === undefined ? {} : { historyTimeout: timeout }),
      ...(settings.get('referentialIntegrity') ? { referrersOf } : {}),
    },
  );
}

/** Milliseconds that collecting the labels in use may take. */
const labelsTimeout = 3_000;

/** Provides RESOURCE_STORE, STORED_LABELS and CHANGE_STAMPS: bodies, versions and search index of every repository, in the database. */
@Module({
  providers: [
    {
      provide: RESOURCE_STORE,
      inject: [Database, Settings, PARAMETER_REGISTRY],
      useFactory: openStore,
    },
    {
      provide: PARAMETER_REGISTRY,
      inject: [Database],
      useFactory: (database: Database): Promise<ParameterRegistry> => SqlParameterRegistry.open(database),
    },
    {
      provide: STORED_LABELS,
      inject: [Database, Settings, SqlInternedNames],
      useFactory: (database: Database, settings: Settings, names: SqlInternedNames) =>
        new SqlLabelsInUse(database, new SqlSearch(names), settings.get('searchTimeout') ?? labelsTimeout),
    },
    {
      provide: SEARCH_COVERAGE,
      inject: [Database],
      useFactory: (database: Database): SearchCoverageStore => new SqlSearchCoverage(database),
    },
    {
      provide: CHANGE_STAMPS,
      inject: [Database],
      useFactory: (database: Database): ChangeStamps => new SqlChangeStamps(database),
    },
    {
      provide: SqlInternedNames,
      inject: [Database],
      useFactory: (database: Database) => new SqlInternedNames(database),
    },
    {
      provide: REINDEX_JOBS,
      inject: [Database, SqlInternedNames],
      useFactory: (database: Database, names: SqlInternedNames): ReindexJobs =>
        new SqlReindexJobs(database, names),
    },
    {
      provide: REINDEX_WORK,
      inject: [Database, SqlInternedNames],
      useFactory: (database: Database, names: SqlInternedNames): ReindexWork =>
        new SqlReindexWork(database, names),
    },
    {
      provide: ResourceRemoval,
      inject: [Database],
      useFactory: (database: Database) => new ResourceRemoval(database),
    },
    ReceiptPurgeJob,
    StorageShutdown,
  ],
  exports: [
    PARAMETER_REGISTRY,
    REINDEX_JOBS,
    REINDEX_WORK,
    RESOURCE_STORE,
    STORED_LABELS,
    SEARCH_COVERAGE,
    CHANGE_STAMPS,
    ResourceRemoval,
  ],
})
export class FhirStorageModule {}
