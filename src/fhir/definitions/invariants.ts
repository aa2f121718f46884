import { readDataFile } from './data-files.js';

/** A constraint that a type or element declares. Source: FHIR R4 elementdefinition.html#constraint. */
export interface Invariant {
  readonly key: string;
  readonly severity: 'error' | 'warning';
  readonly human: string;
  /** FHIRPath, evaluated on the element. */
  readonly expression: string;
}

let loaded: ReadonlyMap<string, readonly Invariant[]> | undefined;

/**
 * Invariants by the type or element path that declares them (`Element`, `Patient.contact`); what a type
 * inherits stands with its base. Read at the first call and kept.
 */
export function loadInvariants(): ReadonlyMap<string, readonly Invariant[]> {
  return (loaded ??= new Map(Object.entries(readDataFile('invariants'))));
}
