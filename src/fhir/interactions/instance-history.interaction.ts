import { Inject, Injectable } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { BundleWriter } from '../format/bundle-writer.js';
import { entityTag } from '../format/entity-tag.js';
import { PAGE_TOKENS } from '../fhir-tokens.js';
import type { PageTokens } from '../search/page-token.js';
import type { SearchParameterPair } from '../search/parse-search.js';
import { RESOURCE_STORE, type HistoryVersion, type ResourceStore } from '../storage/ports.js';
import { parseHistoryParameters } from './history-parameters.js';
import type { InteractionContext } from './interaction-context.js';
import { unknownResource } from './interaction-errors.js';
import { statusLine, type InteractionResult } from './interaction-result.js';
import { pageBindingOf } from './page-binding.js';
import { pageLinks } from './page-links.js';
import { ResourceIntake } from './resource-intake.js';

/**
 * Answers the versions of one resource, the newest first, deletions included.
 *
 * @see https://hl7.org/fhir/R4/http.html#history
 */
@Injectable()
export class InstanceHistoryInteraction {
  constructor(
    @Inject(RESOURCE_STORE) private readonly store: ResourceStore,
    @Inject(ResourceIntake) private readonly intake: ResourceIntake,
    @Inject(PAGE_TOKENS) private readonly tokens: PageTokens,
    @Inject(Settings) private readonly settings: Settings,
  ) {}

  /** @throws FirekeepError 404 for an unknown type or a resource that never was */
  async execute(
    context: InteractionContext,
    type: string,
    id: string,
    parameters: readonly SearchParameterPair[],
  ): Promise<InteractionResult> {
    this.intake.requireType(type);
    const path = `${type}/${id}/_history`;
    const { parsed, since } = parseHistoryParameters(
      context,
      path,
      parameters,
      this.settings.get('timeZone'),
    );
    const { after } = this.tokens.resume(parsed, pageBindingOf(context));
    const { repository, base } = context.endpoint;
    const page = await this.store.history(repository, type, id, {
      count: parsed.query.count,
      ...(after === undefined ? {} : { before: Number(after[0]) }),
      ...(since === undefined ? {} : { since }),
    });
    if (page.total === 0 && (await this.store.read(repository, type, id)) === undefined) {
      throw unknownResource(type, id);
    }
    const last = page.versions.at(-1);
    const next = page.more && last !== undefined ? [last.version] : null;
    const bundle = new BundleWriter('history', {
      total: page.total,
      links: pageLinks(context, path, parsed, next, this.tokens),
    });
    for (const version of page.versions) addVersion(bundle, base, version);
    return { status: 200, body: bundle.finish() };
  }
}

function addVersion(bundle: BundleWriter, base: string, stored: HistoryVersion): void {
  const { type, id, version, lastUpdated, deleted, content, method } = stored;
  bundle.add({
    fullUrl: `${base}/${type}/${id}`,
    ...(deleted ? {} : { resource: content }),
    request: { method, url: method === 'POST' ? type : `${type}/${id}` },
    response: {
      status: statusLine(deleted ? 204 : version === 1 || method === 'POST' ? 201 : 200),
      etag: entityTag(version),
      lastModified: new Date(lastUpdated).toISOString(),
    },
  });
}
