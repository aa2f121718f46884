import { FirekeepError } from '../../platform/errors/index.js';
import type { SearchQuery } from '../search/query.js';

/** Each is a search inside of the transaction. */
const maximumCriteria = 2_000;

interface Criterion {
  readonly position: number;
  readonly query: SearchQuery;
}

/** Criteria of one kind, each text once: a thousand references to one practitioner are one search. */
export class TransactionCriteria {
  private readonly byText = new Map<string, Criterion>();

  /**
   * @param parse called for the first of equal texts only
   * @throws FirekeepError `FHIR_TOO_MANY_CRITERIA`
   */
  add(type: string, criteria: string, parse: () => SearchQuery): void {
    const text = `${type}?${criteria}`;
    if (this.byText.has(text)) return;
    if (this.byText.size >= maximumCriteria) {
      throw new FirekeepError(
        'too-large',
        'FHIR_TOO_MANY_CRITERIA',
        `A transaction may have ${maximumCriteria} different criteria. Split it.`,
      );
    }
    this.byText.set(text, { position: this.byText.size, query: parse() });
  }

  get queries(): readonly SearchQuery[] {
    return [...this.byText.values()].map(({ query }) => query);
  }

  /** Where the matches of a criterion stand among those of `queries`. */
  positionOf(type: string, criteria: string): number {
    return this.byText.get(`${type}?${criteria}`)?.position ?? -1;
  }
}
