import type { CoverageState, SearchParameter } from '../definitions/index.js';
import type { ParameterValues } from '../search/index-values.js';

/** What a SearchParameter resource defines. */
export interface ParameterDefinition {
  /** Resource types that have it, abstract ones resolved. */
  readonly types: readonly string[];
  readonly parameter: Omit<SearchParameter, 'coverage'>;
}

/** `removing`: no longer defined, and rows of it may still stand in the index. */
export type ParameterState = CoverageState | 'removing';

/** A search parameter of a repository, for one resource type. */
export interface RegisteredParameter {
  readonly repository: string;
  readonly type: string;
  /** Id of the SearchParameter that defines it. */
  readonly resource: string;
  readonly parameter: Omit<SearchParameter, 'coverage'>;
  /** SHA-256 of what decides its values, hexadecimal. */
  readonly digest: string;
  readonly state: ParameterState;
  /** Whether a re-index left resources out that can't be indexed. */
  readonly skipped: boolean;
  /** Version of the definitions from which on writes have its values. */
  readonly since: number;
}

/**
 * The search parameters that repositories define for themselves, as this process knows them. Every write proves in
 * its transaction that it was indexed by the current version, so that no process can write by an older one.
 */
export interface ParameterRegistry {
  /** Grows with every change in any repository. */
  readonly version: number;
  readonly parameters: readonly RegisteredParameter[];
  /** Learns what others have changed: one read of one row where that is nothing. @returns whether it was something */
  refresh(): Promise<boolean>;
  onChange(listener: () => void): void;
}

/** Injection token of the ParameterRegistry. */
export const PARAMETER_REGISTRY = Symbol('ParameterRegistry');

/** How the values of a write were derived, so that they can be derived again where the definitions have changed. */
export interface Indexing {
  /** Of the definitions. */
  readonly version: number;
  derive(): readonly ParameterValues[];
}
