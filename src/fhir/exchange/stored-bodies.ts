import { Injectable } from '@nestjs/common';
import { EndpointRegistry } from '../../endpoints/index.js';
import { Settings } from '../../platform/config/index.js';
import { parseResource } from '../format/parsed-resource.js';
import { readResourceText } from '../format/resource-text.js';
import { extract } from '../search/extraction/index.js';
import { ExtensibleDefinitions } from '../definitions/index.js';
import { recordedParameters } from '../search-parameters/recorded-parameters.js';
import { RepositoryDefinitions } from '../search-parameters/repository-definitions.js';
import type { StoredBody, StoredBodyReader } from '../storage/check/stored-body.js';
import type { RecordedParameter } from '../storage/search-coverage.js';

/** Takes stored texts apart as the intake took them apart when they came, but judges them by their form only. */
@Injectable()
export class StoredBodies implements StoredBodyReader {
  constructor(
    private readonly endpoints: EndpointRegistry,
    private readonly settings: Settings,
    private readonly definitions: RepositoryDefinitions,
    private readonly extensible: ExtensibleDefinitions,
  ) {}

  get additions(): readonly RecordedParameter[] {
    return recordedParameters(this.extensible);
  }

  refresh(): Promise<boolean> {
    return this.definitions.refresh();
  }

  /** @throws FirekeepError `FHIR_MALFORMED_JSON` and the like */
  read(content: Buffer, repository: string): StoredBody {
    const text = readResourceText(content);
    const { object, decimalText } = parseResource(text);
    const { versionId, lastUpdated } = (object.meta ?? {}) as Record<string, unknown>;
    const context = {
      bases: this.endpoints.bases(repository),
      timeZone: this.settings.get('timeZone'),
      text: this.settings.get('textIndex'),
      decimalText,
      definitions: this.definitions.of(repository),
    };
    return {
      type: text.type,
      id: text.id,
      versionId,
      lastUpdated,
      values: () => extract(text.type, object, context),
    };
  }
}
