/** What one JSON text may hold; everything beyond is refused before any of it is built in memory. */
export interface JsonLimits {
  /** Levels of objects and arrays inside one another. */
  readonly depth: number;
  /** Values of any kind, those inside others included. */
  readonly values: number;
}

/** One resource: the deepest of the specification's examples has 14 levels, a whole Questionnaire some 30. */
export const resourceLimits: JsonLimits = { depth: 64, values: 1_000_000 };

/** A whole request body, a Bundle of resources included. */
export const bodyLimits: JsonLimits = { depth: 70, values: 10_000_000 };
