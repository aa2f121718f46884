import { Inject, Injectable } from '@nestjs/common';
import { AccessGrants } from '../passage/access/access-grants.js';
import { type Definitions, FHIR_DEFINITIONS } from '../definitions/index.js';
import type { SearchParameterPair } from '../search/parse-search.js';
import { searchedTypes } from '../search/searched-types.js';
import { InteractionAccess } from '../passage/access/interaction-access.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import { SearchTypeInteraction } from './search-type.interaction.js';

/**
 * Answers the resources of several types, or of all, that match the parameters.
 *
 * @see https://hl7.org/fhir/R4/http.html#search
 */
@Injectable()
export class SearchSystemInteraction {
  constructor(
    @Inject(FHIR_DEFINITIONS) private readonly definitions: Definitions,
    private readonly access: InteractionAccess,
    private readonly grants: AccessGrants,
    private readonly search: SearchTypeInteraction,
  ) {}

  /**
   * The types that are searched: those of `_type`, each of which the caller must be allowed to search; without it,
   * all that the caller may search.
   *
   * @throws FirekeepError 400 for a type that there is not, 403 `FHIR_ACCESS_DENIED`
   */
  authorize(
    { principal, endpoint: { repository } }: InteractionContext,
    parameters: readonly SearchParameterPair[],
  ): readonly string[] {
    const { resourceTypes } = this.definitions;
    const asked = searchedTypes(parameters, resourceTypes);
    if (asked !== undefined) {
      for (const resourceType of asked) {
        this.access.require({ principal, interaction: 'search-type', resourceType });
      }
      return resourceTypes;
    }
    const granted = this.grants.of(principal, repository);
    const permitted = resourceTypes.filter((type) => !granted.isRefused('search-type', type));
    if (permitted.length === 0) {
      this.access.require({ principal, interaction: 'search-system', resourceType: null });
    }
    return permitted;
  }

  /** Checks the parameters without searching: what a transaction does before it writes. */
  check(context: InteractionContext, parameters: readonly SearchParameterPair[]): void {
    this.search.parse(context, this.authorize(context, parameters), parameters);
  }

  /** @throws FirekeepError 400 `FHIR_SEARCH_…`, 403 */
  async execute(
    context: InteractionContext,
    parameters: readonly SearchParameterPair[],
  ): Promise<InteractionResult> {
    const types = this.authorize(context, parameters);
    return this.search.within(context, parameters, {
      path: '',
      types,
      filter: { kind: 'and', operands: [] },
    });
  }
}
