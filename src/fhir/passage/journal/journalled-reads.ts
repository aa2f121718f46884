import { Inject, Injectable } from '@nestjs/common';
import type { ReadRequest } from '../hooks/hook-set.js';
import type { InteractionContext } from '../../exchange/interaction-context.js';
import type { InteractionResult } from '../../exchange/interaction-result.js';
import { STORED_BODY_READER, type StoredBodyReader } from '../../storage/check/stored-body.js';
import type { StoredResource } from '../../storage/ports.js';
import { FhirJournals } from './fhir-journal.js';
import { patientsOf } from './patients.js';

/** Bytes of a search's address and parameters that are kept. */
const longestQuery = 8 * 1024;

/** Tells the journal what is about to be shown; where it keeps no reads, nothing is done for it. */
@Injectable()
export class JournalledReads {
  constructor(
    private readonly journals: FhirJournals,
    @Inject(STORED_BODY_READER) private readonly bodies: StoredBodyReader,
  ) {}

  get areKept(): boolean {
    return this.journals.current?.keepsReads === true;
  }

  /** @throws FirekeepError as `FhirJournal.read` */
  async read(context: InteractionContext, request: ReadRequest, result: InteractionResult): Promise<void> {
    const { journal } = this;
    if (journal === undefined) return;
    const { interaction, type, id } = request;
    const { repository } = context.endpoint;
    const shown = result.body === undefined ? [] : shownIn(result.body);
    const patients = new Set(shown.flatMap((body) => this.patientsOf(body, repository)));
    await journal.read(
      {
        interaction,
        type,
        ...(id === undefined ? {} : { id }),
        ...(result.version === undefined ? {} : { version: result.version.version }),
        patients: [...patients],
      },
      context,
    );
  }

  /**
   * @param path below the base
   * @throws FirekeepError as `FhirJournal.read`
   */
  async searched(
    context: InteractionContext,
    type: string | null,
    path: string,
    parameters: readonly (readonly [name: string, value: string])[],
    shown: readonly StoredResource[],
  ): Promise<void> {
    const { journal } = this;
    if (journal === undefined) return;
    const { repository, base } = context.endpoint;
    const text = new URLSearchParams(
      parameters.map(([name, value]): [string, string] => [name, value]),
    ).toString();
    const query = `${base}/${path}${text === '' ? '' : `?${text}`}`.slice(0, longestQuery);
    const patients = new Set(shown.flatMap(({ content }) => this.patientsOf(content, repository)));
    const interaction = type === null ? 'search-system' : 'search-type';
    await journal.read({ interaction, type, query, patients: [...patients] }, context);
  }

  private get journal() {
    const { current } = this.journals;
    return current?.keepsReads === true ? current : undefined;
  }

  private patientsOf(body: Buffer, repository: string): readonly string[] {
    const stored = this.bodies.read(body, repository);
    const { type, id } = stored;
    return id === undefined ? [] : patientsOf(type, id, stored.values());
  }
}

/** The resources of an answer: itself, or what a history holds. */
function shownIn(body: Buffer): readonly Buffer[] {
  const { resourceType, type, entry } = JSON.parse(body.toString('utf8')) as {
    readonly resourceType?: string;
    readonly type?: string;
    readonly entry?: readonly { readonly resource?: object }[];
  };
  if (resourceType !== 'Bundle' || type !== 'history') return [body];
  return (entry ?? []).flatMap(({ resource }) =>
    resource === undefined ? [] : [Buffer.from(JSON.stringify(resource))],
  );
}
