import type { PackedParameter } from './data-files.js';

const URL_PREFIX = 'http://hl7.org/fhir/SearchParameter/';

export type SearchParameterType =
  'number' | 'date' | 'string' | 'token' | 'reference' | 'composite' | 'quantity' | 'uri' | 'special';

/** A component of a composite parameter. */
export interface SearchParameterComponent {
  /** URL of the parameter that gives the component its type. */
  readonly definition: string;
  /** FHIRPath, evaluated on each element that the composite's expression selects. */
  readonly expression: string;
}

/** A search parameter as the types it belongs to share it. Source: FHIR R4 searchparameter.html. */
export interface SearchParameter {
  readonly code: string;
  readonly url: string;
  readonly base: readonly string[];
  readonly type: SearchParameterType;
  /** FHIRPath over all base types; null for `_text`, `_content` and `_query`, which no element gives. */
  readonly expression: string | null;
  /** Concrete resource types that a reference may point to; empty for other types. */
  readonly targets: readonly string[];
  readonly components: readonly SearchParameterComponent[];
  /** False where the definition forbids several comma-separated values. */
  readonly multipleOr: boolean;
  /** `phonetic` and `nearby` parameters ask for a matching of their own. */
  readonly usage: 'normal' | 'phonetic' | 'nearby';
  /** Of a parameter that an extension added; absent: it has been there from the first resource on. */
  readonly coverage?: SearchCoverage;
}

/**
 * What the index holds of an added parameter. `partial`: resources that came before it have no values. `stale`:
 * some have values of another definition, so that a search would find what it must not.
 */
export type CoverageState = 'complete' | 'partial' | 'stale';

/** How far the index can be trusted with an added parameter. */
export interface SearchCoverage {
  /** Set before the first request. */
  state: CoverageState;
  readonly whenIncomplete: 'refuse' | 'warn';
}

/** A parameter from its packed form; `anyType` replaces the target `Resource`. */
export function unpackParameter(packed: PackedParameter, anyType: readonly string[]): SearchParameter {
  return {
    code: packed.code,
    url: URL_PREFIX + packed.id,
    base: packed.base,
    type: packed.type as SearchParameterType,
    expression: packed.expression ?? null,
    targets: packed.target?.[0] === 'Resource' ? anyType : (packed.target ?? []),
    components: (packed.component ?? []).map((c) => ({
      definition: URL_PREFIX + c.id,
      expression: c.expression,
    })),
    multipleOr: packed.multipleOr !== 0,
    usage: (packed.usage as SearchParameter['usage'] | undefined) ?? 'normal',
  };
}
