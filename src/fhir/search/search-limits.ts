import { pageCounts, type PageCounts } from './page-count.js';

/** Bounds of one search. A request beyond them is refused before any of it is evaluated. */
export interface SearchLimits {
  /** Parameters, repetitions counted. */
  readonly parameters: number;
  /** Comma-separated values over all parameters. */
  readonly values: number;
  /** Characters of a single parameter, name and value together. */
  readonly parameterLength: number;
  /** Characters of a single value between two commas. */
  readonly valueLength: number;
  readonly sortKeys: number;
  /** `_include` and `_revinclude` together. */
  readonly includeDirectives: number;
  /** References that one parameter follows, by chains and `_has`. */
  readonly pathLength: number;
  /** References that all parameters together follow. */
  readonly links: number;
  /** Characters of a `_filter`. */
  readonly filterLength: number;
  /** Brackets of a `_filter` that are open at once. */
  readonly filterDepth: number;
  /** Comparisons of a `_filter`. */
  readonly filterComparisons: number;
  readonly counts: PageCounts;
}

export const defaultSearchLimits: SearchLimits = {
  parameters: 64,
  values: 1000,
  parameterLength: 100_000,
  valueLength: 2048,
  sortKeys: 5,
  includeDirectives: 20,
  pathLength: 8,
  links: 32,
  filterLength: 8192,
  filterDepth: 16,
  filterComparisons: 64,
  counts: pageCounts(),
};
