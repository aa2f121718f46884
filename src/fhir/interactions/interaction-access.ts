import { Inject, Injectable } from '@nestjs/common';
import { ACCESS_POLICY, type AccessPolicy, type AccessRequest } from '../../access/contract.js';
import { FirekeepError } from '../../platform/errors/index.js';

/**
 * Asks the policy before an interaction, on its own or as an entry of a Bundle. Fails closed: a permission that is
 * narrowed by criteria counts as none until these are applied.
 */
@Injectable()
export class InteractionAccess {
  constructor(@Inject(ACCESS_POLICY) private readonly policy: AccessPolicy) {}

  /** @throws FirekeepError 403 `FHIR_ACCESS_DENIED` */
  require(request: AccessRequest): void {
    const reason = this.refusalOf(request);
    if (reason === undefined) return;
    const { interaction, resourceType } = request;
    throw new FirekeepError(
      'forbidden',
      'FHIR_ACCESS_DENIED',
      `The access granted does not cover ${interaction}${request.conditional === true ? ' with criteria' : ''}` +
        (resourceType === null ? '.' : ` on ${resourceType}.`),
      { detail: reason },
    );
  }

  private refusalOf(request: AccessRequest): string | undefined {
    const decision = this.policy.decide(request);
    if (decision.kind === 'deny') return `${decision.check}: ${decision.reason}`;
    const { interaction, resourceType } = request;
    const unrestricted = decision.constraints.some(
      (constraint) =>
        (constraint.resourceType === '*' || constraint.resourceType === resourceType) &&
        constraint.interactions.has(interaction) &&
        constraint.allOf.length === 0 &&
        constraint.noneOf.length === 0,
    );
    return unrestricted ? undefined : 'no unrestricted constraint covers it';
  }
}
