/** How a transaction answered one of its units. */
export type UnitOutcome =
  | { readonly kind: 'done'; readonly result: unknown }
  /** Nothing of it is stored. */
  | { readonly kind: 'failed'; readonly error: unknown }
  /** It depends on what the transaction has just written: its turn comes in the next one. */
  | { readonly kind: 'deferred' };

export const deferred: UnitOutcome = { kind: 'deferred' };

export function failed(error: unknown): UnitOutcome {
  return { kind: 'failed', error };
}
