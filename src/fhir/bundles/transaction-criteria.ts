import { FirekeepError } from '../../platform/errors/index.js';
import type { SearchQuery } from '../search/query.js';
import { errorOfEntry } from '../exchange/entry-error.js';
import type { Selection } from '../passage/lookups/conditional-criteria.js';

/** Each is a search inside of the transaction. */
const maximumCriteria = 2_000;

/** Most matches of one criterion that are looked at. */
export const maximumMatches = 20_000;

interface Criterion {
  readonly position: number;
  /** The first entry that has it. */
  readonly entry: number;
  selection: Selection;
  /** Matches that are of use, and one more. */
  limit: number;
}

/** Criteria of one kind, each text once: a thousand references to one practitioner are one search. */
export class TransactionCriteria {
  private readonly byText = new Map<string, Criterion>();

  /**
   * @param entry index of the entry that has it
   * @param parse called for the first of equal texts only
   * @param limit matches to look for: one more than are of use
   * @throws FirekeepError `FHIR_TOO_MANY_CRITERIA`
   */
  add(entry: number, type: string, criteria: string, parse: () => SearchQuery, limit = 2): void {
    const text = `${type}?${criteria}`;
    const known = this.byText.get(text);
    if (known !== undefined) {
      known.limit = Math.max(known.limit, limit);
      return;
    }
    if (this.byText.size >= maximumCriteria) {
      throw new FirekeepError(
        'too-large',
        'FHIR_TOO_MANY_CRITERIA',
        `A transaction may have ${maximumCriteria} different criteria. Split it.`,
      );
    }
    const selection = { text, query: parse() };
    this.byText.set(text, { position: this.byText.size, entry, selection, limit });
  }

  /**
   * Has value sets and the like looked up, before the transaction begins.
   *
   * @throws FirekeepError that names the entry
   */
  async resolve(resolve: (query: SearchQuery) => Promise<SearchQuery>): Promise<void> {
    for (const criterion of this.byText.values()) {
      const { text, query } = criterion.selection;
      try {
        criterion.selection = { text, query: await resolve(query) };
      } catch (thrown) {
        throw errorOfEntry(thrown, criterion.entry);
      }
    }
  }

  /**
   * The searches, in the order of their positions.
   *
   * @param written resources of a type that the transaction itself changes or deletes: these may be all that the
   *   first matches are, and hide others
   */
  queries(written: (type: string) => number): readonly SearchQuery[] {
    return [...this.byText.values()].map(({ selection: { query }, limit }) => ({
      ...query,
      count: Math.min(maximumMatches, limit + query.types.reduce((sum, type) => sum + written(type), 0)),
    }));
  }

  get size(): number {
    return this.byText.size;
  }

  /** Undefined: never added. */
  find(type: string, criteria: string): (Selection & { readonly position: number }) | undefined {
    const found = this.byText.get(`${type}?${criteria}`);
    return found && { ...found.selection, position: found.position };
  }
}
