import { Inject, Injectable } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { PAGE_TOKENS, type PageTokens } from '../search/page-token.js';
import { Passage } from '../passage/passage.js';
import type { GrantedReader } from '../passage/passage-stage.js';
import type { SearchParameterPair } from '../search/parse-search.js';
import type { HistoryPosition } from '../storage/ports.js';
import { historyBundle } from './history-bundle.js';
import { parseHistoryParameters } from './history-parameters.js';
import { InteractionAccess } from '../passage/access/interaction-access.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import { pageBindingOf } from '../exchange/page-binding.js';
import { pageCounts } from '../search/page-count.js';
import { pageLinks } from './page-links.js';
import { ResourceIntake } from '../exchange/resource-intake.js';

/**
 * Answers the versions of all resources of a type or of the repository, deletions included, the newest first
 * unless asked otherwise.
 *
 * @see https://hl7.org/fhir/R4/http.html#history
 */
@Injectable()
export class RepositoryHistoryInteraction {
  constructor(
    private readonly access: InteractionAccess,
    private readonly passage: Passage,
    private readonly intake: ResourceIntake,
    @Inject(PAGE_TOKENS) private readonly tokens: PageTokens,
    private readonly settings: Settings,
  ) {}

  /**
   * @param type null: all
   * @throws FirekeepError 400, 403 for another caller's page, 404 for an unknown type, 422 for too long a search
   */
  execute(
    context: InteractionContext,
    type: string | null,
    parameters: readonly SearchParameterPair[],
  ): Promise<InteractionResult> {
    const interaction = type === null ? 'history-system' : 'history-type';
    return this.passage.read(context, { interaction, type }, (store) =>
      this.page(store, context, type, parameters),
    );
  }

  private async page(
    store: GrantedReader,
    context: InteractionContext,
    type: string | null,
    parameters: readonly SearchParameterPair[],
  ): Promise<InteractionResult> {
    if (type !== null) this.intake.requireType(type);
    const path = type === null ? '_history' : `${type}/_history`;
    const { parsed, filter } = parseHistoryParameters(context, path, parameters, {
      zone: this.settings.get('timeZone'),
      counts: pageCounts(this.settings.get('maximumCount')),
    });
    const interaction = type === null ? 'history-system' : 'history-type';
    const { after } = this.access.explaining(
      { principal: context.principal, interaction, resourceType: type },
      () => this.tokens.resume(parsed, pageBindingOf(context)),
    );
    const { repository, base } = context.endpoint;
    const page = await store.repositoryHistory(repository, {
      types: type === null ? null : [type],
      count: parsed.query.count,
      ...(after === undefined ? {} : { behind: positionFrom(after) }),
      ...filter,
    });
    const next = page.next && [page.next.lastUpdated, page.next.rid, page.next.version];
    const links = pageLinks(context, path, parsed, { next }, this.tokens);
    return { status: 200, body: historyBundle(base, page.versions, { total: page.total, links }) };
  }
}

function positionFrom([lastUpdated, rid, version]: readonly (string | number)[]): HistoryPosition {
  return { lastUpdated: Number(lastUpdated), rid: Number(rid), version: Number(version) };
}
