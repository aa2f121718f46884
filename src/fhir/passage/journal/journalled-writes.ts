import { Inject, Injectable } from '@nestjs/common';
import type { InteractionContext } from '../../exchange/interaction-context.js';
import { STORED_BODY_READER, type StoredBodyReader } from '../../storage/check/stored-body.js';
import {
  makesVersion,
  type PlannedWrite,
  type VersionWrite,
  type WriteContext,
} from '../../storage/ports.js';
import { FhirJournals, forgedRecord, journalTag, type JournalledWrite } from './fhir-journal.js';
import { patientsOf } from './patients.js';
import { ServerResources } from './server-resources.js';

const none: readonly PlannedWrite[] = [];

/** Adds to what a unit writes the record of it, so that both are committed or neither. */
@Injectable()
export class JournalledWrites {
  constructor(
    private readonly journals: FhirJournals,
    private readonly resources: ServerResources,
    @Inject(STORED_BODY_READER) private readonly bodies: StoredBodyReader,
  ) {}

  /**
   * What is to be written besides.
   *
   * @throws FirekeepError 403 `FHIR_AUDIT_TAG_RESERVED`
   */
  of(
    writes: readonly PlannedWrite[],
    transaction: WriteContext,
    context: InteractionContext,
  ): readonly PlannedWrite[] {
    const versions = writes.filter(makesVersion);
    if (versions.some(isForged)) throw forgedRecord();
    const journal = this.journals.current;
    if (journal?.keepsWrites !== true || versions.length === 0) return none;
    const { repository } = context.endpoint;
    const seen = versions.map((write) => this.journalled(write, transaction, repository));
    return journal
      .written(seen, context, transaction.now)
      .map((resource) => this.resources.creation(resource, repository, transaction.now));
  }

  private journalled(write: VersionWrite, transaction: WriteContext, repository: string): JournalledWrite {
    const { type, id, version } = write;
    if (write.kind === 'delete') {
      const before = transaction.current(type, id);
      const values = before === undefined ? [] : this.bodies.read(before.content, repository).values();
      return { kind: 'delete', type, id, version, patients: patientsOf(type, id, values) };
    }
    const isRevived = write.kind === 'update' && transaction.current(type, id)?.deleted !== false;
    const kind = isRevived ? 'create' : write.kind;
    return { kind, type, id, version, patients: patientsOf(type, id, write.values) };
  }
}

function isForged(write: VersionWrite): boolean {
  return (
    write.kind !== 'delete' &&
    write.type === 'AuditEvent' &&
    write.values.some(
      ({ code, values }) =>
        code === '_tag' &&
        values.some((value) => value.type === 'token' && value.system === journalTag.system),
    )
  );
}
