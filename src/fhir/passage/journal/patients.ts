import { compartmentSelf, loadDefinitions } from '../../definitions/index.js';
import type { ParameterValues } from '../../search/index-values.js';

/**
 * The patients in whose compartment a resource is, from its index values; each once.
 *
 * @see https://hl7.org/fhir/R4/compartmentdefinition-patient.html
 */
export function patientsOf(type: string, id: string, values: readonly ParameterValues[]): readonly string[] {
  const codes = loadDefinitions().compartments.get('Patient')?.get(type);
  if (codes === undefined) return [];
  const found = new Set<string>();
  if (type === 'Patient' && codes.includes(compartmentSelf)) found.add(id);
  for (const { code, values: ofCode } of values) {
    if (!codes.includes(code)) continue;
    for (const value of ofCode) {
      if (value.type === 'reference' && value.targetType === 'Patient' && value.targetId !== null) {
        found.add(value.targetId);
      }
    }
  }
  return [...found];
}
