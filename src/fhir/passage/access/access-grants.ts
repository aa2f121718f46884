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
import { ownPatients, relationMoment, type RelationState } from './own-patients.js';
import type { PatientLimit } from './write-reach.js';

const capacity = 1_000;

interface Known {
  readonly repository: string;
  readonly revision: number;
  /** What the criteria were read by. */
  readonly definitions: Definitions;
  readonly relations: Relations;
  readonly granted: GrantedAccess;
}

interface Reading {
  readonly principal: Principal;
  readonly repository: string;
  readonly definitions: Definitions;
  readonly relations: Relations;
}

/** Whose patients they are, as it is asked for the first time that it has to be known. */
class Relations {
  private first: number | undefined;

  constructor(readonly writtenBefore: number | undefined) {}

  get state(): RelationState {
    const moment = relationMoment();
    this.first ??= moment;
    return { moment, writtenBefore: this.writtenBefore };
  }

  /** Whether what was worked out is what would be worked out now. */
  get isCurrent(): boolean {
    return this.first === undefined || this.first === relationMoment();
  }
}

/** The access of principals, worked out once for those whose rights read the same. */
@Injectable()
export class AccessGrants {
  private readonly known = new Map<string, Known>();
  /** What a request asks for several times. */
  private readonly ofRequest = new WeakMap<Principal, Known>();
  /** The same for a Bundle, whose entries grant each other nothing. */
  private readonly ofBundle = new WeakMap<Principal, Known>();

  constructor(
    @Inject(ACCESS_POLICY) private readonly policy: AccessPolicy,
    private readonly repositories: RepositoryDefinitions,
    private readonly criteria: CriteriaReader,
  ) {}

  /** @param writtenBefore see `RelationState`; absent: whatever is stored tells whose patients they are */
  of(principal: Principal, repository: string, writtenBefore?: number): GrantedAccess {
    const granted = this.find(principal, repository, undefined);
    return writtenBefore !== undefined && granted.asksWhosePatients
      ? this.find(principal, repository, writtenBefore)
      : granted;
  }

  private find(principal: Principal, repository: string, writtenBefore: number | undefined): GrantedAccess {
    const definitions = this.repositories.of(repository);
    const { revision } = this.policy;
    const isCurrent = (one: Known | undefined): one is Known =>
      one?.definitions === definitions &&
      one.revision === revision &&
      one.repository === repository &&
      one.relations.writtenBefore === writtenBefore &&
      one.relations.isCurrent;
    const ofRequest = writtenBefore === undefined ? this.ofRequest : this.ofBundle;
    const asked = ofRequest.get(principal);
    if (isCurrent(asked)) return asked.granted;
    const key = JSON.stringify([repository, principal]);
    const equal = this.known.get(key);
    const relations = new Relations(writtenBefore);
    const known = isCurrent(equal)
      ? equal
      : this.make(principal, { repository, revision, definitions, relations });
    // What holds for one Bundle alone is kept by that request.
    if (known !== equal && writtenBefore === undefined) {
      if (this.known.size >= capacity) this.known.clear();
      this.known.set(key, known);
    }
    ofRequest.set(principal, known);
    return known.granted;
  }

  private make(principal: Principal, place: Omit<Known, 'granted'>): Known {
    const { repository, definitions, relations } = place;
    const reading = { principal, repository, definitions, relations };
    const granted = new GrantedAccess({
      types: definitions.resourceTypes,
      decide: (interaction: Interaction, resourceType: string) =>
        this.policy.decide({ principal, interaction, resourceType }),
      compile: (criterion, type) => this.compile(criterion, type, reading),
      limit: (criterion) => limitOf(criterion, reading),
    });
    return { ...place, granted };
  }

  private compile(criterion: Criterion, type: string, reading: Reading): SearchExpression | undefined {
    const { principal, repository, definitions, relations } = reading;
    if ('participants' in criterion) return { kind: 'and', operands: [] };
    if ('compartment' in criterion) {
      return membershipOf(definitions, criterion.compartment, [type]) ?? { kind: 'or', operands: [] };
    }
    if ('patientsOf' in criterion) {
      const { patientsOf: user, by } = criterion;
      return ownPatients(definitions, { user, by }, relations.state, type);
    }
    const filter = this.criteria.read(type, criterion.query, repository, definitions);
    // What has to be looked up first can't be tested on a resource in memory.
    if (filter === undefined || filter.some(hasLookup)) return undefined;
    const expression: SearchExpression = { kind: 'and', operands: filter };
    if (criterion.by !== 'client' || principal.scopes === null) return expression;
    // A client that could ask through what the user may not see would be told of it.
    const byRoles = this.of({ ...principal, scopes: null }, repository, relations.writtenBefore).ofSearches;
    return byRoles === undefined ? expression : narrowedTo(byRoles, expression);
  }
}

function limitOf(criterion: Criterion, { definitions, relations }: Reading): PatientLimit | undefined {
  if ('compartment' in criterion) {
    const { compartment, namesOthers = false } = criterion;
    return compartment.type === 'Patient'
      ? { patient: { kind: 'id', ids: [compartment.id] }, namesOthers }
      : undefined;
  }
  if (!('patientsOf' in criterion)) return undefined;
  const { patientsOf: user, by, namesOthers = false } = criterion;
  return { patient: ownPatients(definitions, { user, by }, relations.state, 'Patient'), namesOthers };
}
