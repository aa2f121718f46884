import { FirekeepError } from '../../platform/errors/index.js';
import { dateRange } from '../search/extraction/index.js';
import type { ParsedSearch, SearchParameterPair } from '../search/parse-search.js';
import { readPageCount, type PageCounts } from '../search/page-count.js';
import type { TimeSpan } from '../storage/ports.js';
import type { InteractionContext } from '../exchange/interaction-context.js';

export interface HistoryParameters {
  readonly parsed: ParsedSearch;
  readonly filter: HistoryFilter;
}

/** What the store is asked for besides a page. */
export interface HistoryFilter {
  /** Milliseconds since the epoch. */
  readonly since?: number;
  readonly at?: TimeSpan;
  readonly ascending?: boolean;
}

export interface HistoryReading {
  /** Zone of dates without one. */
  readonly zone: string;
  readonly counts: PageCounts;
}

/** Parameters of the form of the answer, which is settled before. */
const transport = new Set(['_format', '_pretty', '_summary', '_elements']);

/**
 * Reads `_count`, `_since`, `_at` and `_sort`. Source: FHIR R4 http.html#history.
 *
 * @param path address below the base, `Patient/17/_history`; page links are bound to it
 */
export function parseHistoryParameters(
  { endpoint: { repository }, handling }: InteractionContext,
  path: string,
  parameters: readonly SearchParameterPair[],
  { zone, counts }: HistoryReading,
): HistoryParameters {
  let count = counts.usual;
  const filter: { since?: number; at?: TimeSpan; ascending?: boolean } = {};
  let countOnly = false;
  let page: string | null = null;
  const applied: SearchParameterPair[] = [];
  const seen = new Set<string>();
  for (const pair of parameters) {
    const [name, value] = pair;
    if (seen.has(name)) throw invalid(name, 'may stand only once.');
    seen.add(name);
    if (name === '_page') page = value;
    else if (name === '_count') {
      const asked = readPageCount(value, counts);
      if (asked === undefined) throw invalid(name, 'must be a whole number from 0.');
      count = asked;
      applied.push(pair);
    } else if (name === '_since') {
      const { low } = dateRange(value, zone) ?? {};
      if (low === undefined) throw invalid(name, 'must be an instant such as 2024-05-01T12:00:00Z.');
      filter.since = low;
      applied.push(pair);
    } else if (name === '_at') {
      const range = dateRange(value, zone);
      if (range === undefined) throw invalid(name, 'must be a date or time such as 2024-05-01.');
      filter.at = range;
      applied.push(pair);
    } else if (name === '_sort') {
      if (value !== '_lastUpdated' && value !== '-_lastUpdated') {
        throw invalid(name, 'must be _lastUpdated or -_lastUpdated: a history has no other order.');
      }
      filter.ascending = value === '_lastUpdated';
      applied.push(pair);
    } else if (transport.has(name)) {
      if (name === '_summary' && value === 'count') countOnly = true;
      applied.push(pair);
    } else if (handling === 'strict' || name === '_list') {
      throw invalid(name, 'is not a parameter of a history here; _count, _since, _at and _sort are.');
    }
  }
  const query = {
    repository,
    types: [path],
    filter: [],
    sort: [],
    count: countOnly ? 0 : count,
    total: 'accurate' as const,
  };
  return { parsed: { query, applied, warnings: [], page }, filter };
}

function invalid(name: string, what: string): FirekeepError {
  return new FirekeepError('invalid', 'FHIR_HISTORY_PARAMETER', `"${name.slice(0, 80)}" ${what}`);
}
