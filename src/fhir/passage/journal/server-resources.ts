import { Inject, Injectable } from '@nestjs/common';
import { EndpointRegistry } from '../../../endpoints/index.js';
import { Settings } from '../../../platform/config/index.js';
import { newResourceId } from '../../format/resource-id.js';
import { partsOf, spliceVersion, type OwnResource, type ResourceParts } from '../../format/resource-text.js';
import { extract } from '../../search/extraction/index.js';
import type { ParameterValues } from '../../search/index-values.js';
import { RepositoryDefinitions } from '../../search-parameters/repository-definitions.js';
import { ResourceRemoval } from '../../storage/sql/resource-removal.js';
import type { PlannedWrite, ResourceStore } from '../../storage/ports.js';
import { RESOURCE_STORE } from '../../storage/store-token.js';

/** Resources that the server itself makes: nobody's rights are asked, and nothing but their form is checked. */
@Injectable()
export class ServerResources {
  constructor(
    @Inject(RESOURCE_STORE) private readonly store: ResourceStore,
    private readonly removal: ResourceRemoval,
    private readonly endpoints: EndpointRegistry,
    private readonly definitions: RepositoryDefinitions,
    private readonly settings: Settings,
  ) {}

  /**
   * The creation of a resource, to be part of a unit.
   *
   * @param now milliseconds since the epoch
   */
  creation(resource: OwnResource, repository: string, now: number): PlannedWrite {
    return this.write(resource, partsOf(resource), repository, now);
  }

  /**
   * Stores resources, all or none.
   *
   * @throws FirekeepError `unavailable` as `ResourceStore.commit`
   */
  append(repository: string, resources: readonly OwnResource[]): Promise<void> {
    const prepared = resources.map((resource) => ({ resource, parts: partsOf(resource) }));
    return this.store.commit({
      repository,
      bytes: prepared.reduce((sum, { parts }) => sum + parts.metaRest.length + parts.rest.length, 0),
      apply: ({ now }) => ({
        writes: prepared.map(({ resource, parts }) => this.write(resource, parts, repository, now)),
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

  private write(resource: OwnResource, parts: ResourceParts, repository: string, now: number): PlannedWrite {
    const id = newResourceId();
    const { version } = this.definitions;
    return {
      kind: 'create',
      type: parts.type,
      id,
      version: 1,
      lastUpdated: now,
      content: spliceVersion(parts, { id, version: 1, lastUpdated: now }),
      values: this.values(resource, repository),
      method: 'POST',
      indexing: { version, derive: () => this.values(resource, repository) },
    };
  }

  private values(resource: OwnResource, repository: string): readonly ParameterValues[] {
    return extract(resource.resourceType, resource, {
      bases: this.endpoints.bases(repository),
      timeZone: this.settings.get('timeZone'),
      text: this.settings.get('textIndex'),
      definitions: this.definitions.of(repository),
    });
  }
}
