import type { OwnResource } from '../../format/resource-text.js';
import { Injectable } from '@nestjs/common';
import { FirekeepError } from '../../../platform/errors/index.js';
import type { Asked } from '../passage-stage.js';
import type { InteractionContext } from '../../exchange/interaction-context.js';

/** A write as the journal sees it, inside the transaction that makes it. */
export interface JournalledWrite {
  /** What happens to the resource, whatever the request was: a PUT may create. */
  readonly kind: 'create' | 'update' | 'delete';
  readonly type: string;
  readonly id: string;
  readonly version: number;
  /** Ids of the patients in whose compartment the resource is: after the write, of a deletion before it. */
  readonly patients: readonly string[];
}

/** What has been read and is about to be answered. */
export interface JournalledRead {
  readonly interaction: Asked['interaction'];
  /** Null: no single type. */
  readonly type: string | null;
  readonly id?: string;
  readonly version?: number;
  /** Of a search: address and parameters. */
  readonly query?: string;
  /** Ids of the patients in whose compartment something of the answer is. */
  readonly patients: readonly string[];
}

/** Keeps a record of what is done. Filled by `audit`, asked where interactions meet the store. */
export interface FhirJournal {
  /** Whether writes are kept. */
  readonly keepsWrites: boolean;
  /** Whether reads are kept; where they are not, nothing is worked out for them. */
  readonly keepsReads: boolean;
  /**
   * Resources to be stored with the writes, in the same commit. Synchronous and without
   * effects, since a transaction may be tried several times.
   *
   * @param now milliseconds since the epoch: `lastUpdated` of the writes
   */
  written(
    writes: readonly JournalledWrite[],
    context: InteractionContext,
    now: number,
  ): readonly OwnResource[];
  /** @throws FirekeepError where the answer must not go out, since it can't be kept */
  read(read: JournalledRead, context: InteractionContext): Promise<void>;
}

/** The tag that tells the server's own records from those of clients. Nobody else can set it. */
export const journalTag = { system: 'urn:firekeep:audit', code: 'recorded' } as const;

/** The journal in use; none until a module registers one. */
@Injectable()
export class FhirJournals {
  private journal: FhirJournal | undefined;

  /** Call it before the first request. */
  use(journal: FhirJournal): void {
    this.journal = journal;
  }

  get current(): FhirJournal | undefined {
    return this.journal;
  }
}

/** @returns the error for a client that marks a resource as a record of the server's */
export function forgedRecord(): FirekeepError {
  return new FirekeepError(
    'forbidden',
    'FHIR_AUDIT_TAG_RESERVED',
    `The tag ${journalTag.system}|${journalTag.code} is for AuditEvents that this server has recorded itself. Leave it out.`,
  );
}
