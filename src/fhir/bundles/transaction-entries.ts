import { FirekeepError } from '../../platform/errors/index.js';
import { entryPlace } from '../format/bundle-text.js';
import type { Link } from '../format/links.js';
import type { ResourceText } from '../format/resource-text.js';
import type { OutcomeIssue } from '../outcome/operation-outcome.js';
import type { ParameterValues } from '../search/index-values.js';
import type { EntryRequest, ReadingRequest } from '../exchange/interaction-request.js';
import type { PatchDocument } from '../interactions/patch/patch-document.js';
import type { PlannedOperation } from '../operations/operation-writer.js';
import type { IncomingResource } from '../exchange/resource-intake.js';

type RequestOf<T extends EntryRequest['interaction']> = Extract<EntryRequest, { interaction: T }>;

/** The resource of an entry: ready, or with links that only the transaction can resolve. */
export type EntryResource =
  | { readonly incoming: IncomingResource }
  | {
      readonly text: ResourceText;
      readonly links: readonly Link[];
      readonly checked: readonly OutcomeIssue[];
      /** What a search sees of it before its links are resolved. */
      values(): readonly ParameterValues[];
    };

interface EntryPosition {
  readonly index: number;
  readonly fullUrl: string | undefined;
}

export interface DeleteEntry extends EntryPosition {
  readonly request: RequestOf<'delete' | 'conditional-delete'>;
}

export interface CreateEntry extends EntryPosition {
  readonly request: RequestOf<'create'>;
  /** The id that it gets where it creates. */
  readonly id: string;
  readonly resource: EntryResource;
}

export interface UpdateEntry extends EntryPosition {
  readonly request: RequestOf<'update' | 'conditional-update'>;
  /** The id that it gets where it creates and names none. */
  readonly id: string;
  readonly resource: EntryResource;
}

export interface PatchEntry extends EntryPosition {
  readonly request: RequestOf<'patch' | 'conditional-patch'>;
  readonly patch: PatchDocument;
}

/** A call of an operation that writes. */
export interface CallEntry extends EntryPosition {
  readonly request: RequestOf<'operation'>;
  readonly planned: PlannedOperation;
}

export interface ReadEntry extends EntryPosition {
  readonly request: ReadingRequest;
}

/** Entries in the order in which they are carried out. Source: FHIR R4 http.html#trules. */
export interface TransactionEntries {
  readonly deletes: readonly DeleteEntry[];
  readonly creates: readonly CreateEntry[];
  readonly updates: readonly UpdateEntry[];
  readonly patches: readonly PatchEntry[];
  readonly calls: readonly CallEntry[];
  readonly reads: readonly ReadEntry[];
}

/** The text of an entry's resource before links are resolved. */
export function textOf(resource: EntryResource): ResourceText {
  return 'incoming' in resource ? resource.incoming.text : resource.text;
}

/** What a search sees of an entry's resource, as far as that is known before links are resolved. */
export function valuesOf(resource: EntryResource): readonly ParameterValues[] {
  return 'incoming' in resource ? resource.incoming.values : resource.values();
}

/**
 * Which entry writes which resource. A transaction that writes one twice is refused: the outcome would hang on an
 * order that there is not.
 */
export class WrittenIdentities {
  private readonly entries = new Map<string, number>();

  /**
   * @param identity `Patient/17`
   * @throws FirekeepError `FHIR_DUPLICATE_IDENTITY`
   */
  add(identity: string, index: number): void {
    const other = this.entries.get(identity);
    if (other !== undefined) {
      const message = `${entryPlace(other)} and ${entryPlace(index)} both write ${identity}.`;
      throw new FirekeepError('invalid', 'FHIR_DUPLICATE_IDENTITY', message, {
        issues: [{ message, code: 'duplicate', expression: entryPlace(index) }],
      });
    }
    this.entries.set(identity, index);
  }
}

/** @param identity `Patient/17`, which an operation is about and another entry writes */
export function writtenTwice(identity: string, index: number): FirekeepError {
  const message = `${entryPlace(index)} is about ${identity}, which another entry writes.`;
  return new FirekeepError('invalid', 'FHIR_DUPLICATE_IDENTITY', message, {
    issues: [{ message, code: 'duplicate', expression: entryPlace(index) }],
  });
}

/** @throws FirekeepError `FHIR_DUPLICATE_IDENTITY` */
export function requireDistinctIdentities(
  entries: readonly { readonly index: number; readonly request: EntryRequest }[],
): void {
  const written = new WrittenIdentities();
  for (const { index, request } of entries) {
    const { interaction } = request;
    if (interaction === 'update' || interaction === 'delete' || interaction === 'patch') {
      written.add(`${request.type}/${request.id}`, index);
    }
  }
}
