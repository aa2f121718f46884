/** Injection token of the R4 `Definitions`. */
export const FHIR_DEFINITIONS = Symbol('Definitions');
