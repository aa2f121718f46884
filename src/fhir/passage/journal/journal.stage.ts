import { Inject, Injectable } from '@nestjs/common';
import type { InteractionContext } from '../../exchange/interaction-context.js';
import type { InteractionResult } from '../../exchange/interaction-result.js';
import { STORED_BODY_READER, type StoredBodyReader } from '../../storage/check/stored-body.js';
import { makesVersion, type StoredResource, type WriteContext } from '../../storage/ports.js';
import { changedUnit, type AskedUnit } from '../asked-unit.js';
import type { Asked, GrantedReader, PassageStage, Passing } from '../passage-stage.js';
import { FhirJournals, type FhirJournal, type JournalledRead } from './fhir-journal.js';
import { JournalledWrites } from './journalled-writes.js';
import { NotingReader } from './noting-reader.js';
import { ShownResults, versionKey, type ShownVersion } from './shown-results.js';
import { patientsOf } from './patients.js';

/** Bytes of a search's address and parameters that are kept. */
const longestQuery = 8 * 1024;

/**
 * Keeps a record of what leaves the passage with content, before it is answered, and of what is written, in the same
 * commit. Where nothing is kept, nothing is done for it.
 */
@Injectable()
export class JournalStage implements PassageStage {
  readonly name = 'journal';

  constructor(
    private readonly journals: FhirJournals,
    private readonly writes: JournalledWrites,
    @Inject(STORED_BODY_READER) private readonly bodies: StoredBodyReader,
  ) {}

  /** @throws FirekeepError as `FhirJournal.read` */
  read(passing: Passing, work: () => Promise<InteractionResult>): Promise<InteractionResult> {
    const { journal } = this;
    const { asked } = passing;
    return journal === undefined || asked === undefined
      ? work()
      : this.recorded(journal, asked, passing, work);
  }

  shown(passing: Passing, reader: GrantedReader): GrantedReader {
    return this.journal === undefined ? reader : new NotingReader(reader, passing.shown);
  }

  async commit<R>(
    { context }: Passing,
    unit: AskedUnit<R>,
    next: (unit: AskedUnit<R>) => Promise<R>,
  ): Promise<R> {
    const written = new Set<string>();
    const seen = new Map<string, Buffer>();
    const { journal } = this;
    const result = await next(
      changedUnit(unit, {
        ...(journal === undefined ? {} : { apply: (transaction) => unit.apply(noting(transaction, seen)) }),
        records: (writes, transaction) => {
          // The last attempt is the one that is committed.
          written.clear();
          for (const write of writes) if (makesVersion(write)) written.add(versionKey(write));
          return this.writes.of(writes, transaction, context);
        },
      }),
    );
    if (journal === undefined) return result;
    const showsWritten = context.showsWritten !== false;
    const record = (shown: ShownVersion): Promise<void> => {
      // What an operation looked at is not answered as it is, but it is somebody's all the same.
      const body = shown.body ?? seen.get(versionKey(shown));
      return this.disclosed(journal, { ...shown, body }, context);
    };
    return new ShownResults(written, showsWritten, record).of(result);
  }

  /** Undefined: no reads are kept. */
  private get journal(): FhirJournal | undefined {
    const { current } = this.journals;
    return current?.keepsReads === true ? current : undefined;
  }

  /** Keeps a record of what a write shows without having written it. @throws FirekeepError as `FhirJournal.read` */
  private async disclosed(
    journal: FhirJournal,
    { type, id, version, body }: ShownVersion,
    context: InteractionContext,
  ): Promise<void> {
    const { repository } = context.endpoint;
    const patients = body === undefined ? [] : this.patientsIn(body, repository);
    await journal.read({ interaction: 'read', type, id, version, patients }, context);
  }

  private async recorded(
    journal: FhirJournal,
    asked: Asked,
    passing: Passing,
    work: () => Promise<InteractionResult>,
  ): Promise<InteractionResult> {
    const result = await work();
    await journal.read(this.recordOf(asked, passing, result), passing.context);
    return result;
  }

  private recordOf(
    { interaction, type, id, search }: Asked,
    { shown, context }: Passing,
    { body, version }: InteractionResult,
  ): JournalledRead {
    const { repository, base } = context.endpoint;
    const bodies = body === undefined ? [] : shown;
    const patients = [...new Set(bodies.flatMap((one) => this.patientsOf(one, repository)))];
    if (search !== undefined) return { interaction, type, query: queryText(base, search), patients };
    return {
      interaction,
      type,
      ...(id === undefined ? {} : { id }),
      ...(version === undefined ? {} : { version: version.version }),
      patients,
    };
  }

  private patientsOf({ content, deleted }: StoredResource, repository: string): readonly string[] {
    return deleted ? [] : this.patientsIn(content, repository);
  }

  private patientsIn(content: Buffer, repository: string): readonly string[] {
    const stored = this.bodies.read(content, repository);
    const { type, id } = stored;
    return id === undefined ? [] : patientsOf(type, id, stored.values());
  }
}

/** The state that a unit sees, with a note of the versions that it looks at. */
function noting(transaction: WriteContext, seen: Map<string, Buffer>): WriteContext {
  return {
    ...transaction,
    current: (type, id) => {
      const stored = transaction.current(type, id);
      if (stored !== undefined && !stored.deleted) {
        seen.set(versionKey({ type, id, version: stored.version }), stored.content);
      }
      return stored;
    },
  };
}

function queryText(base: string, { path, parameters }: NonNullable<Asked['search']>): string {
  const text = new URLSearchParams(
    parameters.map(([name, value]): [string, string] => [name, value]),
  ).toString();
  return `${base}/${path}${text === '' ? '' : `?${text}`}`.slice(0, longestQuery);
}
