import type { PatientRelation } from '../../../contract/index.js';
import type { Definitions } from '../../definitions/index.js';
import type { CompartmentOwner } from '../../search/compartment-membership.js';
import type { SearchExpression } from '../../search/query.js';

/** The resources by which a patient names who looks after them, each with its parameters `patient` and `participant`. */
const relating: Readonly<Record<PatientRelation, string>> = { careteam: 'CareTeam', encounter: 'Encounter' };
const nothing: SearchExpression = { kind: 'or', operands: [] };

/**
 * What a resource of the type must fulfil to be a patient whom the user looks after, or to be in the compartment of
 * one. Other patients whom such a patient links to are not meant, though they are in the compartment.
 *
 * @see https://hl7.org/fhir/R4/careteam.html#search https://hl7.org/fhir/R4/encounter.html#search
 */
export function ownPatients(
  definitions: Definitions,
  user: CompartmentOwner,
  by: readonly PatientRelation[],
  type: string,
): SearchExpression {
  const isOwn = anyOf(
    by.map((relation): SearchExpression => ({
      kind: 'has',
      type: relating[relation],
      code: 'patient',
      operand: {
        kind: 'parameter',
        code: 'participant',
        type: 'reference',
        anyOf: [{ type: 'reference', targetType: user.type, targetId: user.id, url: undefined }],
      },
    })),
  );
  if (type === 'Patient') return isOwn;
  const codes = definitions.compartments.get('Patient')?.get(type) ?? [];
  return anyOf(
    codes.map((code): SearchExpression => ({ kind: 'chain', code, targets: ['Patient'], operand: isOwn })),
  );
}

function anyOf(operands: readonly SearchExpression[]): SearchExpression {
  const [only, ...others] = operands;
  if (only === undefined) return nothing;
  return others.length === 0 ? only : { kind: 'or', operands };
}
