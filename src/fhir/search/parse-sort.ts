import { isIndexed } from './parse-filter.js';
import type { SortKey } from './query.js';
import { requireCoverage } from './answered-parameters.js';
import { tooComplex, unknownParameterMessage, unsupportedParameter } from './search-errors.js';
import type { SearchLimits } from './search-limits.js';
import type { Definitions } from '../definitions/index.js';

export interface ParsedSort {
  readonly keys: readonly SortKey[];
  /** The keys that are evaluated, as they were written. */
  readonly applied: string;
  /** Of keys that the type does not have: what to tell about them. */
  readonly unknown: readonly string[];
}

/**
 * `_sort=status,-date`: a minus sorts descending. Source: FHIR R4 search.html#sort.
 *
 * @throws FirekeepError for a parameter that is known and can't be sorted by.
 */
export function parseSort(
  definitions: Definitions,
  types: readonly string[],
  value: string,
  limits: SearchLimits,
): ParsedSort {
  const written = value.split(',');
  if (written.length > limits.sortKeys) throw tooComplex(`has more than ${limits.sortKeys} sort keys`);
  const keys: SortKey[] = [];
  const applied: string[] = [];
  const unknown: string[] = [];
  for (const text of written) {
    const descending = text.startsWith('-');
    const code = descending ? text.slice(1) : text;
    const type = sortType(definitions, types, code);
    if (type === undefined) unknown.push(`_sort: ${unknownParameterMessage(code, types.join(', '))}`);
    else {
      keys.push({ code, type, descending });
      applied.push(text);
    }
  }
  return { keys, applied: applied.join(','), unknown };
}

function sortType(
  definitions: Definitions,
  types: readonly string[],
  code: string,
): SortKey['type'] | undefined {
  if (code === '_id') return 'id';
  if (code === '_lastUpdated') return 'last-updated';
  const parameters = types.map((type) => definitions.searchParameter(type, code));
  const [first] = parameters;
  if (first === undefined || parameters.includes(undefined)) return undefined;
  if (!isIndexed(first) || parameters.some((parameter) => parameter?.type !== first.type)) {
    throw unsupportedParameter('_sort', `"${code}" has no values that can be put in order.`);
  }
  // What has no values stands behind all others: a page would not be in the order that was asked for.
  requireCoverage(parameters, code, 'strict');
  return first.type;
}
