import type { SearchQuery } from '../search/query.js';

interface Criterion {
  readonly position: number;
  readonly query: SearchQuery;
}

/** Criteria of one kind, each text once: a thousand references to one practitioner are one search. */
export class TransactionCriteria {
  private readonly byText = new Map<string, Criterion>();

  /** @param parse called for the first of equal texts only */
  add(type: string, criteria: string, parse: () => SearchQuery): void {
    const text = `${type}?${criteria}`;
    if (!this.byText.has(text)) this.byText.set(text, { position: this.byText.size, query: parse() });
  }

  get queries(): readonly SearchQuery[] {
    return [...this.byText.values()].map(({ query }) => query);
  }

  /** Where the matches of a criterion stand among those of `queries`. */
  positionOf(type: string, criteria: string): number {
    return this.byText.get(`${type}?${criteria}`)?.position ?? -1;
  }
}
