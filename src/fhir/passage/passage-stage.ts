import type { InteractionContext } from '../exchange/interaction-context.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import type { SearchParameterPair } from '../search/parse-search.js';
import type { SearchQuery } from '../search/query.js';
import type { SearchPage, StoredResource, StoreReader } from '../storage/ports.js';
import type { RepeatReader } from '../storage/request-scope.js';
import type { AskedUnit } from './asked-unit.js';

/** The store as one principal may read it. */
export type GrantedReader = StoreReader<SearchQuery>;

/** The store as one principal may use it. */
export interface GrantedStore extends GrantedReader, RepeatReader {
  commit<R>(unit: AskedUnit<R>): Promise<R>;
}

/** What is read, as hooks and the journal are told of it. */
export interface Asked {
  readonly interaction:
    | 'read'
    | 'vread'
    | 'history-instance'
    | 'history-type'
    | 'history-system'
    | 'search-type'
    | 'search-system';
  /** Null: no single type. */
  readonly type: string | null;
  readonly id?: string | undefined;
  /** Of a search: its parameters, and the address below the base. */
  readonly search?: { readonly parameters: readonly SearchParameterPair[]; readonly path: string };
}

/** One way through the passage, from an interaction to the store and back. */
export interface Passing {
  readonly context: InteractionContext;
  /** Undefined where something is written. */
  readonly asked: Asked | undefined;
  /** What the principal may use of the store; the access stage makes it. */
  readonly granted: GrantedStore;
  /** Every resource that the store has given out. */
  readonly shown: StoredResource[];
  /** The first page of a search. */
  found: SearchPage | undefined;
}

/**
 * A stage of the passage. What it leaves out, it lets through as it is.
 */
export interface PassageStage {
  readonly name: 'hooks' | 'journal' | 'lookups' | 'receipts';
  /** Stands around the work of an interaction that reads. @throws FirekeepError which ends it */
  read?(passing: Passing, work: () => Promise<InteractionResult>): Promise<InteractionResult>;
  /** What the stages before it, and the interaction, see of the store. */
  shown?(passing: Passing, reader: GrantedReader): GrantedReader;
  /** Stands around a commit. @throws FirekeepError which ends the unit with nothing stored */
  commit?<R>(passing: Passing, unit: AskedUnit<R>, next: (unit: AskedUnit<R>) => Promise<R>): Promise<R>;
}
