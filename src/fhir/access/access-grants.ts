import { Inject, Injectable } from '@nestjs/common';
import {
  ACCESS_POLICY,
  type AccessPolicy,
  type Criterion,
  type Interaction,
  type Principal,
} from '../../access/contract.js';
import { EndpointRegistry } from '../../endpoints/index.js';
import { Settings } from '../../platform/config/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import type { Definitions } from '../definitions/index.js';
import { RepositoryDefinitions } from '../search-parameters/repository-definitions.js';
import { membershipOf } from '../search/compartment-membership.js';
import { hasLookup } from '../search/resolve-lookups.js';
import { parseCriteria } from '../search/parse-criteria.js';
import type { SearchExpression } from '../search/query.js';
import { GrantedAccess } from './granted-access.js';

const capacity = 1_000;

interface Known {
  readonly revision: number;
  /** What the criteria were read by. */
  readonly definitions: Definitions;
  readonly granted: GrantedAccess;
}

/** The access of principals, worked out once for those whose rights read the same. */
@Injectable()
export class AccessGrants {
  private readonly known = new Map<string, Known>();

  constructor(
    @Inject(ACCESS_POLICY) private readonly policy: AccessPolicy,
    @Inject(RepositoryDefinitions) private readonly repositories: RepositoryDefinitions,
    @Inject(EndpointRegistry) private readonly endpoints: EndpointRegistry,
    @Inject(Settings) private readonly settings: Settings,
  ) {}

  of(principal: Principal, repository: string): GrantedAccess {
    const definitions = this.repositories.of(repository);
    const key = JSON.stringify([repository, principal]);
    const known = this.known.get(key);
    const { revision } = this.policy;
    if (known?.definitions === definitions && known.revision === revision) return known.granted;
    const granted = new GrantedAccess({
      types: definitions.resourceTypes,
      decide: (interaction: Interaction, resourceType: string) =>
        this.policy.decide({ principal, interaction, resourceType }),
      compile: (criterion, type) => this.compile(criterion, type, repository, definitions),
    });
    if (this.known.size >= capacity) this.known.clear();
    this.known.set(key, { revision, definitions, granted });
    return granted;
  }

  private compile(
    criterion: Criterion,
    type: string,
    repository: string,
    definitions: Definitions,
  ): SearchExpression | undefined {
    if ('compartment' in criterion) {
      return membershipOf(definitions, criterion.compartment, [type]) ?? { kind: 'or', operands: [] };
    }
    try {
      const { filter } = parseCriteria(type, criterion.query, {
        repository,
        definitions,
        bases: this.endpoints.bases(repository),
        zone: this.settings.get('timeZone'),
      });
      // What has to be looked up first can't be tested on a resource in memory.
      return filter.some(hasLookup) ? undefined : { kind: 'and', operands: filter };
    } catch (error) {
      if (error instanceof FirekeepError) return undefined;
      throw error;
    }
  }
}
