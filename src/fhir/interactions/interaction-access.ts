import { Inject, Injectable } from '@nestjs/common';
import {
  ACCESS_POLICY,
  DENIED_REQUESTS,
  type AccessDenial,
  type AccessPolicy,
  type AccessRequest,
  type DeniedRequests,
  type Principal,
} from '../../access/contract.js';
import { FirekeepError } from '../../platform/errors/index.js';
import type { Definitions } from '../definitions/index.js';
import { FHIR_DEFINITIONS } from '../fhir-tokens.js';
import type { SearchAccess, SearchExpression } from '../search/query.js';

/**
 * Asks the policy before an interaction, on its own or as an entry of a Bundle. Fails closed: a permission that is
 * narrowed by criteria counts as none until these are applied.
 */
@Injectable()
export class InteractionAccess {
  constructor(
    @Inject(ACCESS_POLICY) private readonly policy: AccessPolicy,
    @Inject(DENIED_REQUESTS) private readonly denials: DeniedRequests,
    @Inject(FHIR_DEFINITIONS) private readonly definitions: Definitions,
  ) {}

  /** @throws FirekeepError 403 `FHIR_ACCESS_DENIED` with the reference id of the explanation */
  require(request: AccessRequest): void {
    const denial = this.denialOf(request);
    if (denial === undefined) return;
    const { interaction, resourceType } = request;
    const reference = this.denials.record(request, denial);
    throw new FirekeepError(
      'forbidden',
      'FHIR_ACCESS_DENIED',
      `The access granted does not cover ${interaction}${request.conditional === true ? ' with criteria' : ''}` +
        (resourceType === null ? '.' : ` on ${resourceType}.`),
      {
        detail: `${denial.check}: ${denial.reason}`,
        ...(reference === undefined ? {} : { reference }),
      },
    );
  }

  /**
   * What a search may bring beyond the types that it was asked of: the types that the principal may search.
   *
   * @returns undefined: all of them
   */
  searchable(principal: Principal): SearchAccess | undefined {
    const types = this.definitions.resourceTypes.filter(
      (resourceType) => this.denialOf({ principal, interaction: 'search-type', resourceType }) === undefined,
    );
    if (types.length === this.definitions.resourceTypes.length) return undefined;
    return { byType: new Map(types.map((type) => [type, everything])), others: nothing };
  }

  private denialOf(request: AccessRequest): Omit<AccessDenial, 'kind'> | undefined {
    const decision = this.policy.decide(request);
    if (decision.kind === 'deny') return decision;
    const { interaction, resourceType } = request;
    const unrestricted = decision.constraints.some(
      (constraint) =>
        (constraint.resourceType === '*' || constraint.resourceType === resourceType) &&
        constraint.interactions.has(interaction) &&
        constraint.allOf.length === 0 &&
        constraint.noneOf.length === 0,
    );
    if (unrestricted) return undefined;
    return { check: 'scope', reason: 'no unrestricted constraint covers it' };
  }
}

const everything: SearchExpression = { kind: 'and', operands: [] };
const nothing: SearchExpression = { kind: 'or', operands: [] };
