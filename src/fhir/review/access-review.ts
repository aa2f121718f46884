import { Inject, Injectable } from '@nestjs/common';
import {
  ACCESS_POLICY,
  type AccessConstraint,
  type AccessPolicy,
  type GuardedRule,
  type Criterion,
  type Interaction,
  type Principal,
} from '../../contract/index.js';
import { EndpointRegistry, type FhirEndpoint } from '../../endpoints/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import type { BundleEntryText } from '../format/bundle-text.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import { interactionOf, type EntryRequest, type OperationRequest } from '../exchange/interaction-request.js';
import { parseEntryRequest } from '../bundles/parse-entry-request.js';
import { FhirOperations } from '../operations/fhir-operations.js';
import { RepositoryDefinitions } from '../search-parameters/repository-definitions.js';
import { AccessGrants } from '../passage/access/access-grants.js';

/** A request that nobody sends. */
export interface ImaginedRequest {
  readonly method: string;
  /** Below the base, or absolute. */
  readonly url: string;
  /** Of the body, where the address has none. */
  readonly resourceType?: string;
  readonly ifNoneExist?: string;
}

/** What a request would be: taken apart as an entry of a batch is. */
export interface ReviewedRequest {
  readonly entry: EntryRequest;
  readonly rule: GuardedRule;
  readonly interaction: Interaction;
  readonly resourceType: string | null;
  readonly id: string | null;
  readonly operation: string | null;
}

/** Types of which a principal may see, or do something to, the same. */
export interface TypeReview {
  readonly types: readonly string[];
  readonly access: 'all' | 'some' | 'none';
  /** Of `some`: a resource must fulfil all criteria of one of these lists. */
  readonly anyOf: readonly (readonly string[])[];
}

/** Tells what the policy permits, and what would be left out of the answer, by the code that does both. */
@Injectable()
export class AccessReview {
  constructor(
    @Inject(ACCESS_POLICY) private readonly policy: AccessPolicy,
    private readonly grants: AccessGrants,
    private readonly dispatcher: Dispatcher,
    private readonly endpoints: EndpointRegistry,
    private readonly definitions: RepositoryDefinitions,
    private readonly operations: FhirOperations,
  ) {}

  /** @throws FirekeepError 400, 404 or 405: there is no such request */
  parse(imagined: ImaginedRequest, repository: string): ReviewedRequest {
    const { resourceType, ifNoneExist } = imagined;
    const { method, url } = asSearchByGet(imagined);
    const path = url.split('?', 1)[0] ?? '';
    const [first = ''] = path.replace(/^\/+/, '').split('/');
    const body =
      method === 'PATCH' ? 'Parameters' : (resourceType ?? (/^[A-Z]/.test(first) ? first : 'Parameters'));
    const text: BundleEntryText = {
      ...(method === 'GET' || method === 'DELETE' || method === 'HEAD'
        ? {}
        : { resource: Buffer.from(JSON.stringify({ resourceType: body })) }),
      request: {
        method,
        url: url.replace(/^\/+/, ''),
        ...(ifNoneExist === undefined ? {} : { ifNoneExist }),
      },
    } as BundleEntryText;
    const entry = parseEntryRequest(text, 0, this.endpoints.bases(repository));
    const interaction = interactionOf(entry);
    const isPerEntry = entry.interaction === 'operation' || entry.interaction === 'search-system';
    return {
      entry,
      rule: { kind: isPerEntry ? 'per-entry' : 'interaction', interaction },
      interaction,
      resourceType: entry.type,
      id: 'id' in entry ? entry.id : null,
      operation: entry.interaction === 'operation' ? `$${entry.target.name}` : null,
    };
  }

  /** What the policy refuses behind the gate; undefined: nothing. */
  refusal(
    { entry }: ReviewedRequest,
    principal: Principal,
    endpoint: FhirEndpoint,
  ): FirekeepError | undefined {
    try {
      this.dispatcher.authorize({ principal, endpoint, handling: 'strict' }, entry);
      return undefined;
    } catch (error) {
      if (error instanceof FirekeepError) return error;
      throw error;
    }
  }

  /**
   * What the principal may do it to. Of a search every type is told, since includes and chains lead to all of them, and
   * so it is of an operation that shows what the store shows.
   */
  reach(
    { interaction, resourceType, entry }: ReviewedRequest,
    principal: Principal,
    repository: string,
  ): TypeReview[] {
    const definitions = this.definitions.of(repository);
    const isSearch = interaction === 'search-type' || interaction === 'search-system';
    // The type that is asked for comes first.
    const named = resourceType === null ? [] : [resourceType];
    const narrows = entry.interaction === 'operation' ? this.narrows(entry) : undefined;
    const isOfAll = resourceType === null || isSearch || narrows !== undefined;
    const types = isOfAll ? [...named, ...definitions.resourceTypes] : named;
    const asked = narrows ?? (isSearch || entry.interaction === 'operation' ? 'search-type' : interaction);
    const groups = new Map<string, { types: Set<string>; review: Omit<TypeReview, 'types'> }>();
    for (const type of types) {
      const review = this.ofType(asked, type, principal, repository);
      const key = JSON.stringify(review);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { types: new Set([type]), review });
      else group.types.add(type);
    }
    return [...groups.values()].map(({ types: found, review }) => ({ types: [...found], ...review }));
  }

  private narrows({ target: { name, type } }: OperationRequest): Interaction | undefined {
    return this.operations.find(name, type)?.narrows;
  }

  private ofType(
    interaction: Interaction,
    resourceType: string,
    principal: Principal,
    repository: string,
  ): Omit<TypeReview, 'types'> {
    const granted = this.grants.of(principal, repository);
    if (granted.isUnrestricted(interaction, resourceType)) return { access: 'all', anyOf: [] };
    if (granted.isRefused(interaction, resourceType)) return { access: 'none', anyOf: [] };
    const decision = this.policy.decide({ principal, interaction, resourceType });
    const constraints = decision.kind === 'permit' ? decision.constraints : [];
    return { access: 'some', anyOf: constraints.map(criteriaOf) };
  }
}

/** A search by POST is no entry of a Bundle, and asks for nothing else than one by GET. */
function asSearchByGet({ method, url }: ImaginedRequest): Pick<ImaginedRequest, 'method' | 'url'> {
  const [, path, query = ''] = /^([^?]*?)\/?_search(\?.*)?$/s.exec(url) ?? [];
  return method !== 'POST' || path === undefined
    ? { method, url }
    : { method: 'GET', url: `${path}${query}` };
}

function criteriaOf({ allOf, noneOf }: AccessConstraint): readonly string[] {
  return [...new Set([...allOf.map(textOf), ...noneOf.map((criterion) => `not: ${textOf(criterion)}`)])];
}

function textOf(criterion: Criterion): string {
  if ('query' in criterion) return criterion.query;
  if ('patientsOf' in criterion) {
    const { patientsOf, by } = criterion;
    return `of patients whose ${by.join(' or ')} has ${patientsOf.type}/${patientsOf.id} as participant`;
  }
  if ('participants' in criterion) return 'with no participants whom its patient did not have';
  return `in the compartment of ${criterion.compartment.type}/${criterion.compartment.id}`;
}
