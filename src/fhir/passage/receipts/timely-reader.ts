import type { SearchQuery } from '../../search/query.js';
import type { RequestScope } from '../../storage/request-scope.js';
import type {
  HistoryPage,
  HistoryPageRequest,
  RepositoryHistoryPage,
  RepositoryHistoryRequest,
  SearchPage,
  StoredResource,
} from '../../storage/ports.js';
import { outOfTime } from '../../storage/sql/write-queue.js';
import type { GrantedReader } from '../passage-stage.js';
import { ThroughReader } from '../through-reader.js';

/** Begins nothing behind the deadline of a request. Each method rejects with 503 `FHIR_REQUEST_TIMEOUT` then. */
export class TimelyReader extends ThroughReader {
  constructor(
    inner: GrantedReader,
    private readonly scope: RequestScope,
  ) {
    super(inner);
  }

  override async read(repository: string, type: string, id: string): Promise<StoredResource | undefined> {
    requireTime(this.scope);
    return this.inner.read(repository, type, id);
  }

  override async readVersion(
    repository: string,
    type: string,
    id: string,
    version: number,
  ): Promise<StoredResource | undefined> {
    requireTime(this.scope);
    return this.inner.readVersion(repository, type, id, version);
  }

  override async history(
    repository: string,
    type: string,
    id: string,
    page: HistoryPageRequest,
  ): Promise<HistoryPage> {
    requireTime(this.scope);
    return this.inner.history(repository, type, id, page);
  }

  override async repositoryHistory(
    repository: string,
    page: RepositoryHistoryRequest,
  ): Promise<RepositoryHistoryPage> {
    requireTime(this.scope);
    return this.inner.repositoryHistory(repository, page);
  }

  override async search(query: SearchQuery): Promise<SearchPage> {
    requireTime(this.scope);
    return this.inner.search(query);
  }
}

/** @throws FirekeepError 503 `FHIR_REQUEST_TIMEOUT` */
export function requireTime({ deadline }: RequestScope): void {
  if (Date.now() > deadline) throw outOfTime();
}
