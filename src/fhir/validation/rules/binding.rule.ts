import type { Definitions, ValueSetExpansion } from '../../definitions/index.js';
import { asObject, quoted } from '../json-object.js';
import type { ObjectCheck } from '../object.check.js';

/** The expansion where all of its codes are known. */
function closed(
  expansion: ValueSetExpansion | undefined,
): ReadonlyMap<string, ReadonlySet<string>> | undefined {
  if (expansion === undefined || [...expansion.values()].includes(null)) return undefined;
  return expansion as ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Codes of a required binding; undefined for value sets whose codes are not published with FHIR.
 * Source: FHIR R4 terminologies.html#required.
 */
export function closedCodes(definitions: Definitions, valueSet: string): ReadonlySet<string> | undefined {
  const expansion = closed(definitions.valueSet(valueSet));
  return expansion && new Set([...expansion.values()].flatMap((codes) => [...codes]));
}

/**
 * One coding of a concept with a required binding is in the value set; a text alone is not enough. A concept
 * that says with an extension alone why there is none passes.
 * Source: FHIR R4 terminologies.html#required.
 */
export function conceptRule(definitions: Definitions, valueSet: string): ObjectCheck | undefined {
  const expansion = closed(definitions.valueSet(valueSet));
  if (expansion === undefined) return undefined;
  const isMember = (item: unknown): boolean => {
    const { system, code } = asObject(item) ?? {};
    return (
      typeof system === 'string' && typeof code === 'string' && expansion.get(system)?.has(code) === true
    );
  };
  return (concept, run) => {
    const { coding, text } = concept;
    if (Array.isArray(coding) ? coding.some(isMember) : text === undefined) return;
    const allowed = [...expansion]
      .map(([system, codes]) => `${[...codes].slice(0, 12).join(', ')} of ${system}`)
      .slice(0, 4)
      .join('; ');
    const found = Array.isArray(coding)
      ? `${quoted(asObject(coding[0])?.code)} is none of them`
      : 'there is a text only';
    run.error('code-invalid', `One coding must be from the required value set (${allowed}); ${found}.`);
  };
}
