import type { SearchAccess, SearchQuery } from './query.js';
import type { RestrictedQuery } from './restricted-query.js';

/**
 * The query held to what may be seen.
 *
 * @param access undefined: all of the repository, since the principal may see all, or the server itself asks
 */
export function restrictedTo(query: SearchQuery, access: SearchAccess | undefined): RestrictedQuery {
  const { access: _other, ...open } = query;
  return (access === undefined ? open : { ...open, access }) as RestrictedQuery;
}
