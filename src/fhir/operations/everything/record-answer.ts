import { Inject, Injectable } from '@nestjs/common';
import { EndpointRegistry } from '../../../endpoints/index.js';
import { Settings } from '../../../platform/config/index.js';
import type { Definitions } from '../../definitions/index.js';
import { deletedResource, unknownResource } from '../../exchange/interaction-errors.js';
import type { InteractionResult } from '../../exchange/interaction-result.js';
import { InteractionAccess } from '../../passage/access/interaction-access.js';
import type { GrantedReader } from '../../passage/passage-stage.js';
import { Passage } from '../../passage/passage.js';
import { RepositoryDefinitions } from '../../search-parameters/repository-definitions.js';
import { PAGE_TOKENS, type PageTokens } from '../../search/page-token.js';
import type { StoredResource } from '../../storage/ports.js';
import type { OperationCall } from '../fhir-operation.js';
import type { CareRecord } from './care-record.js';
import { readEverything } from './everything-parameters.js';
import { RecordPages } from './record-pages.js';
import { RecordWriter, type ReadPart } from './record-writer.js';

/** Answers the whole record of a patient or of an encounter, as far as the caller may see it. */
@Injectable()
export class RecordAnswer {
  constructor(
    private readonly access: InteractionAccess,
    private readonly passage: Passage,
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
  of(
    call: OperationCall,
    recordOf: (owner: StoredResource, definitions: Definitions) => CareRecord,
  ): InteractionResult {
    const { context, parameters, type = '', id = '' } = call;
    const { principal } = context;
    const { repository } = context.endpoint;
    const definitions = this.definitions.of(repository);
    const request = readEverything(parameters, {
      definitions,
      zone: this.settings.get('timeZone'),
      maximumCount: this.settings.get('maximumCount'),
    });
    const pages = new RecordPages({
      context,
      address: { type, id },
      definitions,
      bases: this.endpoints.bases(repository),
      recordOf: async (store) => recordOf(await ownerOf(store, repository, type, id), definitions),
      request,
      tokens: this.tokens,
      withProvenance: this.settings.get('everythingProvenance'),
    });
    const asRefusal = { principal, interaction: 'search-system', resourceType: null } as const;
    const from = this.access.explaining(asRefusal, () => pages.start());
    // Each part goes the whole way, so that none is sent that hooks forbid or the journal has not kept.
    const asked = {
      interaction: 'search-system',
      type: null,
      search: { parameters: parameters.pairs(), path: pages.path },
    } as const;
    const through: ReadPart = async (work) => {
      const { body = Buffer.alloc(0) } = await this.passage.read(context, asked, async (store) => ({
        status: 200,
        body: await work(store),
      }));
      return body;
    };
    return { status: 200, stream: new RecordWriter(pages, from, request, call.leftOut, through).parts() };
  }
}

async function ownerOf(
  store: GrantedReader,
  repository: string,
  type: string,
  id: string,
): Promise<StoredResource> {
  const owner = await store.read(repository, type, id);
  if (owner === undefined) throw unknownResource(type, id);
  if (owner.deleted) throw deletedResource(type, id);
  return owner;
}
