import { Inject, Injectable } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { PAGE_TOKENS, type PageTokens } from '../search/page-token.js';
import type { SearchParameterPair } from '../search/parse-search.js';
import { Passage } from '../passage/passage.js';
import type { GrantedReader } from '../passage/passage-stage.js';
import { historyBundle } from './history-bundle.js';
import { parseHistoryParameters } from './history-parameters.js';
import { InteractionAccess } from '../passage/access/interaction-access.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import { unknownResource } from '../exchange/interaction-errors.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import { pageBindingOf } from '../exchange/page-binding.js';
import { pageCounts } from '../search/page-count.js';
import { pageLinks } from './page-links.js';
import { ResourceIntake } from '../exchange/resource-intake.js';

/**
 * Answers the versions of one resource, deletions included, the newest first unless asked otherwise.
 *
 * @see https://hl7.org/fhir/R4/http.html#history
 */
@Injectable()
export class InstanceHistoryInteraction {
  constructor(
    private readonly access: InteractionAccess,
    private readonly passage: Passage,
    private readonly intake: ResourceIntake,
    @Inject(PAGE_TOKENS) private readonly tokens: PageTokens,
    private readonly settings: Settings,
  ) {}

  /** @throws FirekeepError 404 for an unknown type or a resource that never was */
  execute(
    context: InteractionContext,
    type: string,
    id: string,
    parameters: readonly SearchParameterPair[],
  ): Promise<InteractionResult> {
    this.intake.requireType(type);
    return this.passage.read(context, { interaction: 'history-instance', type, id }, (store) =>
      this.page(store, context, type, id, parameters),
    );
  }

  private async page(
    store: GrantedReader,
    context: InteractionContext,
    type: string,
    id: string,
    parameters: readonly SearchParameterPair[],
  ): Promise<InteractionResult> {
    const path = `${type}/${id}/_history`;
    const { parsed, filter } = parseHistoryParameters(context, path, parameters, {
      zone: this.settings.get('timeZone'),
      counts: pageCounts(this.settings.get('maximumCount')),
    });
    const { after } = this.access.explaining(
      { principal: context.principal, interaction: 'history-instance', resourceType: type, id },
      () => this.tokens.resume(parsed, pageBindingOf(context)),
    );
    const { repository, base } = context.endpoint;
    const page = await store.history(repository, type, id, {
      count: parsed.query.count,
      ...(after === undefined ? {} : { before: Number(after[0]) }),
      ...filter,
    });
    const found = page.total ?? page.versions.length;
    if (found === 0 && (await store.read(repository, type, id)) === undefined) {
      throw unknownResource(type, id);
    }
    const last = page.versions.at(-1);
    const next = page.more && last !== undefined ? [last.version] : null;
    const links = pageLinks(context, path, parsed, { next }, this.tokens);
    return { status: 200, body: historyBundle(base, page.versions, { total: page.total, links }) };
  }
}
