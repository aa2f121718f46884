import type { ResourceStore, WriteUnit } from '../../storage/ports.js';
import type { RestrictedQuery } from '../../search/restricted-query.js';
import type { AskedUnit } from '../asked-unit.js';
import { AnswersOfOthers } from './answers-of-others.js';
import { FirekeepError } from '../../../platform/errors/index.js';

/** What has to be asked may depend on what was answered; beyond that the answer is no. */
export const MOST_ROUNDS = 4;

type Narrowed<R> = Pick<WriteUnit<R>, 'apply'> & {
  readonly conditions: readonly RestrictedQuery[] | undefined;
  readonly lookups: readonly RestrictedQuery[] | undefined;
};

/** Ends an attempt that asked what it was not told. */
class Unanswered extends Error {}

/**
 * Commits units whose access depends on other resources. What a unit asks is found out by an attempt that stores
 * nothing; the next one is told, by lookups of its own transaction.
 */
export class LookedUpUnits {
  constructor(private readonly store: ResourceStore) {}

  /** @param narrow the unit as it may be done, by what is known of other resources */
  async commit<R>(unit: AskedUnit<R>, narrow: (answers: AnswersOfOthers) => Narrowed<R>): Promise<R> {
    const answers = new AnswersOfOthers();
    for (let round = 0; round <= MOST_ROUNDS; round += 1) {
      try {
        return await this.store.commit(attempt(unit, narrow(answers), answers));
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error;
      }
    }
    throw new FirekeepError(
      'forbidden',
      'FHIR_ACCESS_OUTSIDE',
      'Whether this lies within what was granted depends on too many other resources.',
    );
  }
}

function attempt<R>(unit: AskedUnit<R>, narrowed: Narrowed<R>, answers: AnswersOfOthers): WriteUnit<R> {
  const { conditions, lookups, apply } = narrowed;
  const asked = answers.lookups(unit.repository);
  const own = (conditions?.length ?? 0) + (lookups?.length ?? 0);
  const withAnswers = [...(lookups ?? []), ...asked.map(({ query }) => query)];
  const { repository, receipt, deadline, bytes } = unit;
  return {
    repository,
    conditions,
    lookups: withAnswers.length === 0 ? undefined : withAnswers,
    receipt,
    deadline,
    bytes,
    targets:
      unit.targets === undefined ? undefined : (matches) => unit.targets?.(matches.slice(0, own)) ?? [],
    apply: (transaction) => {
      for (const [index, { learn }] of asked.entries()) learn(transaction.matches[own + index] ?? []);
      let decided: ReturnType<typeof apply> | undefined;
      let failure: unknown;
      try {
        decided = apply({ ...transaction, matches: transaction.matches.slice(0, own) });
      } catch (error) {
        failure = error;
      }
      // What it decided without knowing is void, refusals too.
      if (answers.isOpen) throw new Unanswered();
      if (decided === undefined) throw failure;
      return decided;
    },
  } as WriteUnit<R>;
}
