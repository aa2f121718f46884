import type { IssueType } from '../outcome/issue-type.js';

/** One finding about a resource. Source: FHIR R4 operationoutcome.html. */
export interface ValidationIssue {
  /** Only an `error` makes a resource invalid. */
  readonly severity: 'error' | 'warning' | 'information';
  readonly code: IssueType;
  /** FHIRPath of the place: `Patient.contact[0].name`, `Observation.value.ofType(Quantity).code`. */
  readonly expression: string;
  /** A sentence for a person; values of the resource are quoted with 64 characters at most. */
  readonly message: string;
}

export interface ValidationOptions {
  /**
   * `structure`: elements, cardinality, types, formats, codes, references, containment, Bundles, narratives.
   * `full`: also the invariants of the specification.
   */
  readonly mode: 'structure' | 'full';
  /**
   * How the text spells a number that an object can't keep (`1.0`, `1e2`); undefined where it is written as
   * JavaScript writes it. Without it, `1.0` passes for an integer.
   */
  readonly lexeme?: ((owner: object, key: string | number) => string | undefined) | undefined;
  /** FHIRPath that replaces the type at the start of expressions, for a resource that is part of another. */
  readonly place?: string | undefined;
}

/**
 * Checks a parsed resource. Never throws for what JSON can hold; takes time in proportion to the resource's
 * size; lists at most 100 errors and 100 warnings, and says when there were more.
 */
export type Validator = (resource: object, options: ValidationOptions) => readonly ValidationIssue[];
