import { Injectable } from '@nestjs/common';
import type { Principal } from '../../../contract/index.js';
import { EndpointRegistry } from '../../../endpoints/index.js';
import { Settings } from '../../../platform/config/index.js';
import { RepositoryDefinitions } from '../../search-parameters/repository-definitions.js';
import { parseCriteria } from '../../search/parse-criteria.js';
import { usesParameters } from '../../search/uses-parameters.js';
import type { SearchQuery } from '../../search/query.js';
import { LookupStage } from './lookup.stage.js';
import type { InteractionContext } from '../../exchange/interaction-context.js';

/** Criteria that pick the resource of a conditional interaction. */
export interface Selection {
  /** `Patient?identifier=…`, for messages. */
  readonly text: string;
  readonly query: SearchQuery;
}

/** Criteria of conditional interactions and references as queries. Source: FHIR R4 http.html#ccreate. */
@Injectable()
export class ConditionalCriteria {
  constructor(
    private readonly definitions: RepositoryDefinitions,
    private readonly endpoints: EndpointRegistry,
    private readonly settings: Settings,
    private readonly lookups: LookupStage,
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
      text: this.settings.get('textIndex'),
    });
    // Checked in the transaction that they are evaluated in.
    const own = this.definitions.ownCodes(repository);
    return usesParameters(query.filter, own) ? { ...query, definitions: this.definitions.version } : query;
  }

  /**
   * A query that the store can answer. What the principal must not search is not known in it.
   *
   * @throws FirekeepError 400, 422
   */
  async resolve(principal: Principal, query: SearchQuery): Promise<SearchQuery> {
    return this.lookups.resolved(principal, query);
  }

  /**
   * Criteria of a conditional interaction.
   *
   * @param limit matches to look for: one more than are of use
   * @throws FirekeepError 400 `FHIR_SEARCH_…`, 422 for a value set that is not known
   */
  async select(
    { principal, endpoint: { repository } }: InteractionContext,
    type: string,
    criteria: string,
    limit = 2,
  ): Promise<Selection> {
    const query = await this.resolve(principal, this.parse(repository, type, criteria));
    return { text: `${type}?${criteria}`, query: { ...query, count: limit } };
  }
}
