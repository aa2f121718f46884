import type { ParameterValues } from '../search/index-values.js';
import type { IncludeDirective, SearchQuery } from '../search/query.js';
import type { RestrictedQuery } from '../search/restricted-query.js';
import type { SearchExplanation } from './search-explanation.js';
import type { Indexing, ParameterDefinition } from './parameter-registry.js';

/** Identity of a resource within a repository. */
export interface ResourceIdentity {
  readonly type: string;
  readonly id: string;
}

/** One version as stored. `content` is the UTF-8 JSON text with `id` and `meta` in it; empty for a deletion. */
export interface StoredResource extends ResourceIdentity {
  readonly rid: number;
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly lastUpdated: number;
  readonly deleted: boolean;
  readonly content: Buffer;
}

/** A version in a history: `method` tells how it came to be. */
export interface HistoryVersion extends StoredResource {
  readonly method: 'POST' | 'PUT' | 'DELETE';
}

export interface HistoryPageRequest {
  readonly count: number;
  /** Continue behind this version (exclusive), in the order of the page; absent: from its start. */
  readonly before?: number;
  /** Only versions at or after this time, in ms. */
  readonly since?: number;
  /** Only versions that were current at some time of this span, both ends inclusive, in ms. */
  readonly at?: TimeSpan;
  /** The oldest first. */
  readonly ascending?: boolean;
}

export interface TimeSpan {
  readonly low: number;
  readonly high: number;
}

/** Place of a version in the history of a type or repository: all versions have one, and it never changes. */
export interface HistoryPosition {
  readonly lastUpdated: number;
  readonly rid: number;
  readonly version: number;
}

export interface RepositoryHistoryRequest {
  /** Null: all. */
  readonly types: readonly string[] | null;
  /** 0: the total alone. */
  readonly count: number;
  readonly behind?: HistoryPosition;
  readonly since?: number;
  readonly at?: TimeSpan;
  readonly ascending?: boolean;
}

export interface RepositoryHistoryPage {
  /** May be fewer than asked for where bodies are large. */
  readonly versions: readonly HistoryVersion[];
  /** Where the next page starts; null: this is the last one. */
  readonly next: HistoryPosition | null;
  /** Exact, or null where counting is not free. */
  readonly total: number | null;
}

export interface HistoryPage {
  /** Null: not counted. */
  readonly total: number | null;
  readonly versions: readonly HistoryVersion[];
  readonly more: boolean;
}

export interface SearchPage {
  /** Matches in the order of the query, bodies included (empty list for `count: 0`). */
  readonly matches: readonly StoredResource[];
  /** Included resources; each once, none that is a match of this page. */
  readonly included: readonly StoredResource[];
  /** Directives that lead to more resources than a page may include. */
  readonly cut: readonly IncludeDirective[];
  /** Where the next page starts; null: this is the last one. Opaque: `search/` signs it into a link. */
  readonly next: readonly (string | number)[] | null;
  /** Where the page of the matches before these ends; null: this is the first one. Opaque as `next`. */
  readonly previous: readonly (string | number)[] | null;
  /** Exact number of matches over all pages; null: not counted. */
  readonly total: number | null;
  /** Where the query asks for it. */
  readonly explanation?: SearchExplanation;
}

/** A reference from one resource to another of the same repository. */
export interface LocalReference extends ResourceIdentity {
  /** FHIRPath of the element, for the error: `Observation.subject`. */
  place(): string;
}

/**
 * Makes a unit safe to repeat: what it answers is stored with its writes, and given instead of doing them again
 * when a unit with the same key comes.
 */
export interface WriteReceipt<R> {
  /** 32 bytes: who asks and under which key. */
  readonly key: Buffer;
  /** 32 bytes: what is asked for. Another request under the same key is refused. */
  readonly request: Buffer;
  /** Milliseconds until the key is forgotten. */
  readonly lifetime: number;
  /** Text of the answer. Throwing ends the unit and nothing of it is stored. */
  encode(result: R): string;
  decode(text: string): R;
}

/** A write that a unit has decided on. `version` is the version to be stored. */
export type PlannedWrite =
  | {
      readonly kind: 'create' | 'update';
      readonly type: string;
      readonly id: string;
      readonly version: number;
      readonly lastUpdated: number;
      readonly content: Buffer;
      readonly values: readonly ParameterValues[];
      readonly method: 'POST' | 'PUT';
      /** Resources of the repository that must be there once the unit is done; absent: not checked. */
      readonly references?: readonly LocalReference[];
      /** How `values` came about; absent: they depend on nothing that a repository defines. */
      readonly indexing?: Indexing;
      /** Of a SearchParameter: what it defines; absent: nothing. */
      readonly defines?: ParameterDefinition;
    }
  | {
      /** No new version: what the index holds of the current one is derived again. It must be there. */
      readonly kind: 'index';
      readonly type: string;
      readonly id: string;
      readonly values: readonly ParameterValues[];
      readonly indexing?: Indexing;
      readonly defines?: ParameterDefinition;
    }
  | {
      readonly kind: 'delete';
      readonly type: string;
      readonly id: string;
      readonly version: number;
      readonly lastUpdated: number;
    };

