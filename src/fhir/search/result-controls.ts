import type { Definitions } from '../definitions/index.js';
import { readPageCount } from './page-count.js';
import { parseSort } from './parse-sort.js';
import type { SearchQuery, SortKey } from './query.js';
import { invalidValue, repeatedParameter } from './search-errors.js';
import type { SearchLimits } from './search-limits.js';

/** Name of the parameter that carries a page token in next links. */
export const pageParameter = '_page';

/** Parameters that shape the answer or its form; each may stand once. `_format` and `_pretty` belong to the transport. */
const controlParameters = [
  '_count',
  '_sort',
  '_total',
  '_summary',
  '_elements',
  '_contained',
  '_format',
  '_pretty',
  '_explain',
  pageParameter,
] as const;
export type ControlParameter = (typeof controlParameters)[number];

export function isControlParameter(name: string): name is ControlParameter {
  return (controlParameters as readonly string[]).includes(name);
}

interface ControlReading {
  /** What the self link says; empty: nothing. */
  readonly applied: string;
  readonly unknown: readonly string[];
}

/**
 * Collects what the result parameters say: page size, order, total. Source: FHIR R4 search.html#return.
 *
 * A page is of as many matches as `PageCounts` says; `_count=0` and `_summary=count` ask for the
 * number of matches alone.
 */
export class ResultControls {
  sort: readonly SortKey[] = [];
  total: SearchQuery['total'] = 'none';
  page: string | null = null;
  explain = false;
  private size: number;
  private summary = '';
  private readonly seen = new Set<string>();

  constructor(
    private readonly definitions: Definitions,
    private readonly types: readonly string[],
    private readonly limits: SearchLimits,
  ) {
    this.size = limits.counts.usual;
  }

  /** Matches a page; 0: the total only. */
  get count(): number {
    return this.summary === 'count' ? 0 : this.size;
  }

  /** Whether nothing but narratives is asked for. */
  get textOnly(): boolean {
    return this.summary === 'text';
  }

  /** @throws FirekeepError for a value that the parameter does not take, and where it stands twice. */
  read(name: ControlParameter, value: string): ControlReading {
    if (this.seen.has(name)) throw repeatedParameter(name);
    this.seen.add(name);
    switch (name) {
      case '_count':
        this.size = this.readCount(value);
        break;
      case '_sort':
        return this.readSort(value);
      case '_total':
        this.total = readTotal(value);
        break;
      case '_summary':
        this.summary = value;
        break;
      case '_explain':
        this.explain = readBoolean(name, value);
        break;
      case pageParameter:
        this.page = value;
        return nothing;
      // The form of the answer is settled before the search.
      case '_contained':
      case '_elements':
      case '_format':
      case '_pretty':
        break;
    }
    return { applied: value, unknown: [] };
  }

  private readCount(value: string): number {
    const count = readPageCount(value, this.limits.counts);
    if (count === undefined) throw invalidValue('_count', value, 'a whole number from 0');
    return count;
  }

  private readSort(value: string): ControlReading {
    const { keys, applied, unknown } = parseSort(this.definitions, this.types, value, this.limits);
    this.sort = keys;
    return { applied, unknown };
  }
}

const nothing: ControlReading = { applied: '', unknown: [] };

function readTotal(value: string): SearchQuery['total'] {
  if (value === 'none' || value === 'estimate' || value === 'accurate') return value;
  throw invalidValue('_total', value, 'none, estimate or accurate');
}

function readBoolean(name: string, value: string): boolean {
  if (value === 'true' || value === 'false') return value === 'true';
  throw invalidValue(name, value, 'true or false');
}
