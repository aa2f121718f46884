import { Inject, Injectable } from '@nestjs/common';
import { EndpointRegistry } from '../../../endpoints/index.js';
import { Settings } from '../../../platform/config/index.js';
import { deletedResource, unknownResource } from '../../exchange/interaction-errors.js';
import type { InteractionResult } from '../../exchange/interaction-result.js';
import { AccessedStores } from '../../passage/access/accessed-stores.js';
import { InteractionAccess } from '../../passage/access/interaction-access.js';
import { HookRunner } from '../../passage/hooks/hook-runner.js';
import { JournalledReads } from '../../passage/journal/journalled-reads.js';
import { RepositoryDefinitions } from '../../search-parameters/repository-definitions.js';
import type { Definitions } from '../../definitions/index.js';
import { PAGE_TOKENS, type PageTokens } from '../../search/page-token.js';
import type { StoredResource } from '../../storage/ports.js';
import type { OperationCall } from '../fhir-operation.js';
import type { CareRecord } from './care-record.js';
import { readEverything } from './everything-parameters.js';
import { RecordPages } from './record-pages.js';
import { RecordWriter } from './record-writer.js';

/** Answers the whole record of a patient or of an encounter, as far as the caller may see it. */
@Injectable()
export class RecordAnswer {
  constructor(
    private readonly access: InteractionAccess,
    private readonly stores: AccessedStores,
    private readonly hooks: HookRunner,
    private readonly journal: JournalledReads,
    private readonly definitions: RepositoryDefinitions,
    private readonly endpoints: EndpointRegistry,
    @Inject(PAGE_TOKENS) private readonly tokens: PageTokens,
    private readonly settings: Settings,
  ) {}

  /**
   * @param recordOf what belongs to the record of a resource
   * @throws FirekeepError 400 `FHIR_OPERATION_PARAMETER`, `FHIR_SEARCH_PAGE_INVALID`; 403 `FHIR_SEARCH_PAGE_FOREIGN`;
   *   404, 410 as a read of the resource
   */
  async of(
    call: OperationCall,
    recordOf: (owner: StoredResource, definitions: Definitions) => CareRecord,
  ): Promise<InteractionResult> {
    const { context, parameters, type = '', id = '' } = call;
    const { principal } = context;
    const { repository } = context.endpoint;
    const definitions = this.definitions.of(repository);
    const request = readEverything(parameters, {
      definitions,
      zone: this.settings.get('timeZone'),
      maximumCount: this.settings.get('maximumCount'),
    });
    const store = this.stores.of(context);
    const owner = await store.read(repository, type, id);
    if (owner === undefined) throw unknownResource(type, id);
    if (owner.deleted) throw deletedResource(type, id);
    const pairs = parameters.pairs();
    await this.hooks.beforeSearch(context, { type: null, parameters: pairs });
    const pages = new RecordPages({
      context,
      store,
      definitions,
      bases: this.endpoints.bases(repository),
      record: recordOf(owner, definitions),
      request,
      tokens: this.tokens,
      withProvenance: this.settings.get('everythingProvenance'),
    });
    const from = this.access.explaining({ principal, interaction: 'search-system', resourceType: null }, () =>
      pages.start(),
    );
    const writer = new RecordWriter(pages, from, request, call.leftOut, {
      beforeSent: async (shown) => {
        if (this.journal.areKept) await this.journal.searched(context, null, pages.path, pairs, shown);
      },
      afterAll: async (matches, total) => {
        await this.hooks.afterSearch(context, null, () => ({
          type: null,
          parameters: pairs,
          matches,
          total,
        }));
      },
    });
    return { status: 200, stream: writer.parts() };
  }
}
