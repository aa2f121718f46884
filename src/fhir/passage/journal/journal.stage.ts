import { Inject, Injectable } from '@nestjs/common';
import type { InteractionResult } from '../../exchange/interaction-result.js';
import { STORED_BODY_READER, type StoredBodyReader } from '../../storage/check/stored-body.js';
import type { StoredResource } from '../../storage/ports.js';
import { changedUnit, type AskedUnit } from '../asked-unit.js';
import type { Asked, GrantedReader, PassageStage, Passing } from '../passage-stage.js';
import { FhirJournals, type FhirJournal, type JournalledRead } from './fhir-journal.js';
import { JournalledWrites } from './journalled-writes.js';
import { NotingReader } from './noting-reader.js';
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

  commit<R>({ context }: Passing, unit: AskedUnit<R>, next: (unit: AskedUnit<R>) => Promise<R>): Promise<R> {
    return next(
      changedUnit(unit, {
        records: (writes, transaction) => this.writes.of(writes, transaction, context),
      }),
    );
  }

  /** Undefined: no reads are kept. */
  private get journal(): FhirJournal | undefined {
    const { current } = this.journals;
    return current?.keepsReads === true ? current : undefined;
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
    if (deleted) return [];
    const stored = this.bodies.read(content, repository);
    const { type, id } = stored;
    return id === undefined ? [] : patientsOf(type, id, stored.values());
  }
}

function queryText(base: string, { path, parameters }: NonNullable<Asked['search']>): string {
  const text = new URLSearchParams(
    parameters.map(([name, value]): [string, string] => [name, value]),
  ).toString();
  return `${base}/${path}${text === '' ? '' : `?${text}`}`.slice(0, longestQuery);
}
