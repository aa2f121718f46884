import { FirekeepError, type ErrorIssue } from '../../platform/errors/index.js';
import type { SearchParameter } from '../definitions/index.js';
import { shown } from './search-errors.js';

/**
 * Answers for a parameter that came after some of the resources: a search by it never gives less than was asked
 * for without saying so.
 *
 * @param handling strict: incomplete answers are not accepted; criteria of conditional interactions are always strict
 * @returns the warning of an incomplete search; undefined: it is complete
 * @throws FirekeepError 400 `FHIR_SEARCH_INCOMPLETE_INDEX`
 */
export function requireCoverage(
  parameters: readonly (SearchParameter | undefined)[],
  name: string,
  handling: 'strict' | 'lenient',
): ErrorIssue | undefined {
  const incomplete = parameters.filter(
    (one) => one?.coverage !== undefined && one.coverage.state !== 'complete',
  );
  if (incomplete.length === 0) return undefined;
  const message = `Resources that were stored before the search parameter "${shown(name)}" came are not found by it.`;
  if (handling === 'strict' || !incomplete.every((one) => one !== undefined && isAnswered(one))) {
    throw new FirekeepError('invalid', 'FHIR_SEARCH_INCOMPLETE_INDEX', message, {
      issues: [{ message, code: 'incomplete' }],
    });
  }
  return { severity: 'warning', code: 'incomplete', message };
}

/** Whether searches by a parameter are answered at all, be it with a warning. */
export function isAnswered({ coverage }: SearchParameter): boolean {
  if (coverage === undefined || coverage.state === 'complete') return true;
  return coverage.state === 'partial' && coverage.whenIncomplete === 'warn';
}
