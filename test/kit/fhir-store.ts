import { migrations } from '../../migrations/index.js';
import type { ParameterValues } from '../../src/fhir/search/index-values.js';
import type { SearchQuery } from '../../src/fhir/search/query.js';
import { restrictedTo } from '../../src/fhir/search/restrict.js';
import type { RestrictedQuery } from '../../src/fhir/search/restricted-query.js';
import type { ResourceStore, WriteUnit } from '../../src/fhir/storage/ports.js';
import { SqlSearch } from '../../src/fhir/storage/sql/search/sql-search.js';
import { SqlResourceStore } from '../../src/fhir/storage/sql/sql-resource-store.js';
import type { StoreOptions } from '../../src/fhir/storage/sql/sql-resource-store.js';
import { Settings } from '../../src/platform/config/index.js';
import { closeDatabase, openDatabase, type Database } from '../../src/platform/database/index.js';

export const repository = 'default';

/** A store on a database of its own; `second` opens another one on it, as a second process would. */
export interface StoreFixture {
  readonly database: Database;
  readonly store: ResourceStore;
  second(): Promise<StoreFixture>;
  close(): Promise<void>;
}

export async function openStore(
  databaseUrl: string,
  options: Partial<StoreOptions> = {},
): Promise<StoreFixture> {
  const database = await openDatabase(Settings.of({ databaseUrl, logLevel: 'silent' }), [], migrations);
  const store = await SqlResourceStore.open(database, (names) => new SqlSearch(names), options);
  return {
    database,
    store,
    second: () => openStore(databaseUrl, options),
    close: async () => {
      await store.drain();
      await closeDatabase(database);
    },
  };
}

/** A body as the store gets it. */
export function body(type: string, id: string, version: number, more: object = {}): Buffer {
  return Buffer.from(
    JSON.stringify({ resourceType: type, id, meta: { versionId: String(version) }, ...more }),
  );
}

export function token(code: string, value: string, system: string | null = null): ParameterValues {
  return {
    code,
    values: [{ type: 'token', system, code: value, text: null, caseSensitive: true }],
  };
}

/** Creates, or updates, under an id that the caller chose; answers the version. */
export function put(
  type: string,
  id: string,
  more: { values?: readonly ParameterValues[]; content?: object; expected?: number } = {},
): WriteUnit<number> {
  return {
    repository,
    targets: () => [{ type, id }],
    apply: ({ current, now }) => {
      const before = current(type, id)?.version ?? 0;
      if (more.expected !== undefined && more.expected !== before) throw new Error(`version is ${before}`);
      const version = before + 1;
      const content = body(type, id, version, more.content);
      const values = more.values ?? [];
      return {
        writes: [{ kind: 'update', type, id, version, lastUpdated: now, content, values, method: 'PUT' }],
        result: version,
      };
    },
  };
}

/** Deletes what is there; answers the version of the deletion. */
export function remove(type: string, id: string): WriteUnit<number> {
  return {
    repository,
    targets: () => [{ type, id }],
    apply: ({ current, now }) => {
      const version = (current(type, id)?.version ?? 0) + 1;
      return { writes: [{ kind: 'delete', type, id, version, lastUpdated: now }], result: version };
    },
  };
}

/** Creates under an id of the server's, which nobody has read before. */
export function create(
  type: string,
  id: string,
  values: readonly ParameterValues[] = [],
  content: object = {},
): WriteUnit<string> {
  return {
    repository,
    apply: ({ now }) => ({
      writes: [creation(type, id, now, values, content)],
      result: id,
    }),
  };
}

/** Creates where the criterion matches nothing; answers the id that is there afterwards. */
export function createUnless(
  query: RestrictedQuery,
  type: string,
  id: string,
  values: readonly ParameterValues[],
): WriteUnit<string> {
  return {
    repository,
    conditions: [query],
    apply: ({ matches, now }) => {
      const [match] = matches[0] ?? [];
      if (match !== undefined) return { writes: [], result: match.id };
      return { writes: [creation(type, id, now, values)], result: id };
    },
  };
}

function creation(
  type: string,
  id: string,
  lastUpdated: number,
  values: readonly ParameterValues[],
  content: object = {},
) {
  return {
    kind: 'create' as const,
    type,
    id,
    version: 1,
    lastUpdated,
    content: body(type, id, 1, content),
    values,
    method: 'POST' as const,
  };
}

/** Resources of a type with a token. */
export function byToken(type: string, code: string, value: string, system?: string | null): RestrictedQuery {
  const query: SearchQuery = {
    repository,
    types: [type],
    filter: [{ kind: 'parameter', code, type: 'token', anyOf: [{ type: 'token', system, code: value }] }],
    sort: [],
    count: 100,
    total: 'none',
  };
  return restrictedTo(query, undefined);
}

/** Ids that a search finds, sorted. */
export async function found(store: ResourceStore, query: RestrictedQuery): Promise<string[]> {
  const { matches } = await store.search(query);
  return matches.map(({ id }) => id).sort();
}
