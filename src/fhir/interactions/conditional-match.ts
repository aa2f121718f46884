import { readResourceText } from '../format/resource-text.js';
import { matchesFilter } from '../search/match/resource-matcher.js';
import type { Selection } from '../passage/lookups/conditional-criteria.js';
import type { ResourceIdentity, StoredResource, WriteContext } from '../storage/ports.js';
import { matchOvertaken, multipleMatches } from '../exchange/interaction-errors.js';
import type { ResourceIntake } from '../exchange/resource-intake.js';

/**
 * The one resource that criteria match, as it is under the lock of the transaction; undefined: none.
 *
 * @throws FirekeepError `FHIR_MULTIPLE_MATCHES`, `FHIR_MATCH_OVERTAKEN`
 */
export function selectedResource(
  intake: ResourceIntake,
  { text, query }: Selection,
  matches: readonly ResourceIdentity[],
  context: Pick<WriteContext, 'current' | 'now'>,
): StoredResource | undefined {
  if (matches.length > 1) throw multipleMatches(text);
  const [match] = matches;
  return match && lockedMatch(intake, { text, query }, match, context);
}

/** How long before now a change may have been made that the search of a transaction under way has not seen, in ms. */
const unseenChanges = 10 * 60_000;

/**
 * A match, which another transaction may have changed between the search and the lock, so that it is none. What was
 * written long ago has not, and need not be looked at again.
 */
export function lockedMatch(
  intake: ResourceIntake,
  { text, query }: Selection,
  { type, id }: ResourceIdentity,
  context: Pick<WriteContext, 'current' | 'now'>,
): StoredResource {
  const current = context.current(type, id);
  if (current === undefined) throw new Error('A match of a condition was not among the targets.');
  if (current.deleted) throw matchOvertaken(text);
  const { lastUpdated, content } = current;
  if (lastUpdated < context.now - unseenChanges) return current;
  const values = intake.values(readResourceText(content), query.repository);
  // What other resources decide (chains) holds as of the search: these are not locked.
  if (matchesFilter({ type, id, lastUpdated, values }, query.filter) === false) throw matchOvertaken(text);
  return current;
}
