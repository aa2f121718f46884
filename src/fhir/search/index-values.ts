/**
 * What a resource contributes to the search index: the port between extraction (which knows definitions and
 * resources) and storage (which knows tables). A value carries everything that any modifier of its search
 * type needs, so that a new modifier needs no new extraction.
 *
 * Source: FHIR R4 search.html#ptypes.
 */

/** Search parameter types that have index values of their own; composites are materialised from these. */
export type IndexedType = 'token' | 'string' | 'date' | 'number' | 'quantity' | 'reference' | 'uri';

export interface TokenValue {
  readonly type: 'token';
  /** Coding.system, Identifier.system, or the implied system of a bound `code`; null: the element has none. */
  readonly system: string | null;
  /** Exact code; null: a value without a code (a text-only CodeableConcept has only `text`). */
  readonly code: string | null;
  /** Coding.display, CodeableConcept.text or Identifier.type.text, for `:text`. */
  readonly text: string | null;
  /** False where matching ignores case (booleans, email, phone, case-insensitive code systems). */
  readonly caseSensitive: boolean;
  /** Identifier.type codings, for `:of-type`. */
  readonly ofType?: readonly { readonly system: string | null; readonly code: string }[];
}

export interface StringValue {
  readonly type: 'string';
  /** As written: `:exact` compares with this. */
  readonly exact: string;
  /** Lower-cased, accents and punctuation folded, white space collapsed: starts-with and `:contains`. */
  readonly normalized: string;
}

export interface DateValue {
  readonly type: 'date';
  /** First millisecond of the value since the epoch; Number.MIN_SAFE_INTEGER for an open start. */
  readonly low: number;
  /** Last millisecond, inclusive; Number.MAX_SAFE_INTEGER for an open end. */
  readonly high: number;
}

export interface NumberValue {
  readonly type: 'number';
  readonly value: number;
  /** Bounds of the implicit precision: 2.0 is [1.95, 2.05). */
  readonly low: number;
  readonly high: number;
}

export interface QuantityValue {
  readonly type: 'quantity';
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly system: string | null;
  readonly code: string | null;
  readonly unit: string | null;
  /** In base units, where the unit is one of UCUM that can be converted; `code` of these. */
  readonly canonical?: {
    readonly value: number;
    readonly low: number;
    readonly high: number;
    readonly code: string;
  };
}

export interface ReferenceValue {
  readonly type: 'reference';
  /** Target type and id where the reference is local (relative, or absolute below a base of the repository). */
  readonly targetType: string | null;
  readonly targetId: string | null;
  readonly targetVersion: string | null;
  /** The absolute URL, URN or canonical (without `|version`) where it is not local. */
  readonly url: string | null;
  /** Canonical version behind `|`. */
  readonly canonicalVersion: string | null;
  /** Reference.identifier, for `:identifier`. */
  readonly identifier: { readonly system: string | null; readonly value: string } | null;
  /**
   * Of a reference that names something and leads to no resource of the repository: the type that it says to be of; null: it
   * says none. Absent: it leads to one, or has a display alone. Not indexed.
   */
  readonly statedType?: string | null;
}

export interface UriValue {
  readonly type: 'uri';
  readonly uri: string;
}

/** A term of the texts of a resource; `narrative`: of its narrative, else of other text alone. */
export interface TermValue {
  readonly type: 'term';
  readonly term: string;
  readonly narrative: boolean;
}

/** Degrees; latitude from -90 to 90, longitude from -180 to 180. */
export interface PositionValue {
  readonly type: 'position';
  readonly latitude: number;
  readonly longitude: number;
}

export type IndexValue =
  | TermValue
  | PositionValue
  | TokenValue
  | StringValue
  | DateValue
  | NumberValue
  | QuantityValue
  | ReferenceValue
  | UriValue;

/** A composite value: one value a component, all from the same element. */
export interface CompositeValue {
  readonly type: 'composite';
  readonly components: readonly IndexValue[];
}

/** All values of one search parameter in one resource. `code` is the search parameter's code. */
export interface ParameterValues {
  readonly code: string;
  readonly values: readonly (IndexValue | CompositeValue)[];
}
