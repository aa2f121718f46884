/** Entries of one page of a search, a history or an operation. Source: FHIR R4 search.html#count. */
export interface PageCounts {
  /** Where `_count` is absent. */
  readonly usual: number;
  /** A larger `_count` is brought down to this. */
  readonly most: number;
}

const usual = 20;

/** @param most `FIREKEEP_MAXIMUM_COUNT`; absent: there is none */
export function pageCounts(most = Number.MAX_SAFE_INTEGER): PageCounts {
  return { usual: Math.min(usual, most), most };
}

/** The entries that `_count` asks for; undefined: it isn't a whole number from 0. */
export function readPageCount(value: string, { most }: PageCounts): number | undefined {
  return /^\d{1,9}$/.test(value) ? Math.min(Number(value), most) : undefined;
}
