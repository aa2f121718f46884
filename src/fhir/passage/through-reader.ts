import type { SearchQuery } from '../search/query.js';
import type {
  HistoryPage,
  HistoryPageRequest,
  RepositoryHistoryPage,
  RepositoryHistoryRequest,
  SearchPage,
  StoredResource,
} from '../storage/ports.js';
import type { GrantedReader } from './passage-stage.js';

/** A reader that lets everything through to the one behind it; stages change what is theirs. */
export abstract class ThroughReader implements GrantedReader {
  constructor(protected readonly inner: GrantedReader) {}

  read(repository: string, type: string, id: string): Promise<StoredResource | undefined> {
    return this.inner.read(repository, type, id);
  }

  readVersion(
    repository: string,
    type: string,
    id: string,
    version: number,
  ): Promise<StoredResource | undefined> {
    return this.inner.readVersion(repository, type, id, version);
  }

  history(repository: string, type: string, id: string, page: HistoryPageRequest): Promise<HistoryPage> {
    return this.inner.history(repository, type, id, page);
  }

  repositoryHistory(repository: string, page: RepositoryHistoryRequest): Promise<RepositoryHistoryPage> {
    return this.inner.repositoryHistory(repository, page);
  }

  search(query: SearchQuery): Promise<SearchPage> {
    return this.inner.search(query);
  }
}
