import type { SearchQuery } from './query.js';

declare const restriction: unique symbol;

/**
 * A query that says what of the repository it may see, and the only one that the store takes. `restrictedTo` makes it,
 * which few may call: `scripts/module-table.cjs` names them.
 */
export type RestrictedQuery = SearchQuery & { readonly [restriction]: true };
