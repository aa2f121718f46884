import { Inject, Injectable } from '@nestjs/common';
import { EndpointRegistry } from '../../endpoints/index.js';
import { Settings } from '../../platform/config/index.js';
import { FHIR_DEFINITIONS } from '../fhir-tokens.js';
import type { Definitions } from '../definitions/index.js';
import { parseCriteria } from '../search/parse-criteria.js';
import type { SearchQuery } from '../search/query.js';
import type { Selection } from './conditional-match.js';

/** Criteria of conditional interactions and references as queries. Source: FHIR R4 http.html#ccreate. */
@Injectable()
export class ConditionalCriteria {
  constructor(
    @Inject(FHIR_DEFINITIONS) private readonly definitions: Definitions,
    @Inject(EndpointRegistry) private readonly endpoints: EndpointRegistry,
    @Inject(Settings) private readonly settings: Settings,
  ) {}

  /** @throws FirekeepError 400 `FHIR_SEARCH_…` */
  parse(repository: string, type: string, criteria: string): SearchQuery {
    return parseCriteria(type, criteria, {
      repository,
      definitions: this.definitions,
      bases: this.endpoints.bases(repository),
      zone: this.settings.get('timeZone'),
    });
  }

  /**
   * Criteria of a conditional interaction.
   *
   * @param limit matches to look for: one more than are of use
   * @throws FirekeepError 400 `FHIR_SEARCH_…`
   */
  select(repository: string, type: string, criteria: string, limit = 2): Selection {
    const query = this.parse(repository, type, criteria);
    return { text: `${type}?${criteria}`, query: { ...query, count: limit } };
  }
}
