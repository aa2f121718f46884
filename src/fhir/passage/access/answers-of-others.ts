import type { SearchExpression, SearchQuery } from '../../search/query.js';
import { restrictedTo } from '../../search/restrict.js';
import type { RestrictedQuery } from '../../search/restricted-query.js';
import type { ResourceIdentity } from '../../storage/ports.js';

/** Resources that one request asks about; what more there are stays unknown, and grants nothing. */
const MOST = 1_000;

/** A search with what its matches teach. */
export interface AnsweringLookup {
  readonly query: RestrictedQuery;
  readonly learn: (matches: readonly ResourceIdentity[]) => void;
}

/** A condition on resources of one type, and which of them it is to be known for. */
interface Question {
  readonly type: string;
  readonly operand: SearchExpression;
  readonly open: Set<string>;
  readonly known: Map<string, boolean>;
}

/**
 * Whether other resources fulfil what a resource's access depends on (chains, `_has`). What isn't known is noted and
 * asked of the index, all at once; what is known then holds for the request.
 */
export class AnswersOfOthers {
  private readonly questions = new Map<string, Question>();
  private readonly texts = new WeakMap<SearchExpression, string>();
  private asked = 0;

  /**
   * Whether one of the resources fulfils the operand; undefined: that has to be asked first, or can't be any more. A no
   * in its place would be a yes where the operand must not hold.
   */
  readonly ask = (resources: readonly ResourceIdentity[], operand: SearchExpression): boolean | undefined => {
    let isUnknown = false;
    for (const { type, id } of resources) {
      const { known, open } = this.question(type, operand);
      const answer = known.get(id);
      if (answer === true) return true;
      if (answer !== undefined) continue;
      isUnknown = true;
      if (open.has(id) || this.asked >= MOST) continue;
      this.asked += 1;
      open.add(id);
    }
    return isUnknown ? undefined : false;
  };

  /** Whether something has been asked that isn't known. */
  get isOpen(): boolean {
    return [...this.questions.values()].some(({ open }) => open.size > 0);
  }

  /** What answers everything that was asked, also before: in a transaction all of it is asked anew. */
  lookups(repository: string): readonly AnsweringLookup[] {
    return [...this.questions.values()].map((question) => {
      const { type, operand, open, known } = question;
      const ids = [...new Set([...known.keys(), ...open])].sort();
      const search: SearchQuery = {
        repository,
        types: [type],
        filter: [{ kind: 'id', ids }, operand],
        sort: [],
        count: ids.length,
        total: 'none',
      };
      // The server asks, to decide; nobody is shown what it finds.
      const query = restrictedTo(search, undefined);
      const learn = (matches: readonly ResourceIdentity[]): void => {
        const found = new Set(matches.map(({ id }) => id));
        for (const id of ids) {
          known.set(id, found.has(id));
          open.delete(id);
        }
      };
      return { query, learn };
    });
  }

  private question(type: string, operand: SearchExpression): Question {
    let text = this.texts.get(operand);
    if (text === undefined) {
      text = JSON.stringify(operand);
      this.texts.set(operand, text);
    }
    const key = `${type} ${text}`;
    let question = this.questions.get(key);
    if (question === undefined) {
      question = { type, operand, open: new Set(), known: new Map() };
      this.questions.set(key, question);
    }
    return question;
  }
}
