import type { Principal } from '../../../contract/index.js';
import type { FhirEndpoint } from '../../../endpoints/index.js';
import type { JsonObject } from '../../format/parsed-resource.js';

/** For whom and through which endpoint an interaction happens. */
export interface HookContext {
  readonly endpoint: FhirEndpoint;
  readonly principal: Principal;
}

/** Of hooks that may wait: the signal is aborted when the time of the hook (`FIREKEEP_HOOK_TIMEOUT`) is over. */
export interface AsyncHookContext extends HookContext {
  readonly signal: AbortSignal;
}

/** A body that is about to be written: parsed, validated, and frozen, since several hooks look at it. */
export interface IncomingWrite {
  readonly type: string;
  /** Undefined where the server gives the id, or criteria will find it. */
  readonly id: string | undefined;
  readonly resource: JsonObject;
}

/** What a hook before a write makes of the body; nothing: it stays as it is. */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a hook without a return statement
export type Replacement = JsonObject | undefined | void;

export interface IncomingDeletion {
  readonly type: string;
  /** Undefined where criteria will find it. */
  readonly id: string | undefined;
}

/** A write that has been decided on inside the transaction, after conditions, If-Match and references. */
export interface PendingWrite {
  /** What happens to the resource, whatever the request was: a PUT may create. */
  readonly kind: 'create' | 'update' | 'delete';
  readonly type: string;
  readonly id: string;
  /** The version that it gets. */
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly lastUpdated: number;
  /** As it will be stored; undefined for a deletion. Parsed when it is first asked for. */
  readonly resource: JsonObject | undefined;
  /** As it is stored now; undefined: it isn't there. Parsed when it is first asked for. */
  readonly previous: JsonObject | undefined;
}

/** A write that has been committed. */
export type CommittedWrite = Omit<PendingWrite, 'previous'>;

export interface ReadRequest {
  readonly interaction: 'read' | 'vread' | 'history-instance' | 'history-type' | 'history-system';
  /** Null for the history of the system. */
  readonly type: string | null;
  /** Undefined for a history of a type or of the system. */
  readonly id: string | undefined;
}

/** A read that found something. */
export interface ReadResult extends ReadRequest {
  /** The version that was read; undefined for histories. */
  readonly version: number | undefined;
}

export interface SearchRequest {
  /** Null: a search over several types or all. */
  readonly type: string | null;
  /** Names and values, decoded, in the order of the request. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

export interface SearchResult extends SearchRequest {
  /** Matches on this page, without bodies. */
  readonly matches: readonly { readonly type: string; readonly id: string; readonly version: number }[];
  /** Over all pages; null: not counted. */
  readonly total: number | null;
}

type Awaitable<T> = T | Promise<T>;

/**
 * Hooks of an extension; each is optional.
 *
 * | hook | when | may |
 * |---|---|---|
 * | `before…` | authorized, parsed and validated; outside of the transaction | wait, veto, for writes replace the body |
 * | `inTransaction` | inside the transaction, before its statements | veto; is synchronous |
 * | `after…` | behind the commit, or with the answer of a read at hand | wait; its errors are logged |
 *
 * A veto is a thrown FirekeepError, which becomes the answer. Anything else that is thrown is a failure of the
 * extension: 500 `FHIR_HOOK_FAILED`.
 */
export interface HookSet {
  /** For the log; the class of the extension, for example. */
  readonly name: string;
  /** Only for these types; absent: for all. What concerns no single type concerns all of them. */
  readonly resourceTypes?: readonly string[];

  /** POST to a type, conditional or not, as a request or as an entry. */
  beforeCreate?(write: IncomingWrite, context: AsyncHookContext): Awaitable<Replacement>;
  /** PUT, also where it will create, and what a PATCH has made of a resource. */
  beforeUpdate?(write: IncomingWrite, context: AsyncHookContext): Awaitable<Replacement>;
  beforeDelete?(deletion: IncomingDeletion, context: AsyncHookContext): Awaitable<void>;
  beforeRead?(request: ReadRequest, context: AsyncHookContext): Awaitable<void>;
  beforeSearch?(request: SearchRequest, context: AsyncHookContext): Awaitable<void>;

  /**
   * For each write of a request or transaction Bundle, in their order. Every write of every other caller waits
   * meanwhile, and it is called again where the transaction is: it must be quick and change nothing.
   */
  inTransaction?(write: PendingWrite, context: HookContext): void;

  afterCreate?(write: CommittedWrite, context: AsyncHookContext): Awaitable<void>;
  afterUpdate?(write: CommittedWrite, context: AsyncHookContext): Awaitable<void>;
  afterDelete?(write: CommittedWrite, context: AsyncHookContext): Awaitable<void>;
  afterRead?(result: ReadResult, context: AsyncHookContext): Awaitable<void>;
  afterSearch?(result: SearchResult, context: AsyncHookContext): Awaitable<void>;
}

/** Every position at which an extension can hook in. */
export const hookPoints = [
  'beforeCreate',
  'beforeUpdate',
  'beforeDelete',
  'beforeRead',
  'beforeSearch',
  'inTransaction',
  'afterCreate',
  'afterUpdate',
  'afterDelete',
  'afterRead',
  'afterSearch',
] as const;
export type HookPoint = (typeof hookPoints)[number];
