import { Inject, Injectable } from '@nestjs/common';
import { type Definitions, FHIR_DEFINITIONS } from '../definitions/index.js';
import { isResourceId } from '../format/resource-id.js';
import { membershipOf } from '../search/compartment-membership.js';
import type { SearchParameterPair } from '../search/parse-search.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import { unknownCompartment } from '../exchange/interaction-errors.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import { invalidId, ResourceIntake } from '../exchange/resource-intake.js';
import { SearchTypeInteraction } from './search-type.interaction.js';

/**
 * Answers the resources of one type, or of all, that are in the compartment of a resource and match the
 * parameters. What is in a compartment follows from references, by the CompartmentDefinitions.
 *
 * @see https://hl7.org/fhir/R4/http.html#vsearch
 * @see https://hl7.org/fhir/R4/compartmentdefinition.html
 */
@Injectable()
export class CompartmentSearchInteraction {
  constructor(
    @Inject(FHIR_DEFINITIONS) private readonly definitions: Definitions,
    private readonly intake: ResourceIntake,
    private readonly search: SearchTypeInteraction,
  ) {}

  /**
   * @param member type that is searched, or `*`
   * @throws FirekeepError as a search does; 404 where there is no such compartment, or the type is not in it
   */
  async execute(
    context: InteractionContext,
    owner: { readonly type: string; readonly id: string },
    member: string,
    parameters: readonly SearchParameterPair[],
  ): Promise<InteractionResult> {
    this.intake.requireType(owner.type);
    if (!isResourceId(owner.id)) throw invalidId(owner.id);
    const compartment = this.definitions.compartments.get(owner.type);
    if (compartment === undefined) throw unknownCompartment(owner.type);
    if (member !== '*') this.intake.requireType(member);
    const types = member === '*' ? [...compartment.keys()].sort() : [member];
    const filter = membershipOf(this.definitions, owner, types);
    if (filter === undefined) throw unknownCompartment(owner.type, member);
    return this.search.within(context, parameters, {
      path: `${owner.type}/${owner.id}/${member}`,
      types,
      filter,
    });
  }
}
