import { Inject, Injectable } from '@nestjs/common';
import { Settings } from '../../../platform/config/index.js';
import type { InteractionContext } from '../../exchange/interaction-context.js';
import type { InteractionResult } from '../../exchange/interaction-result.js';
import { pageBindingOf } from '../../exchange/page-binding.js';
import { BundleWriter } from '../../format/bundle-writer.js';
import { pageLinks } from '../../interactions/page-links.js';
import { outcomeText } from '../../interactions/search-outcome.js';
import { SearchTypeInteraction } from '../../interactions/search-type.interaction.js';
import { InteractionAccess } from '../../passage/access/interaction-access.js';
import type { GrantedReader } from '../../passage/passage-stage.js';
import { Passage } from '../../passage/passage.js';
import { RepositoryDefinitions } from '../../search-parameters/repository-definitions.js';
import { PAGE_TOKENS, type PageTokens } from '../../search/page-token.js';
import type { ParsedSearch, SearchParameterPair } from '../../search/parse-search.js';
import type { SearchQuery } from '../../search/query.js';
import type { FhirOperation, OperationCall } from '../fhir-operation.js';
import { invalidParameter } from '../operation-parameters.js';
import {
  lastnParameters,
  readMost,
  requireEntries,
  requireScope,
  startingWithSubject,
} from './lastn-parameters.js';

const path = 'Observation/$lastn';

/**
 * Answers the latest observations of a subject, by what was observed: of each group that shares a code as many as
 * `max` says, the newest first.
 *
 * @see https://hl7.org/fhir/R4/observation-operation-lastn.html
 */
@Injectable()
export class LastnOperation implements FhirOperation {
  readonly name = 'lastn';
  readonly definition = 'http://hl7.org/fhir/OperationDefinition/Observation-lastn';
  readonly documentation =
    'The latest observations of a subject by what was observed: of each group that shares a code as many as max says, the newest first.';
  readonly affectsState = false;
  readonly narrows = 'search-type';
  readonly returns = 'Bundle';
  readonly types = ['Observation'];
  readonly parameters = lastnParameters;
  readonly takesOthers = true;
  readonly access = { type: ['search-type'] } as const;

  constructor(
    private readonly granted: InteractionAccess,
    private readonly passage: Passage,
    private readonly search: SearchTypeInteraction,
    private readonly definitions: RepositoryDefinitions,
    @Inject(PAGE_TOKENS) private readonly tokens: PageTokens,
    private readonly settings: Settings,
  ) {}

  /** @throws FirekeepError 400 `FHIR_OPERATION_PARAMETER`, `FHIR_SEARCH_…`; 422 `FHIR_OPERATION_TOO_COSTLY` */
  async execute({ context, parameters: given }: OperationCall): Promise<InteractionResult> {
    const maximum = this.settings.get('maximumCount');
    const most = readMost(given.text('max'), maximum);
    const pairs = given.pairs();
    const searched = pairs.filter(([name]) => name !== 'max');
    requireScope(searched);
    requireEntries(given.shaping);
    const parsed = await this.parsed(context, searched);
    const isCounted = searched.some(([name]) => name === '_count');
    if (isCounted && parsed.query.count === 0)
      throw invalidParameter('_count', 'must be a whole number from 1.');
    const bound = {
      ...parsed,
      query: { ...parsed.query, types: [path] },
      applied: [...parsed.applied, ...pairs.filter(([name]) => name === 'max')],
    };
    const { principal } = context;
    const refusal = { principal, interaction: 'search-type', resourceType: 'Observation' } as const;
    const asked = {
      interaction: 'search-type',
      type: 'Observation',
      search: { parameters: pairs, path },
    } as const;
    return this.passage.read(context, asked, (store) => {
      const resumed = this.granted.explaining(refusal, () =>
        this.tokens.resume(bound, pageBindingOf(context)),
      );
      const { query, gathersFirst } = startingWithSubject({ ...resumed, types: ['Observation'] });
      const count = isCounted ? query.count : maximum;
      const latest = {
        by: 'code',
        date: 'date',
        most,
        ...(gathersFirst ? { gathers: 'first' as const } : {}),
      };
      return this.page(store, context, bound, { ...query, count, latest });
    });
  }

  private async page(
    store: GrantedReader,
    context: InteractionContext,
    bound: ParsedSearch,
    query: SearchQuery,
  ): Promise<InteractionResult> {
    const page = await store.search(query);
    const bundle = new BundleWriter('searchset', {
      ...(page.total === null ? {} : { total: page.total }),
      links: pageLinks(context, path, bound, page, this.tokens),
    });
    for (const { type, id, content } of page.matches) {
      const fullUrl = `${context.endpoint.base}/${type}/${id}`;
      bundle.add({ fullUrl, resource: content, search: { mode: 'match' } });
    }
    if (bound.warnings.length > 0) {
      bundle.add({ resource: outcomeText(bound.warnings), search: { mode: 'outcome' } });
    }
    return { status: 200, body: bundle.finish() };
  }

  /** Unknown parameters are refused, as those of every operation, unless the client itself asks for less. */
  private parsed(
    context: InteractionContext,
    parameters: readonly SearchParameterPair[],
  ): Promise<ParsedSearch> {
    const handling = context.asksLenient === true ? 'lenient' : 'strict';
    return this.definitions.reading(
      context.endpoint.repository,
      () => this.search.parse({ ...context, handling }, ['Observation'], parameters),
      ({ warnings }) => warnings.length > 0,
    );
  }
}
