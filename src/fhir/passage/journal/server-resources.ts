import { setImmediate } from 'node:timers/promises';
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

/** Resources that are derived in one go; then others have their turn. */
const preparedAtOnce = 25;

/** A resource, and what is derived of it by a version of the definitions. */
interface PreparedResource {
  readonly resource: OwnResource;
  readonly parts: ResourceParts;
  readonly version: number;
  readonly values: readonly ParameterValues[];
}

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
    return this.write(this.prepared(resource, repository), repository, now);
  }

  /**
   * Stores resources, all or none.
   *
   * @throws FirekeepError `unavailable` as `ResourceStore.commit`
   */
  async append(repository: string, resources: readonly OwnResource[]): Promise<void> {
    const prepared: PreparedResource[] = [];
    for (const [index, resource] of resources.entries()) {
      if (index % preparedAtOnce === preparedAtOnce - 1) await setImmediate();
      prepared.push(this.prepared(resource, repository));
    }
    return this.store.commit({
      repository,
      bytes: prepared.reduce((sum, { parts }) => sum + parts.metaRest.length + parts.rest.length, 0),
      apply: ({ now }) => ({
        writes: prepared.map((one) => this.write(one, repository, now)),
        result: undefined,
      }),
    });
  }

  /**
   * Removes resources for good, the oldest first.
   *
   * @param before milliseconds since the epoch
   * @returns how many went; 0: none is left, or another process is at it
   */
  removeBefore(type: string, before: number, limit: number): Promise<number> {
    return this.removal.remove(type, before, limit);
  }

  private prepared(resource: OwnResource, repository: string): PreparedResource {
    const { version } = this.definitions;
    return { resource, parts: partsOf(resource), version, values: this.values(resource, repository) };
  }

  private write(
    { resource, parts, version, values }: PreparedResource,
    repository: string,
    now: number,
  ): PlannedWrite {
    const id = newResourceId();
    return {
      kind: 'create',
      type: parts.type,
      id,
      version: 1,
      lastUpdated: now,
      content: spliceVersion(parts, { id, version: 1, lastUpdated: now }),
      values,
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
