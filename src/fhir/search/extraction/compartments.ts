import { loadDefinitions } from '../../definitions/index.js';
import type { ParameterValues } from '../index-values.js';
import { compiledParameters, evaluate } from './extract.js';
import type { ExtractionContext } from './extraction-context.js';
import { isFields, textOf } from './visit.js';

/** A compartment: that of one Patient, Encounter, Practitioner, RelatedPerson or Device. */
export interface Compartment {
  readonly type: string;
  readonly id: string;
}

/** In a compartment's definition: the resource that the compartment belongs to is in it itself. */
const SELF = '{def}';

/**
 * The compartments that a resource is in, from its index values; each once. Only resources of this repository
 * have compartments: references elsewhere put a resource in none.
 *
 * Source: FHIR R4 compartmentdefinition.html.
 */
export function compartmentsFrom(
  type: string,
  id: string | null,
  values: readonly ParameterValues[],
): Compartment[] {
  const found = new Map<string, Compartment>();
  const add = (compartment: Compartment) => found.set(`${compartment.type}/${compartment.id}`, compartment);
  for (const [compartment, members] of loadDefinitions().compartments) {
    const codes = members.get(type) ?? [];
    if (codes.includes(SELF) && id !== null) add({ type: compartment, id });
    for (const parameter of values) {
      if (!codes.includes(parameter.code)) continue;
      for (const value of parameter.values) {
        if (value.type === 'reference' && value.targetType === compartment && value.targetId !== null) {
          add({ type: compartment, id: value.targetId });
        }
      }
    }
  }
  return [...found.values()];
}

const relevant = new Map<string, ReadonlySet<string>>();

/** Codes of the parameters of a type that any compartment asks for. */
function codesOf(type: string): ReadonlySet<string> {
  let codes = relevant.get(type);
  if (!codes) {
    const definitions = loadDefinitions();
    codes = new Set([...definitions.compartments.values()].flatMap((members) => members.get(type) ?? []));
    if (definitions.isResourceType(type)) relevant.set(type, codes);
  }
  return codes;
}

/**
 * The compartments that a resource is in; evaluates only the parameters that decide it. Never throws.
 *
 * Source: FHIR R4 compartmentdefinition.html.
 */
export function compartmentsOf(type: string, resource: unknown, context: ExtractionContext): Compartment[] {
  const codes = codesOf(type);
  if (codes.size === 0) return [];
  const parameters = compiledParameters(type).filter((parameter) => codes.has(parameter.code));
  const values = evaluate(parameters, resource, context);
  return compartmentsFrom(type, isFields(resource) ? textOf(resource, 'id') : null, values);
}
