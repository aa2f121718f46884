import { Inject, Injectable } from '@nestjs/common';
import { EndpointRegistry } from '../../endpoints/index.js';
import { Settings } from '../../platform/config/index.js';
import { PAGE_TOKENS, type PageTokens } from '../search/page-token.js';
import type { Definitions } from '../definitions/index.js';
import { BundleWriter } from '../format/bundle-writer.js';
import { RepositoryDefinitions } from '../search-parameters/repository-definitions.js';
import { parseSearch, type ParsedSearch, type SearchParameterPair } from '../search/parse-search.js';
import { Passage } from '../passage/passage.js';
import type { GrantedReader } from '../passage/passage-stage.js';
import type { SearchExpression, SearchQuery } from '../search/query.js';
import { pageCounts } from '../search/page-count.js';
import { AccessGrants } from '../passage/access/access-grants.js';
import type { StoredResource } from '../storage/ports.js';
import { InteractionAccess } from '../passage/access/interaction-access.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import { pageBindingOf } from '../exchange/page-binding.js';
import { pageLinks } from './page-links.js';
import { ResourceIntake } from '../exchange/resource-intake.js';
import { explanationText, requireExplainable } from './explanation-text.js';
import { cutIncludes, outcomeText, uncounted } from './search-outcome.js';

/** What an address narrows a search to. */
export interface SearchRange {
  /** Address below the base. */
  readonly path: string;
  /** Types searched. */
  readonly types: readonly string[];
  readonly filter: SearchExpression;
}

/** A search and the page of it that is wanted. */
interface AskedPage {
  readonly parsed: ParsedSearch;
  /** As page links are bound to it. */
  readonly bound: ParsedSearch;
  readonly query: SearchQuery;
}

/**
 * Answers the resources of one type that match the parameters, page by page.
 *
 * @see https://hl7.org/fhir/R4/http.html#search
 */
@Injectable()
export class SearchTypeInteraction {
  constructor(
    private readonly access: InteractionAccess,
    private readonly passage: Passage,
    private readonly intake: ResourceIntake,
    private readonly grants: AccessGrants,
    private readonly definitions: RepositoryDefinitions,
    private readonly endpoints: EndpointRegistry,
    @Inject(PAGE_TOKENS) private readonly tokens: PageTokens,
    private readonly settings: Settings,
  ) {}

  /** @throws FirekeepError 400 `FHIR_SEARCH_…`, 403 for another caller's page, 404 for an unknown type */
  async execute(
    context: InteractionContext,
    type: string,
    parameters: readonly SearchParameterPair[],
  ): Promise<InteractionResult> {
    this.intake.requireType(type);
    return this.page(context, type, parameters, type, await this.read(context, [type], parameters));
  }

  /**
   * Answers the resources that match the parameters and lie within what an address stands for.
   *
   * @throws FirekeepError as `execute`
   */
  async within(
    context: InteractionContext,
    parameters: readonly SearchParameterPair[],
    { path, types, filter }: SearchRange,
  ): Promise<InteractionResult> {
    const parsed = await this.read(context, types, parameters);
    const query = { ...parsed.query, filter: [...parsed.query.filter, filter] };
    const [type = null, ...others] = types;
    return this.page(context, others.length === 0 ? type : null, parameters, path, { ...parsed, query });
  }

  /** @param path address below the base; page links are bound to it */
  private async page(
    context: InteractionContext,
    type: string | null,
    parameters: readonly SearchParameterPair[],
    path: string,
    parsed: ParsedSearch,
  ): Promise<InteractionResult> {
    const { types } = parsed.query;
    const { principal } = context;
    const interaction = type === null ? 'search-system' : 'search-type';
    const request = { principal, interaction, resourceType: type } as const;
    const explained = context.explain === true || parsed.query.explain === true;
    if (explained) {
      const granted = this.grants.of(principal, context.endpoint.repository);
      const isOpen = types.every((one) => granted.isUnrestricted('search-type', one));
      this.access.explaining(request, () => {
        requireExplainable(principal, isOpen);
      });
    }
    const asked = { interaction, type, search: { parameters, path } } as const;
    return this.passage.read(context, asked, async (store) => {
      const bound = { ...parsed, query: { ...parsed.query, types: path === type ? types : [path] } };
      const query = this.access.explaining(request, () => this.tokens.resume(bound, pageBindingOf(context)));
      const explain = explained ? { explain: true as const } : {};
      return this.found(store, context, path, { parsed, bound, query: { ...query, types, ...explain } });
    });
  }

  private async found(
    store: GrantedReader,
    context: InteractionContext,
    path: string,
    { parsed, bound, query }: AskedPage,
  ): Promise<InteractionResult> {
    const page = await store.search(query);
    const bundle = new BundleWriter('searchset', {
      ...(page.total === null ? {} : { total: page.total }),
      links: pageLinks(context, path, bound, page, this.tokens),
    });
    const { base } = context.endpoint;
    for (const match of page.matches) addResource(bundle, base, match, 'match');
    for (const included of page.included) addResource(bundle, base, included, 'include');
    const warnings = [...parsed.warnings, ...cutIncludes(page), ...uncounted(page, query.total)];
    if (warnings.length > 0) bundle.add({ resource: outcomeText(warnings), search: { mode: 'outcome' } });
    const { explanation } = page;
    if (explanation !== undefined) {
      bundle.add({ resource: explanationText(parsed.query, explanation), search: { mode: 'outcome' } });
    }
    return { status: 200, body: bundle.finish() };
  }

  /** Checks the parameters without searching: what a transaction does before it writes. */
  parse(
    context: InteractionContext,
    types: readonly string[],
    parameters: readonly SearchParameterPair[],
  ): ParsedSearch {
    for (const type of types) this.intake.requireType(type);
    const definitions = this.definitions.of(context.endpoint.repository);
    return this.parseFor(context, types, parameters, definitions);
  }

  /** With definitions that no process has changed since. */
  private read(
    context: InteractionContext,
    types: readonly string[],
    parameters: readonly SearchParameterPair[],
  ): Promise<ParsedSearch> {
    return this.definitions.reading(
      context.endpoint.repository,
      (definitions) => this.parseFor(context, types, parameters, definitions),
      ({ warnings }) => warnings.length > 0,
    );
  }

  private parseFor(
    { endpoint: { repository }, handling }: InteractionContext,
    types: readonly string[],
    parameters: readonly SearchParameterPair[],
    definitions: Definitions,
  ): ParsedSearch {
    return parseSearch({
      repository,
      types,
      parameters,
      handling,
      definitions,
      bases: this.endpoints.bases(repository),
      zone: this.settings.get('timeZone'),
      text: this.settings.get('textIndex'),
      limits: { counts: pageCounts(this.settings.get('maximumCount')) },
    });
  }
}

function addResource(
  bundle: BundleWriter,
  base: string,
  { type, id, content }: StoredResource,
  mode: 'match' | 'include',
): void {
  bundle.add({ fullUrl: `${base}/${type}/${id}`, resource: content, search: { mode } });
}
