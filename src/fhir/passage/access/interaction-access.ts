import { Inject, Injectable } from '@nestjs/common';
import {
  ACCESS_POLICY,
  DENIED_REQUESTS,
  type AccessConstraint,
  type AccessDecision,
  type AccessDenial,
  type AccessPolicy,
  type AccessRequest,
  type DeniedRequests,
  type Principal,
} from '../../../contract/index.js';
import { FirekeepError } from '../../../platform/errors/index.js';
import { refusalExplanations } from './refusal-explanations.js';

/**
 * Asks the policy before an interaction, on its own or as an entry of a Bundle. What is permitted in part, by
 * criteria, is narrowed where the interaction meets the store (`AccessStage`).
 */
@Injectable()
export class InteractionAccess {
  constructor(
    @Inject(ACCESS_POLICY) private readonly policy: AccessPolicy,
    @Inject(DENIED_REQUESTS) private readonly denials: DeniedRequests,
  ) {}

  /** @throws FirekeepError 403 `FHIR_ACCESS_DENIED` with the reference id of the explanation */
  require(request: AccessRequest): void {
    const decision = this.policy.decide(request);
    if (decision.kind === 'deny') this.refuse(request, decision);
    if (constraintsOf(request, decision).length > 0) return;
    this.refuse(request, { check: 'scope', reason: 'nothing that was granted covers it' });
  }

  /** For what looks at more than the store shows to this principal. @throws FirekeepError as `require` */
  requireUnrestricted(request: AccessRequest): void {
    const decision = this.policy.decide(request);
    if (decision.kind === 'deny') this.refuse(request, decision);
    const isUnrestricted = ({ allOf, noneOf }: AccessConstraint): boolean =>
      allOf.length === 0 && noneOf.length === 0;
    if (constraintsOf(request, decision).some(isUnrestricted)) return;
    this.refuse(request, {
      check: 'scope',
      reason: 'it is granted on some of the resources alone, and this needs all of them',
    });
  }

  /**
   * For what concerns the server more than its data: a user with the role admin, who may define search parameters.
   *
   * @param operation `$reindex`
   * @throws FirekeepError as `require`
   */
  requireAdministrator(principal: Principal, operation: string): void {
    const request: AccessRequest = { principal, interaction: 'operation', resourceType: null, operation };
    if (principal.kind !== 'user' || !principal.roles.includes('admin')) {
      this.refuse(request, { check: 'role', reason: `${operation} is for users with the role admin` });
    }
    this.requireUnrestricted({ principal, interaction: 'update', resourceType: 'SearchParameter' });
  }

  /**
   * Does the work; what it refuses with 403, for whatever reason, is explained as what the policy refuses.
   *
   * @param request what is asked for; of an error that says what it is about, that counts
   */
  explaining<T>(request: AccessRequest, work: () => T): T {
    try {
      return work();
    } catch (thrown) {
      throw this.explained(request, thrown);
    }
  }

  /** The error under the reference id of its explanation, where it is a refusal that has none. */
  explained(request: AccessRequest, thrown: unknown): unknown {
    if (!(thrown instanceof FirekeepError) || thrown.category !== 'forbidden') return thrown;
    const explanation = refusalExplanations[thrown.code];
    if (explanation === undefined || thrown.reference !== undefined) return thrown;
    const { category, code, message, issues, headers } = thrown;
    const reference = this.denials.record(request, { ...explanation, check: 'scope', reason: message });
    if (reference === undefined) return thrown;
    return new FirekeepError(category, code, message, { issues, headers, reference, cause: thrown });
  }

  private refuse(request: AccessRequest, denial: Omit<AccessDenial, 'kind'>): never {
    const { interaction, resourceType, operation } = request;
    const reference = this.denials.record(request, denial);
    const asked = operation === undefined ? interaction : `the operation ${operation}`;
    throw new FirekeepError(
      'forbidden',
      'FHIR_ACCESS_DENIED',
      `The access granted does not cover ${asked}${request.conditional === true ? ' with criteria' : ''}` +
        (resourceType === null ? '.' : ` on ${resourceType}.`),
      {
        detail: `${denial.check}: ${denial.reason}`,
        ...(reference === undefined ? {} : { reference }),
      },
    );
  }
}

function constraintsOf(
  { interaction, resourceType }: AccessRequest,
  { constraints }: AccessDecision & { readonly kind: 'permit' },
): readonly AccessConstraint[] {
  return constraints.filter(
    (constraint) =>
      (constraint.resourceType === '*' || constraint.resourceType === resourceType) &&
      constraint.interactions.has(interaction),
  );
}