/** A write that makes a version. */
export type VersionWrite = Exclude<PlannedWrite, { readonly kind: 'index' }>;

export function makesVersion(write: PlannedWrite): write is VersionWrite {
  return write.kind !== 'index';
}

/**
 * What one request (a create, an update, a whole transaction Bundle) wants to write, all or nothing. The store
 * calls the three parts inside the transaction, in order, and calls all of them again when the transaction is
 * retried or a group of units is taken apart, so they must rebuild their state from their arguments.
 */
export interface WriteUnit<R, Query extends SearchQuery = RestrictedQuery> {
  readonly repository: string;
  /**
   * Conditional criteria, evaluated inside the transaction behind a guard row per criterion, so that of two
   * equal conditional creates one sees the other.
   */
  readonly conditions?: readonly Query[];
  /**
   * Criteria that only find what is referred to (conditional references): evaluated as `conditions`, without a
   * guard, so that units which refer to the same resource don't wait for each other. Their matches follow those
   * of `conditions`.
   */
  readonly lookups?: readonly Query[];
  readonly receipt?: WriteReceipt<R>;
  /** Milliseconds since the epoch after which the unit is refused, unless it is being written already. */
  readonly deadline?: number;
  /** About how many bytes the unit holds until it is answered; bounds the queue and the size of a transaction. */
  readonly bytes?: number;
  /**
   * Given the matches of each condition (at most as many as its `count`, and never cut to fewer than two: one is
   * used, two are an error), the resources whose
   * current row the unit needs. They are locked in (type, id) order. A create with an id that the server chose
   * need not be listed. Throwing ends the unit and nothing of it is stored.
   */
  targets?(matches: readonly (readonly ResourceIdentity[])[]): readonly ResourceIdentity[];
  /**
   * Decides. `current(type, id)` is the row of a target, deleted ones included; undefined: never existed.
   * Synchronous, so that nothing waits inside the transaction. Throwing ends the unit and nothing of it is
   * stored; the thrown error reaches the caller of `commit`.
   */
  apply(context: WriteContext): { readonly writes: readonly PlannedWrite[]; readonly result: R };
}

export interface WriteContext {
  readonly matches: readonly (readonly ResourceIdentity[])[];
  current(type: string, id: string): StoredResource | undefined;
  /** Milliseconds since the epoch: the `lastUpdated` of every write of this unit; never goes backwards. */
  readonly now: number;
  /** Whether who asks may read it: what a caller has not sent is shown to no other. */
  readonly mayRead: (resource: Omit<StoredResource, 'rid'>) => boolean;
  /** Whether who asks may read it or find it: its content is no secret then. */
  readonly mayKnow: WriteContext['mayRead'];
  /**
   * Holds a stored resource to what who asks may make new versions of, before anything of it is looked at.
   *
   * @param by what the new version is made of: what was sent, or the content of the stored one, which must be known then
   * @throws FirekeepError 403, or 404 as for what is not there
   */
  readonly requireRevisable: (stored: StoredResource, by: 'what was sent' | 'its content') => void;
}

/** What is read of the FHIR store. */
export interface StoreReader<Query extends SearchQuery = RestrictedQuery> {
  /** The current version, deleted ones included; undefined: never existed. One statement by unique key. */
  read(repository: string, type: string, id: string): Promise<StoredResource | undefined>;
  readVersion(
    repository: string,
    type: string,
    id: string,
    version: number,
  ): Promise<StoredResource | undefined>;
  history(repository: string, type: string, id: string, page: HistoryPageRequest): Promise<HistoryPage>;
  /** Versions of all resources of some types, the newest first unless asked otherwise. */
  repositoryHistory(repository: string, page: RepositoryHistoryRequest): Promise<RepositoryHistoryPage>;
  search(query: Query): Promise<SearchPage>;
}

/** The FHIR store: bodies, versions and index of every repository. Implemented in `storage/sql`. */
export interface ResourceStore<Query extends SearchQuery = RestrictedQuery> extends StoreReader<Query> {
  /**
   * Queues the unit; resolves with its result after the commit that holds it, and rejects, with nothing stored,
   * with what the unit threw, or FirekeepError `unavailable` where the database is away, the queue is full or
   * retries ran out.
   */
  commit<R>(unit: WriteUnit<R, Query>): Promise<R>;
  /** Resolves when everything accepted has been answered; later commits are refused. */
  drain(): Promise<void>;
}
