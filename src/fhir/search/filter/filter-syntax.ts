/** A filter as it is written, before its names and values are looked at. Source: FHIR R4 search_filter.html. */
export type FilterSyntax =
  | { readonly kind: 'and' | 'or'; readonly operands: readonly FilterSyntax[] }
  | { readonly kind: 'not'; readonly operand: FilterSyntax }
  | FilterComparison;

export interface FilterComparison {
  readonly kind: 'comparison';
  /** Where it starts: index of its first character. */
  readonly at: number;
  /** At least one step; the last one names the parameter that is compared. */
  readonly path: readonly FilterStep[];
  readonly operator: FilterOperator;
  readonly value: string;
}

/** `name`, or `name[filter]` before the name that it leads to. */
export interface FilterStep {
  readonly at: number;
  readonly name: string;
  readonly filter?: FilterSyntax;
}

export type FilterOperator = (typeof filterOperators)[number];

export const filterOperators = [
  'eq',
  'ne',
  'co',
  'sw',
  'ew',
  'gt',
  'lt',
  'ge',
  'le',
  'ap',
  'sa',
  'eb',
  'pr',
  'po',
  'ss',
  'sb',
  'in',
  'ni',
  're',
] as const;

export function isFilterOperator(text: string): text is FilterOperator {
  return (filterOperators as readonly string[]).includes(text);
}
