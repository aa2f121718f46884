import type { PatientRelation } from '../../../contract/index.js';
import type { Definitions } from '../../definitions/index.js';
import type { CompartmentOwner } from '../../search/compartment-membership.js';
import { participations } from '../../search/extraction/index.js';
import type { SearchExpression } from '../../search/query.js';

/** The resources by which a patient names who looks after them, each with its parameter `patient`. */
const relating: Readonly<Record<PatientRelation, string>> = { careteam: 'CareTeam', encounter: 'Encounter' };
const nothing: SearchExpression = { kind: 'or', operands: [] };

/** Milliseconds of a step of the clock by which periods begin and end. */
const step = 10_000;

/** The moment that counts, in ms since the epoch: the same for all of a step, so that what is made of it is kept as long. */
export function relationMoment(): number {
  return Math.floor(Date.now() / step) * step;
}

/** Of which CareTeams and Encounters it is told whose patients they are. */
export interface RelationState {
  /** Milliseconds since the epoch. */
  readonly moment: number;
  /** Milliseconds since the epoch: what was written since then is left out; absent: nothing is. */
  readonly writtenBefore: number | undefined;
}

/** Who looks after patients, and by what. */
interface Caring {
  readonly user: CompartmentOwner;
  readonly by: readonly PatientRelation[];
}

/**
 * What a resource of the type must fulfil to be a patient whom the user looks after, or to be in the compartment of
 * one. Other patients whom such a patient links to are not meant, though they are in the compartment.
 *
 * @see https://hl7.org/fhir/R4/careteam.html#search https://hl7.org/fhir/R4/encounter.html#search
 */
export function ownPatients(
  definitions: Definitions,
  { user, by }: Caring,
  state: RelationState,
  type: string,
): SearchExpression {
  const operand = takesPart(user, state);
  const isOwn = anyOf(
    by.map((relation): SearchExpression => ({
      kind: 'has',
      type: relating[relation],
      code: 'patient',
      operand,
    })),
  );
  if (type === 'Patient') return isOwn;
  const codes = definitions.compartments.get('Patient')?.get(type) ?? [];
  return anyOf(
    codes.map((code): SearchExpression => ({ kind: 'chain', code, targets: ['Patient'], operand: isOwn })),
  );
}

/** What a CareTeam or an Encounter must fulfil for the user to take part in it now. */
function takesPart(user: CompartmentOwner, { moment, writtenBefore }: RelationState): SearchExpression {
  const now = { low: moment, high: moment };
  const takes: SearchExpression = {
    kind: 'parameter',
    code: participations,
    type: 'composite',
    anyOf: [
      {
        type: 'composite',
        components: [
          { type: 'reference', targetType: user.type, targetId: user.id, url: undefined },
          { type: 'date', prefix: 'le', ...now },
          { type: 'date', prefix: 'ge', ...now },
        ],
      },
    ],
  };
  if (writtenBefore === undefined) return takes;
  const before = { low: writtenBefore, high: writtenBefore };
  return { kind: 'and', operands: [takes, { kind: 'last-updated', prefix: 'lt', ...before }] };
}

function anyOf(operands: readonly SearchExpression[]): SearchExpression {
  const [only, ...others] = operands;
  if (only === undefined) return nothing;
  return others.length === 0 ? only : { kind: 'or', operands };
}
