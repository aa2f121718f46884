import { FirekeepError } from '../../platform/errors/index.js';
import { entryPlace } from '../format/bundle-text.js';
import type { Link } from '../format/links.js';
import type { ResourceText } from '../format/resource-text.js';
import type { OutcomeIssue } from '../outcome/operation-outcome.js';
import type { EntryRequest, ReadingEntry } from './entry-request.js';
import type { IncomingResource } from './resource-intake.js';

type Deletion = Extract<EntryRequest, { interaction: 'delete' }>;
type Creation = Extract<EntryRequest, { interaction: 'create' }>;
type Update = Extract<EntryRequest, { interaction: 'update' }>;

/** The resource of an entry: ready, or with links that only the transaction can resolve. */
export type EntryResource =
  | { readonly incoming: IncomingResource }
  | {
      readonly text: ResourceText;
      readonly links: readonly Link[];
      readonly checked: readonly OutcomeIssue[];
    };

interface EntryPosition {
  readonly index: number;
  readonly fullUrl: string | undefined;
}

export interface DeleteEntry extends EntryPosition {
  readonly request: Deletion;
}

export interface CreateEntry extends EntryPosition {
  readonly request: Creation;
  /** The id that it gets where it creates. */
  readonly id: string;
  readonly resource: EntryResource;
}

export interface UpdateEntry extends EntryPosition {
  readonly request: Update;
  readonly resource: EntryResource;
}

export interface ReadEntry extends EntryPosition {
  readonly request: ReadingEntry;
}

/** Entries in the order in which they are carried out. Source: FHIR R4 http.html#trules. */
export interface TransactionEntries {
  readonly deletes: readonly DeleteEntry[];
  readonly creates: readonly CreateEntry[];
  readonly updates: readonly UpdateEntry[];
  readonly reads: readonly ReadEntry[];
}

/**
 * Refuses a transaction that would write a resource twice: the outcome would hang on an order that there is not.
 *
 * @throws FirekeepError `FHIR_DUPLICATE_IDENTITY`
 */
export function requireDistinctIdentities(
  entries: readonly { readonly index: number; readonly request: EntryRequest }[],
): void {
  const seen = new Map<string, number>();
  for (const { index, request } of entries) {
    if (request.interaction !== 'update' && request.interaction !== 'delete') continue;
    const identity = `${request.type}/${request.id}`;
    const other = seen.get(identity);
    if (other !== undefined) {
      const message = `${entryPlace(other)} and ${entryPlace(index)} both write ${identity}.`;
      throw new FirekeepError('invalid', 'FHIR_DUPLICATE_IDENTITY', message, {
        issues: [{ message, code: 'duplicate', expression: entryPlace(index) }],
      });
    }
    seen.set(identity, index);
  }
}
