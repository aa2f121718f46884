import type { Definitions, SearchParameter } from '../definitions/index.js';

/**
 * The parameter by which resources of a type are part of others of it (`Location.partOf`); undefined: the type has no
 * hierarchy. Source: FHIR R4 search.html#recursive.
 */
export function partOfParameter(
  definitions: Pick<Definitions, 'includes'>,
  type: string,
): SearchParameter | undefined {
  return definitions
    .includes(type)
    .find(({ code, targets }) => (code === 'partof' || code === 'part-of') && targets.includes(type));
}
