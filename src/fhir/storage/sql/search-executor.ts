import type { SqlSession } from '../../../platform/database/index.js';
import type { SearchQuery } from '../../search/query.js';
import type { ResourceIdentity, SearchPage } from '../ports.js';

/** Answers searches with statements on a given session. */
export interface SearchExecutor {
  /** The first `limit` matches, in any order: enough to tell none, one and several apart. */
  identities(session: SqlSession, query: SearchQuery, limit: number): Promise<readonly ResourceIdentity[]>;
  page(session: SqlSession, query: SearchQuery): Promise<SearchPage>;
}
