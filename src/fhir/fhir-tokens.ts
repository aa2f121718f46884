/** Injection token of the R4 `Definitions`. */
export const FHIR_DEFINITIONS = Symbol('Definitions');

/** Injection token of the `PageTokens` that searches and histories sign their links with. */
export const PAGE_TOKENS = Symbol('PageTokens');
