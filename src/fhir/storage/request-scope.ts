import type { ResourceIdentity, StoredResource, WriteReceipt } from './ports.js';

/** Looks at what an answer that is given again is about. */
export interface RepeatReader {
  /**
   * A version as the caller may read it now; undefined: what was granted reaches it, but does not read it.
   *
   * @throws FirekeepError 403 `FHIR_IDEMPOTENCY_OUTSIDE` where it does not reach it, or there is none any more
   */
  repeated(
    repository: string,
    version: ResourceIdentity & { readonly version: number },
  ): Promise<StoredResource | undefined>;
}

/** A receipt and what completes an answer that comes from one. */
export interface ScopedReceipt<R> {
  readonly receipt: WriteReceipt<R>;
  /** Called once the unit is committed or answered from its receipt: the next unit gets a receipt of its own. */
  settled(): void;
  /**
   * Called where the answer came from the receipt: puts back what a receipt leaves out.
   *
   * @throws FirekeepError as `RepeatReader.repeated`
   */
  complete(result: R, store: RepeatReader): Promise<R>;
}

/**
 * What a request brings along to everything that it has the store do, as a part of its context. (Node.js 20 tracks every
 * promise of a process in which an AsyncLocalStorage has run, which costs a quarter of a read.)
 */
export interface RequestScope {
  /** Milliseconds since the epoch after which nothing more is begun. */
  readonly deadline: number;
  /** The receipt of the next unit, or of a further attempt at it; undefined: the request has no Idempotency-Key. */
  nextReceipt?<R>(unit: { readonly repository: string }): ScopedReceipt<R>;
  /** The unit of the last receipt was not stored and is tried again: its receipt comes once more. */
  sameReceipt?(): void;
  /** The scope of one entry of a batch, which is a request by itself; undefined: the same. */
  ofEntry?(index: number): RequestScope;
}
