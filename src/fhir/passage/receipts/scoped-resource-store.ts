import type {
  HistoryPage,
  HistoryPageRequest,
  RepositoryHistoryPage,
  RepositoryHistoryRequest,
  ResourceStore,
  SearchPage,
  StoredResource,
  WriteUnit,
} from '../../storage/ports.js';
import type { SearchQuery } from '../../search/query.js';
import { changedUnit } from '../../storage/changed-unit.js';
import type { RequestScope } from '../../storage/request-scope.js';
import { outOfTime } from '../../storage/sql/write-queue.js';

/** Holds what a request has the store do to the request's scope: its deadline, and its Idempotency-Key. */
export class ScopedResourceStore implements ResourceStore {
  constructor(
    private readonly store: ResourceStore,
    private readonly scope: RequestScope,
  ) {}

  async read(repository: string, type: string, id: string): Promise<StoredResource | undefined> {
    this.requireTime();
    return this.store.read(repository, type, id);
  }

  async readVersion(
    repository: string,
    type: string,
    id: string,
    version: number,
  ): Promise<StoredResource | undefined> {
    this.requireTime();
    return this.store.readVersion(repository, type, id, version);
  }

  async history(
    repository: string,
    type: string,
    id: string,
    page: HistoryPageRequest,
  ): Promise<HistoryPage> {
    this.requireTime();
    return this.store.history(repository, type, id, page);
  }

  async repositoryHistory(
    repository: string,
    page: RepositoryHistoryRequest,
  ): Promise<RepositoryHistoryPage> {
    this.requireTime();
    return this.store.repositoryHistory(repository, page);
  }

  async search(query: SearchQuery): Promise<SearchPage> {
    this.requireTime();
    return this.store.search(query);
  }

  async commit<R>(unit: WriteUnit<R>): Promise<R> {
    this.requireTime();
    const { deadline } = this.scope;
    const scoped = this.scope.nextReceipt?.(unit);
    if (scoped === undefined) return this.store.commit(changedUnit(unit, { deadline }));
    const { receipt } = scoped;
    const answered = { fromReceipt: false };
    const result = await this.store.commit(
      changedUnit(unit, {
        deadline,
        receipt: {
          ...receipt,
          encode: (value) => receipt.encode(value),
          decode: (text) => {
            answered.fromReceipt = true;
            return receipt.decode(text);
          },
        },
      }),
    );
    scoped.settled();
    return answered.fromReceipt ? scoped.complete(result, this.store) : result;
  }

  drain(): Promise<void> {
    return this.store.drain();
  }

  private requireTime(): void {
    if (Date.now() > this.scope.deadline) throw outOfTime();
  }
}
