import { readResourceText } from '../format/resource-text.js';
import { matchesFilter } from '../search/match/resource-matcher.js';
import type { SearchQuery } from '../search/query.js';
import type { ResourceIdentity, StoredResource, WriteContext } from '../storage/ports.js';
import { matchOvertaken, multipleMatches } from './interaction-errors.js';
import type { ResourceIntake } from './resource-intake.js';

/** Criteria that pick the resource of a conditional interaction. */
export interface Selection {
  /** `Patient?identifier=…`, for messages. */
  readonly text: string;
  readonly query: SearchQuery;
}

/**
 * The one resource that criteria match, as it is under the lock of the transaction; undefined: none.
 *
 * @throws FirekeepError `FHIR_MULTIPLE_MATCHES`, `FHIR_MATCH_OVERTAKEN`
 */
export function selectedResource(
  intake: ResourceIntake,
  { text, query }: Selection,
  matches: readonly ResourceIdentity[],
  context: Pick<WriteContext, 'current'>,
): StoredResource | undefined {
  if (matches.length > 1) throw multipleMatches(text);
  const [match] = matches;
  return match && lockedMatch(intake, { text, query }, match, context);
}

/** A match, which another transaction may have changed between the search and the lock, so that it is none. */
export function lockedMatch(
  intake: ResourceIntake,
  { text, query }: Selection,
  { type, id }: ResourceIdentity,
  context: Pick<WriteContext, 'current'>,
): StoredResource {
  const current = context.current(type, id);
  if (current === undefined) throw new Error('A match of a condition was not among the targets.');
  if (current.deleted) throw matchOvertaken(text);
  const values = intake.values(readResourceText(current.content), query.repository);
  if (!matchesFilter({ id, lastUpdated: current.lastUpdated, values }, query.filter))
    throw matchOvertaken(text);
  return current;
}
