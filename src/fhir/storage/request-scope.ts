import { AsyncLocalStorage } from 'node:async_hooks';
import type { ResourceStore, WriteReceipt, WriteUnit } from './ports.js';

/** A receipt and what completes an answer that comes from one. */
export interface ScopedReceipt<R> {
  readonly receipt: WriteReceipt<R>;
  /** Called once the unit is committed or answered from its receipt: the next unit gets a receipt of its own. */
  settled(): void;
  /** Called where the answer came from the receipt: puts back what a receipt leaves out. */
  complete(result: R, store: ResourceStore): Promise<R>;
}

/** What a request brings along to everything that it has the store do. */
export interface RequestScope {
  /** Milliseconds since the epoch after which nothing more is begun. */
  readonly deadline: number;
  /** The receipt of the next unit, or of a further attempt at it; undefined: the request has no Idempotency-Key. */
  nextReceipt?<R>(unit: WriteUnit<R>): ScopedReceipt<R>;
  /** The unit of the last receipt was not stored and is tried again: its receipt comes once more. */
  sameReceipt?(): void;
  /** The scope of one entry of a batch, which is a request by itself; undefined: the same. */
  ofEntry?(index: number): RequestScope;
}

const scopes = new AsyncLocalStorage<RequestScope>();

/**
 * Runs work of a request. What it has the store do, through whichever interactions and entries, is held to the
 * request's deadline and, where it has a key, done once only: no interaction can forget to pass it on.
 */
export function inRequestScope<T>(scope: RequestScope, work: () => T): T {
  return scopes.run(scope, work);
}

/** Runs an entry of a batch in its part of the request's scope. */
export function inEntryScope<T>(index: number, work: () => T): T {
  const scope = scopes.getStore()?.ofEntry?.(index);
  return scope === undefined ? work() : scopes.run(scope, work);
}

export function requestScope(): RequestScope | undefined {
  return scopes.getStore();
}
