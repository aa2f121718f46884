import { Inject, Injectable } from '@nestjs/common';
import {
  ACCESS_POLICY,
  type AccessPolicy,
  type Criterion,
  type Interaction,
  type Principal,
} from '../../../contract/index.js';
import type { Definitions } from '../../definitions/index.js';
import { RepositoryDefinitions } from '../../search-parameters/repository-definitions.js';
import { membershipOf } from '../../search/compartment-membership.js';
import { hasLookup } from '../../search/resolve-lookups.js';
import type { SearchExpression } from '../../search/query.js';
import { narrowedTo } from '../../search/access-filter.js';
import { CriteriaReader } from './criteria-reader.js';
import { GrantedAccess } from './granted-access.js';
import { ownPatients } from './own-patients.js';

const capacity = 1_000;

interface Known {
  readonly repository: string;
  readonly revision: number;
  /** What the criteria were read by. */
  readonly definitions: Definitions;
  readonly granted: GrantedAccess;
}

interface Reading {
  readonly principal: Principal;
  readonly repository: string;
  readonly definitions: Definitions;
}

/** The access of principals, worked out once for those whose rights read the same. */
@Injectable()
export class AccessGrants {
  private readonly known = new Map<string, Known>();
  /** What a request asks for several times. */
  private readonly ofRequest = new WeakMap<Principal, Known>();

  constructor(
    @Inject(ACCESS_POLICY) private readonly policy: AccessPolicy,
    private readonly repositories: RepositoryDefinitions,
    private readonly criteria: CriteriaReader,
  ) {}

  of(principal: Principal, repository: string): GrantedAccess {
    const definitions = this.repositories.of(repository);
    const { revision } = this.policy;
    const isCurrent = (one: Known | undefined): one is Known =>
      one?.definitions === definitions && one.revision === revision && one.repository === repository;
    const asked = this.ofRequest.get(principal);
    if (isCurrent(asked)) return asked.granted;
    const key = JSON.stringify([repository, principal]);
    const equal = this.known.get(key);
    const known = isCurrent(equal) ? equal : this.make(principal, { repository, revision, definitions });
    if (known !== equal) {
      if (this.known.size >= capacity) this.known.clear();
      this.known.set(key, known);
    }
    this.ofRequest.set(principal, known);
    return known.granted;
  }

  private make(principal: Principal, place: Omit<Known, 'granted'>): Known {
    const { repository, definitions } = place;
    const granted = new GrantedAccess({
      types: definitions.resourceTypes,
      decide: (interaction: Interaction, resourceType: string) =>
        this.policy.decide({ principal, interaction, resourceType }),
      compile: (criterion, type) => this.compile(criterion, type, { principal, repository, definitions }),
    });
    return { ...place, granted };
  }

  private compile(criterion: Criterion, type: string, reading: Reading): SearchExpression | undefined {
    const { principal, repository, definitions } = reading;
    if ('compartment' in criterion) {
      return membershipOf(definitions, criterion.compartment, [type]) ?? { kind: 'or', operands: [] };
    }
    if ('patientsOf' in criterion) return ownPatients(definitions, criterion.patientsOf, criterion.by, type);
    const filter = this.criteria.read(type, criterion.query, repository, definitions);
    // What has to be looked up first can't be tested on a resource in memory.
    if (filter === undefined || filter.some(hasLookup)) return undefined;
    const expression: SearchExpression = { kind: 'and', operands: filter };
    if (criterion.by !== 'client' || principal.scopes === null) return expression;
    // A client that could ask through what the user may not see would be told of it.
    const byRoles = this.of({ ...principal, scopes: null }, repository).ofSearches;
    return byRoles === undefined ? expression : narrowedTo(byRoles, expression);
  }
}
