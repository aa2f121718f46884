import { Inject, Injectable } from '@nestjs/common';
import type { Definitions } from '../definitions/index.js';
import { FHIR_DEFINITIONS } from '../fhir-tokens.js';
import { isResourceId } from '../format/resource-id.js';
import type { SearchExpression } from '../search/query.js';
import type { SearchParameterPair } from '../search/parse-search.js';
import type { InteractionContext } from './interaction-context.js';
import { unknownCompartment } from './interaction-errors.js';
import type { InteractionResult } from './interaction-result.js';
import { invalidId, ResourceIntake } from './resource-intake.js';
import { SearchTypeInteraction } from './search-type.interaction.js';

/** In a compartment's definition: the resource that the compartment belongs to is in it itself. */
const self = '{def}';

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
    @Inject(ResourceIntake) private readonly intake: ResourceIntake,
    @Inject(SearchTypeInteraction) private readonly search: SearchTypeInteraction,
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
    const members = new Map(types.map((type) => [type, compartment.get(type) ?? []]));
    if (types.some((type) => members.get(type)?.length === 0)) throw unknownCompartment(owner.type, member);
    return this.search.within(context, parameters, {
      path: `${owner.type}/${owner.id}/${member}`,
      types,
      filter: membership(owner, members),
    });
  }
}

/** Any of the parameters that put a resource of its type into the compartment refers to the owner. */
function membership(
  owner: { readonly type: string; readonly id: string },
  members: ReadonlyMap<string, readonly string[]>,
): SearchExpression {
  const typesOf = new Map<string, string[]>();
  for (const [type, codes] of members) {
    for (const code of codes) typesOf.set(code, [...(typesOf.get(code) ?? []), type]);
  }
  const operands = [...typesOf].map(([code, types]): SearchExpression => {
    const operand: SearchExpression =
      code === self ? { kind: 'id', ids: [owner.id] } : referenceTo(owner, code);
    return members.size === 1 ? operand : { kind: 'of-type', types, operand };
  });
  const [only, ...others] = operands;
  return only !== undefined && others.length === 0 ? only : { kind: 'or', operands };
}

function referenceTo(
  { type, id }: { readonly type: string; readonly id: string },
  code: string,
): SearchExpression {
  const test = { type: 'reference', targetType: type, targetId: id, url: undefined } as const;
  return { kind: 'parameter', code, type: 'reference', anyOf: [test] };
}
