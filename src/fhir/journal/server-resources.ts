import { Inject, Injectable } from '@nestjs/common';
import { EndpointRegistry } from '../../endpoints/index.js';
import { Settings } from '../../platform/config/index.js';
import { parseResource } from '../format/parsed-resource.js';
import { newResourceId } from '../format/resource-id.js';
import { readResourceText, spliceVersion, type ResourceText } from '../format/resource-text.js';
import { extract } from '../search/extraction/index.js';
import type { ParameterValues } from '../search/index-values.js';
import { RepositoryDefinitions } from '../search-parameters/repository-definitions.js';
import { ResourceRemoval } from '../storage/sql/resource-removal.js';
import { RESOURCE_STORE, type PlannedWrite, type ResourceStore } from '../storage/ports.js';

/** Resources that the server itself makes: nobody's rights are asked, and nothing but their form is checked. */
@Injectable()
export class ServerResources {
  constructor(
    @Inject(RESOURCE_STORE) private readonly store: ResourceStore,
    @Inject(ResourceRemoval) private readonly removal: ResourceRemoval,
    @Inject(EndpointRegistry) private readonly endpoints: EndpointRegistry,
    @Inject(RepositoryDefinitions) private readonly definitions: RepositoryDefinitions,
    @Inject(Settings) private readonly settings: Settings,
  ) {}

  /**
   * The creation of a resource, to be part of a unit.
   *
   * @param body JSON text without an id
   * @param now milliseconds since the epoch
   */
  creation(body: string, repository: string, now: number): PlannedWrite {
    const text = readResourceText(Buffer.from(body));
    const id = newResourceId();
    const { version } = this.definitions;
    return {
      kind: 'create',
      type: text.type,
      id,
      version: 1,
      lastUpdated: now,
      content: spliceVersion(text, { id, version: 1, lastUpdated: now }),
      values: this.values(text, repository),
      method: 'POST',
      indexing: { version, derive: () => this.values(text, repository) },
    };
  }

  /**
   * Stores resources, all or none.
   *
   * @throws FirekeepError `unavailable` as `ResourceStore.commit`
   */
  append(repository: string, bodies: readonly string[]): Promise<void> {
    return this.store.commit({
      repository,
      bytes: bodies.reduce((sum, body) => sum + body.length, 0),
      apply: ({ now }) => ({
        writes: bodies.map((body) => this.creation(body, repository, now)),
        result: undefined,
      }),
    });
  }

  /**
   * Removes resources for good, the oldest first.
   *
   * @param before milliseconds since the epoch
   * @returns how many went; as many as the limit: there may be more
   */
  removeBefore(type: string, before: number, limit: number): Promise<number> {
    return this.removal.remove(type, before, limit);
  }

  private values(text: ResourceText, repository: string): readonly ParameterValues[] {
    const { object, decimalText } = parseResource(text);
    return extract(text.type, object, {
      bases: this.endpoints.bases(repository),
      timeZone: this.settings.get('timeZone'),
      text: this.settings.get('textIndex'),
      decimalText,
      definitions: this.definitions.of(repository),
    });
  }
}
