import { Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { JsonObject } from '../format/parsed-resource.js';
import { InteractionAccess } from '../passage/access/interaction-access.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import { ReadInteraction } from '../interactions/read.interaction.js';
import { SearchTypeInteraction } from '../interactions/search-type.interaction.js';
import { decodeQueryString } from '../search/parse-criteria.js';

/** For whom an extension looks: the context of a hook or of an operation's call. */
export type ResourceCaller = Pick<InteractionContext, 'endpoint' | 'principal'>;

/** The matches on one page of a search. */
export interface FoundResources {
  readonly resources: readonly JsonObject[];
  /** Whether there are further matches. */
  readonly hasMore: boolean;
  /** What the criteria have in addition on the next page, as `_page`; undefined: this is the last one. */
  readonly nextPage: string | undefined;
}

interface SearchBundle {
  readonly link?: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly { readonly resource: JsonObject; readonly search?: { readonly mode?: string } }[];
}

/** What extensions read: with the rights of the caller, through the same interactions as a request. */
@Injectable()
export class FhirResources {
  // The interactions are made after the modules of extensions, which are injected with this.
  constructor(private readonly modules: ModuleRef) {}

  /** The current version. @throws FirekeepError 403, 404 or 410 */
  async read(caller: ResourceCaller, type: string, id: string): Promise<JsonObject> {
    this.authorize(caller, 'read', type, id);
    const { body } = await this.modules
      .get(ReadInteraction, { strict: false })
      .execute(contextOf(caller), type, id);
    return parse(body) as JsonObject;
  }

  /**
   * A page of a search by type.
   *
   * @param criteria parameters as in a query string, `_sort` and `_count` included: `patient=17&_sort=date`; `_page` for
   *   a page behind the first
   * @throws FirekeepError 400 `FHIR_SEARCH_…`, also for a parameter that is not known, or 403
   */
  async search(caller: ResourceCaller, type: string, criteria: string): Promise<FoundResources> {
    this.authorize(caller, 'search-type', type);
    const { body } = await this.modules
      .get(SearchTypeInteraction, { strict: false })
      .execute(contextOf(caller), type, decodeQueryString(criteria));
    const { entry = [], link = [] } = parse(body) as SearchBundle;
    const next = link.find(({ relation }) => relation === 'next');
    return {
      resources: entry.filter(({ search }) => search?.mode === 'match').map(({ resource }) => resource),
      hasMore: next !== undefined,
      nextPage: next === undefined ? undefined : (new URL(next.url).searchParams.get('_page') ?? undefined),
    };
  }

  private authorize(
    { principal }: ResourceCaller,
    interaction: 'read' | 'search-type',
    resourceType: string,
    id?: string,
  ): void {
    this.modules
      .get(InteractionAccess, { strict: false })
      .require({ principal, interaction, resourceType, ...(id === undefined ? {} : { id }) });
  }
}

function contextOf({ endpoint, principal }: ResourceCaller): InteractionContext {
  return { endpoint, principal, handling: 'strict' };
}

function parse(body: Buffer | undefined): unknown {
  if (body === undefined) throw new Error('An interaction that reads has answered without a body.');
  return JSON.parse(body.toString('utf8'));
}
