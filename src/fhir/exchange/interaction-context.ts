import type { Principal } from '../../contract/index.js';
import type { FhirEndpoint } from '../../endpoints/index.js';
import type { RequestScope } from '../storage/request-scope.js';

/** Through which door and for whom an interaction happens. */
export interface InteractionContext {
  readonly endpoint: FhirEndpoint;
  readonly principal: Principal;
  readonly handling: 'strict' | 'lenient';
  /** The client itself asks for lenient handling: operations, too, leave out what they don't know. */
  readonly asksLenient?: boolean;
  /** Searches say how they were answered, as with `_explain=true`. */
  readonly explain?: boolean;
  /** False: answers to writes say what was done, and show no resource. */
  readonly showsWritten?: boolean;
  /**
   * Of the entries of a Bundle: milliseconds since the epoch when it came. What its entries write grants nothing to others of
   * them.
   */
  readonly bundledAt?: number;
  /** Holds what the store is asked for to the time of the request, and makes it safe to repeat; absent: neither. */
  readonly scope?: RequestScope;
}
