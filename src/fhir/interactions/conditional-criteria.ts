import { Inject, Injectable } from '@nestjs/common';
import { EndpointRegistry } from '../../endpoints/index.js';
import { Settings } from '../../platform/config/index.js';
import { RepositoryDefinitions } from '../search-parameters/repository-definitions.js';
import { parseCriteria } from '../search/parse-criteria.js';
import { usesParameters } from '../search/uses-parameters.js';
import type { SearchQuery } from '../search/query.js';
import { SearchLookups } from '../terminology/search-lookups.js';
import type { Selection } from './conditional-match.js';

/** Criteria of conditional interactions and references as queries. Source: FHIR R4 http.html#ccreate. */
@Injectable()
export class ConditionalCriteria {
  constructor(
    @Inject(RepositoryDefinitions) private readonly definitions: RepositoryDefinitions,
    @Inject(EndpointRegistry) private readonly endpoints: EndpointRegistry,
    @Inject(Settings) private readonly settings: Settings,
    @Inject(SearchLookups) private readonly lookups: SearchLookups,
  ) {}

  /**
   * The query as it is written: value sets and the like are looked up by `resolve`.
   *
   * @throws FirekeepError 400 `FHIR_SEARCH_…`
   */
  parse(repository: string, type: string, criteria: string): SearchQuery {
    const query = parseCriteria(type, criteria, {
      repository,
      definitions: this.definitions.of(repository),
      bases: this.endpoints.bases(repository),
      zone: this.settings.get('timeZone'),
    });
    // Checked in the transaction that they are evaluated in.
    const own = this.definitions.ownCodes(repository);
    return usesParameters(query.filter, own) ? { ...query, definitions: this.definitions.version } : query;
  }

  /** A query that the store can answer. @throws FirekeepError 400, 422 */
  resolve(query: SearchQuery): Promise<SearchQuery> {
    return this.lookups.resolve(query);
  }

  /**
   * Criteria of a conditional interaction.
   *
   * @param limit matches to look for: one more than are of use
   * @throws FirekeepError 400 `FHIR_SEARCH_…`, 422 for a value set that is not known
   */
  async select(repository: string, type: string, criteria: string, limit = 2): Promise<Selection> {
    const query = await this.resolve(this.parse(repository, type, criteria));
    return { text: `${type}?${criteria}`, query: { ...query, count: limit } };
  }
}
