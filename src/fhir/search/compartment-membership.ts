import { compartmentSelf, type Definitions } from '../definitions/index.js';
import { implyingReferences } from './implying-references.js';
import type { ParameterExpression, SearchExpression } from './query.js';

/** A compartment: that of one Patient, Encounter, Practitioner, RelatedPerson or Device. */
export interface CompartmentOwner {
  readonly type: string;
  readonly id: string;
}

/**
 * What a resource of these types must fulfil to be in a compartment: one of the parameters that the
 * CompartmentDefinition names for its type refers to the owner.
 *
 * @returns undefined: no resource of the types is in such a compartment
 * @see https://hl7.org/fhir/R4/compartmentdefinition.html
 */
export function membershipOf(
  definitions: Definitions,
  owner: CompartmentOwner,
  types: readonly string[],
): SearchExpression | undefined {
  const typesOf = new Map<string, string[]>();
  for (const type of types) {
    for (const code of definitions.compartments.get(owner.type)?.get(type) ?? []) {
      typesOf.set(code, [...(typesOf.get(code) ?? []), type]);
    }
  }
  const operands = [...typesOf].map(([code, having]): SearchExpression => {
    const operand: SearchExpression =
      code === compartmentSelf ? { kind: 'id', ids: [owner.id] } : refersTo(owner, code, having, definitions);
    return types.length === 1 ? operand : { kind: 'of-type', types: having, operand };
  });
  const [only, ...others] = operands;
  if (only === undefined) return undefined;
  return others.length === 0 ? only : { kind: 'or', operands };
}

function refersTo(
  owner: CompartmentOwner,
  code: string,
  [of, ...others]: readonly string[],
  definitions: Definitions,
): ParameterExpression {
  const expression = referenceTo(code, owner.id, owner.type);
  if (of === undefined || others.length > 0) return expression;
  const implying = implyingReferences(code, { of, to: owner.type }, definitions);
  if (implying.length === 0) return expression;
  return {
    ...expression,
    impliedBy: implying.map(({ code: other, typed }) =>
      referenceTo(other, owner.id, typed ? owner.type : undefined),
    ),
  };
}

function referenceTo(code: string, targetId: string, targetType: string | undefined): ParameterExpression {
  const test = { type: 'reference', targetType, targetId, url: undefined } as const;
  return { kind: 'parameter', code, type: 'reference', anyOf: [test] };
}
