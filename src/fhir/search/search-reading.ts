import type { Definitions } from '../definitions/index.js';
import type { TextIndex } from './text/text-index.js';
import type { SearchLimits } from './search-limits.js';

/** What decides how parameters are read, whichever resource type they are for. */
export interface SearchReading {
  readonly definitions: Definitions;
  /** Addresses of the repository, as `EndpointRegistry.bases` gives them: a reference below one is local. */
  readonly bases: readonly string[];
  /** Zone of dates without one: IANA name or `+hh:mm`; the same as at extraction. */
  readonly zone: string;
  /** Which words are indexed; absent: all. */
  readonly text?: TextIndex;
  readonly limits?: Partial<SearchLimits>;
}
