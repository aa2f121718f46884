import { migrations } from '../../../migrations/index.js';
import { loadDefinitions } from '../../../src/fhir/definitions/index.js';
import { extract } from '../../../src/fhir/search/extraction/index.js';
import type { ParameterValues } from '../../../src/fhir/search/index-values.js';
import { parseSearch } from '../../../src/fhir/search/parse-search.js';
import type { SearchParameterPair } from '../../../src/fhir/search/parse-search.js';
import type { SearchQuery } from '../../../src/fhir/search/query.js';
import type { SearchPage, StoredResource } from '../../../src/fhir/storage/ports.js';
import type { InternedNames } from '../../../src/fhir/storage/sql/keys.js';
import { ReadSession } from '../../../src/fhir/storage/sql/read-session.js';
import { SqlSearch, type SqlSearchOptions } from '../../../src/fhir/storage/sql/search/sql-search.js';
import { SqlResourceStore } from '../../../src/fhir/storage/sql/sql-resource-store.js';
import { Settings } from '../../../src/platform/config/index.js';
import { closeDatabase, openDatabase } from '../../../src/platform/database/index.js';
import type { Database, SqlSession } from '../../../src/platform/database/index.js';
import type { TestDatabase } from '../../kit/databases.js';

export const repository = 'default';
export const bases = ['https://fhir.example.org/r4'];

export interface TestResource {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

export interface SearchStore {
  readonly database: Database;
  readonly store: SqlResourceStore;
  readonly search: SqlSearch;
  /** For what is asked of `search` itself. */
  readonly session: SqlSession;
  /** A search with options of its own, over the same store. */
  searchWith(options: Partial<SqlSearchOptions>): (query: SearchQuery) => Promise<SearchPage>;
  /** The same over a session of the test's own. */
  searchOf(
    session: SqlSession,
    options: Partial<SqlSearchOptions>,
  ): (query: SearchQuery) => Promise<SearchPage>;
  close(): Promise<void>;
}

/** A store over a fresh database. */
export async function openSearchStore(
  { create }: TestDatabase,
  options: Partial<SqlSearchOptions> = {},
): Promise<SearchStore> {
  const settings = Settings.of({ databaseUrl: await create(), logLevel: 'silent' });
  const database = await openDatabase(settings, [], [...migrations]);
  let names: InternedNames | undefined;
  const store = await SqlResourceStore.open(
    database,
    (interned) => new SqlSearch((names = interned), options),
  );
  if (names === undefined) throw new Error('The store asked for no search.');
  const numbers = names;
  return {
    database,
    store,
    search: new SqlSearch(numbers, options),
    session: new ReadSession(database),
    searchWith(own) {
      const session = new ReadSession(database);
      const search = new SqlSearch(numbers, own);
      return (query) => search.page(session, query);
    },
    searchOf: (session, own) => (query) => new SqlSearch(numbers, own).page(session, query),
    close: async () => {
      await store.drain();
      await closeDatabase(database);
    },
  };
}

export function valuesOf(resource: TestResource): readonly ParameterValues[] {
  return extract(resource.resourceType, resource, { bases });
}

/** Creates, updates (where the id exists) or deletes. */
export function put(
  store: SqlResourceStore,
  resource: TestResource,
  kind: 'put' | 'delete' = 'put',
  values: readonly ParameterValues[] = valuesOf(resource),
) {
  const { resourceType: type, id } = resource;
  return store.commit({
    repository,
    targets: () => [{ type, id }],
    apply(context) {
      const current = context.current(type, id);
      const version = (current?.version ?? 0) + 1;
      const lastUpdated = context.now;
      if (kind === 'delete' && (current === undefined || current.deleted))
        return { writes: [], result: lastUpdated };
      if (kind === 'delete')
        return { writes: [{ kind, type, id, version, lastUpdated }], result: lastUpdated };
      const content = Buffer.from(JSON.stringify(resource));
      const written = { type, id, version, lastUpdated, content, values, method: 'PUT' } as const;
      const isNew = current === undefined || current.deleted;
      return { writes: [{ kind: isNew ? 'create' : 'update', ...written }], result: lastUpdated };
    },
  });
}

export function queryOf(type: string, parameters: readonly SearchParameterPair[], count = 20): SearchQuery {
  const { query } = parseSearch({
    repository,
    types: [type],
    parameters,
    handling: 'strict',
    definitions: loadDefinitions(),
    bases,
    zone: 'UTC',
  });
  return { ...query, count };
}

/** All matches, page by page, in order. */
export async function allMatches(
  search: (query: SearchQuery) => Promise<SearchPage>,
  query: SearchQuery,
  between: () => Promise<void> = () => Promise.resolve(),
): Promise<StoredResource[]> {
  const matches: StoredResource[] = [];
  let after: SearchQuery['after'];
  for (let pages = 0; pages < 1000; pages++) {
    const page = await search(after === undefined ? query : { ...query, after });
    expect(page.matches.length).toBeLessThanOrEqual(query.count);
    matches.push(...page.matches);
    if (page.next === null) return matches;
    expect(page.matches).toHaveLength(query.count);
    after = JSON.parse(JSON.stringify(page.next)) as readonly (string | number)[];
    await between();
  }
  throw new Error('There is no end of pages.');
}
