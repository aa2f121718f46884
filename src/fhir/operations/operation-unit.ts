import type { JsonObject } from '../format/parsed-resource.js';

/** A resource that an operation looks at or writes. */
export interface OperationTargetResource {
  readonly type: string;
  readonly id: string;
  /** It may be deleted: the hooks before deletions are asked first. */
  readonly mayBeDeleted?: true;
}

/** What an operation sees inside the transaction. */
export interface OperationState {
  /** Milliseconds since the epoch: when the operation was called. The same where the transaction is tried again. */
  readonly now: number;
  /**
   * A target as it is stored, under its lock; undefined: it isn't there, was deleted, or is out of the caller's reach. It is
   * the transaction's own copy, and may be changed and given to `update`.
   */
  readonly current: (type: string, id: string) => JsonObject | undefined;
}

/** One write. What is created gets an id from the server; what is updated is a target, by the type and id in it. */
export type OperationWrite =
  | { readonly create: JsonObject }
  | { readonly update: JsonObject }
  | { readonly remove: { readonly type: string; readonly id: string } };

/** A write as it was done. */
export interface DoneWrite {
  readonly type: string;
  readonly id: string;
  readonly version: number;
}

export interface OperationDecision {
  readonly writes: readonly OperationWrite[];
  /**
   * The resource that is answered; absent: an OperationOutcome that says it is done.
   *
   * @param done in the order of `writes`; undefined: the write changed nothing
   */
  answer?(done: readonly (DoneWrite | undefined)[]): JsonObject;
}

/**
 * What an operation wants to write, all of it or nothing: in a commit of its own or, in a transaction Bundle, in the
 * commit of the transaction. Whatever it writes is validated, held to the caller's rights, seen by hooks and recorded as
 * what clients write.
 */
export interface OperationUnit {
  /** The resources that it looks at, updates or deletes; none else is locked, or can be. */
  readonly targets: readonly OperationTargetResource[];
  /**
   * Decides. Synchronous, and called again where the transaction is tried again.
   *
   * @throws FirekeepError which ends the unit, or the whole transaction, with nothing stored
   */
  decide(state: OperationState): OperationDecision;
}
