import type { Database, SqlRow, SqlSession } from '../../../platform/database/index.js';
import type { SearchQuery } from '../../search/query.js';
import type {
  HistoryPage,
  HistoryPageRequest,
  HistoryVersion,
  RepositoryHistoryPage,
  RepositoryHistoryRequest,
  ResourceStore,
  SearchPage,
  StoredResource,
  WriteUnit,
} from '../ports.js';
import type { ParameterRegistry } from '../parameter-registry.js';
import { BodySize } from './body-size.js';
import { GroupCommit } from './group-commit.js';
import { InstanceHistory } from './instance-history.js';
import { CurrentRows } from './current-rows.js';
import { SqlInternedNames } from './interned-names.js';
import { MonotonicClock } from './monotonic-clock.js';
import { ReadSession } from './read-session.js';
import type { ReferrersOf } from './referential-integrity.js';
import { RepositoryHistory } from './repository-history.js';
import { versionFrom } from './resource-rows.js';
import { RidBlocks } from './rid-blocks.js';
import type { SearchExecutor } from './search-executor.js';
import { WriteQueue, writeQueueDefaults, type WriteQueueOptions } from './write-queue.js';

/** Transactions at once: two use the time in which the other waits for the disk. SQLite has a single writer. */
const MYSQL_WRITERS = 2;

export interface StoreOptions extends WriteQueueOptions {
  /** Rows that one resource may have in the search index. */
  readonly indexRows: number;
  /** Milliseconds after which a statement of a history is stopped. */
  readonly historyTimeout: number;
  /** Set where references must lead somewhere. */
  readonly referrersOf?: ReferrersOf;
  /** Set where repositories define search parameters. */
  readonly registry?: ParameterRegistry;
}

const storeDefaults = { ...writeQueueDefaults, indexRows: 20_000, historyTimeout: 10_000 };

/** The FHIR store on MySQL, MariaDB and SQLite: plain statements throughout, bodies as bytes. */
export class SqlResourceStore implements ResourceStore {
  private readonly session: SqlSession;
  private readonly currentRows: CurrentRows;
  private readonly instanceHistory: InstanceHistory;
  private readonly wholeHistory: RepositoryHistory;

  private constructor(
    database: Database,
    private readonly names: SqlInternedNames,
    private readonly searches: SearchExecutor,
    private readonly queue: WriteQueue,
    historyTimeout: number,
  ) {
    this.session = new ReadSession(database);
    this.currentRows = new CurrentRows(this.session);
    this.instanceHistory = new InstanceHistory(this.session);
    this.wholeHistory = new RepositoryHistory(this.session, names, historyTimeout);
  }

  /**
   * @param searchOf makes what answers searches, given the numbers that stand for names in the tables
   * @throws FirekeepError `DATABASE_UNAVAILABLE`
   */
  static async open(
    database: Database,
    searchOf: (names: SqlInternedNames) => SearchExecutor,
    options: Partial<StoreOptions> = {},
  ): Promise<SqlResourceStore> {
    const names = new SqlInternedNames(database);
    const search = searchOf(names);
    const clock = new MonotonicClock();
    const writers = database.dialect === 'sqlite' ? 1 : MYSQL_WRITERS;
    const { referrersOf, registry, indexRows, historyTimeout, ...queueOptions } = {
      ...storeDefaults,
      writers,
      ...options,
    };
    const commit = new GroupCommit(database, names, {
      search,
      rids: new RidBlocks(database),
      bodySize: await BodySize.of(database),
      indexRows,
      ...(referrersOf === undefined ? {} : { referrersOf }),
      ...(registry === undefined ? {} : { registry }),
      now: () => clock.now(),
    });
    const queue = new WriteQueue((units) => commit.run(units), queueOptions);
    return new SqlResourceStore(database, names, search, queue, historyTimeout);
  }

  async read(repository: string, type: string, id: string): Promise<StoredResource | undefined> {
    const row = await this.currentRow(repository, type, id);
    return row === undefined ? undefined : versionFrom(row, type, id);
  }

  async readVersion(
    repository: string,
    type: string,
    id: string,
    version: number,
  ): Promise<StoredResource | undefined> {
    const row = await this.currentRow(repository, type, id);
    if (row === undefined) return undefined;
    const current = versionFrom(row, type, id);
    return current.version === version ? current : this.instanceHistory.version(current, version);
  }

  async history(
    repository: string,
    type: string,
    id: string,
    page: HistoryPageRequest,
  ): Promise<HistoryPage> {
    const row = await this.currentRow(repository, type, id);
    if (row === undefined) return { total: 0, versions: [], more: false };
    const current: HistoryVersion = versionFrom(row, type, id);
    return this.instanceHistory.page(current, page);
  }

  repositoryHistory(repository: string, page: RepositoryHistoryRequest): Promise<RepositoryHistoryPage> {
    return this.wholeHistory.page(repository, page);
  }

  async search(query: SearchQuery): Promise<SearchPage> {
    return this.searches.page(this.session, query);
  }

  commit<R>(unit: WriteUnit<R>): Promise<R> {
    return this.queue.add(unit);
  }

  drain(): Promise<void> {
    return this.queue.drain();
  }

  private async currentRow(repository: string, type: string, id: string): Promise<SqlRow | undefined> {
    const repositoryId = await this.names.repositoryId(this.session, repository);
    const typeId = await this.names.typeId(this.session, type);
    if (repositoryId === undefined || typeId === undefined) return undefined;
    return this.currentRows.read(repositoryId, typeId, id);
  }
}
