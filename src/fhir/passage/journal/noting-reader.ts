import type { SearchQuery } from '../../search/query.js';
import type {
  HistoryPage,
  HistoryPageRequest,
  RepositoryHistoryPage,
  RepositoryHistoryRequest,
  SearchPage,
  StoredResource,
} from '../../storage/ports.js';
import type { GrantedReader } from '../passage-stage.js';
import { ThroughReader } from '../through-reader.js';

/** Notes what the store gives out. */
export class NotingReader extends ThroughReader {
  constructor(
    inner: GrantedReader,
    private readonly shown: StoredResource[],
  ) {
    super(inner);
  }

  override async read(repository: string, type: string, id: string): Promise<StoredResource | undefined> {
    return this.noted(await this.inner.read(repository, type, id));
  }

  override async readVersion(
    repository: string,
    type: string,
    id: string,
    version: number,
  ): Promise<StoredResource | undefined> {
    return this.noted(await this.inner.readVersion(repository, type, id, version));
  }

  override async history(
    repository: string,
    type: string,
    id: string,
    request: HistoryPageRequest,
  ): Promise<HistoryPage> {
    const page = await this.inner.history(repository, type, id, request);
    this.shown.push(...page.versions);
    return page;
  }

  override async repositoryHistory(
    repository: string,
    request: RepositoryHistoryRequest,
  ): Promise<RepositoryHistoryPage> {
    const page = await this.inner.repositoryHistory(repository, request);
    this.shown.push(...page.versions);
    return page;
  }

  override async search(query: SearchQuery): Promise<SearchPage> {
    const page = await this.inner.search(query);
    this.shown.push(...page.matches, ...page.included);
    return page;
  }

  private noted(found: StoredResource | undefined): StoredResource | undefined {
    if (found !== undefined) this.shown.push(found);
    return found;
  }
}
