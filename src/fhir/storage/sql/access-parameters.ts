import { compartmentSelf, loadDefinitions } from '../../definitions/index.js';

const known = new Map<string, readonly string[]>();

/** Codes of the parameters that put a resource of the type into a compartment, whichever; none for another name. */
export function compartmentCodes(type: string): readonly string[] {
  const found = known.get(type);
  if (found !== undefined) return found;
  const definitions = loadDefinitions();
  const codes = [...definitions.compartments.values()].flatMap((members) => members.get(type) ?? []);
  const distinct = [...new Set(codes)].filter((code) => code !== compartmentSelf);
  if (definitions.isResourceType(type)) known.set(type, distinct);
  return distinct;
}
