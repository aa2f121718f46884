import { FirekeepError } from '../../platform/errors/index.js';
import { entryPlace } from '../format/bundle-text.js';
import { replaceLinks, type Link } from '../format/links.js';
import type { SearchQuery } from '../search/query.js';
import type { PlannedWrite, ResourceIdentity, WriteContext, WriteUnit } from '../storage/ports.js';
import { inEntry } from './entry-error.js';
import { multipleMatches } from './interaction-errors.js';
import type { InteractionResult } from './interaction-result.js';
import type { IncomingResource, ResourceIntake } from './resource-intake.js';
import type { TransactionCriteria } from './transaction-criteria.js';
import type { CreateEntry, EntryResource, TransactionEntries } from './transaction-entries.js';
import { parseConditionalReference, type TransactionLinks } from './transaction-links.js';
import { planCreate, planDelete, planUpdate, storedResult, type Plan } from './write-plan.js';

/** What a transaction Bundle wants to write, prepared as far as that is possible outside of the database. */
export interface PreparedTransaction {
  readonly repository: string;
  readonly bytes: number;
  readonly entries: TransactionEntries;
  readonly links: TransactionLinks;
  /** Criteria of ifNoneExist. */
  readonly conditions: TransactionCriteria;
  /** Criteria of conditional references. */
  readonly lookups: TransactionCriteria;
}

/** Results by the index of the entry; entries that read have none. */
export type TransactionResults = ReadonlyMap<number, InteractionResult>;

type Matches = readonly (readonly ResourceIdentity[])[];

/** All writes of a transaction as one unit: all or nothing. */
export class TransactionUnit implements WriteUnit<TransactionResults> {
  readonly repository: string;
  readonly bytes: number;
  readonly conditions: readonly SearchQuery[];
  readonly lookups: readonly SearchQuery[];

  constructor(
    private readonly prepared: PreparedTransaction,
    private readonly intake: ResourceIntake,
  ) {
    this.repository = prepared.repository;
    this.bytes = prepared.bytes;
    this.conditions = prepared.conditions.queries;
    this.lookups = prepared.lookups.queries;
  }

  targets(matches: Matches): readonly ResourceIdentity[] {
    const { deletes, updates } = this.prepared.entries;
    const named = [...deletes, ...updates].map(({ request: { type, id } }) => ({ type, id }));
    const found = matches.slice(0, this.conditions.length).flatMap((one) => one.slice(0, 1));
    const distinct = new Map([...named, ...found].map((target) => [keyOf(target), target]));
    return [...distinct.values()];
  }

  apply(context: WriteContext): { writes: readonly PlannedWrite[]; result: TransactionResults } {
    return new Application(this.prepared, this.intake, context).run();
  }
}

/** One attempt, from the matches of its moment; nothing of it outlives the attempt. */
class Application {
  private readonly writes: PlannedWrite[] = [];
  private readonly results = new Map<number, InteractionResult>();
  private readonly deleted: ReadonlySet<string>;
  /** Reference of each create entry: a new resource, one that exists, or that of an equal entry. */
  private readonly created = new Map<number, string>();
  private readonly existing = new Map<number, ResourceIdentity>();
  private readonly sameAs = new Map<number, number>();

  constructor(
    private readonly prepared: PreparedTransaction,
    private readonly intake: ResourceIntake,
    private readonly context: WriteContext,
  ) {
    this.deleted = new Set(prepared.entries.deletes.map(({ request }) => keyOf(request)));
  }

  run(): { writes: readonly PlannedWrite[]; result: TransactionResults } {
    const { deletes, creates, updates } = this.prepared.entries;
    const { context } = this;
    this.resolveCreates();
    for (const { index, request } of deletes) {
      const { type, id, precondition } = request;
      this.take(index, () => planDelete(type, id, context.current(type, id), context.now, precondition));
    }
    for (const entry of creates) this.create(entry);
    for (const { index, request, resource, fullUrl } of updates) {
      const { type, id, precondition } = request;
      this.take(index, () =>
        planUpdate(
          this.incoming(resource, index, fullUrl),
          id,
          context.current(type, id),
          context.now,
          precondition,
        ),
      );
    }
    return { writes: this.writes, result: this.results };
  }

  private take(index: number, work: () => Plan): void {
    const { write, result } = inEntry(index, work);
    if (write !== undefined) this.writes.push(write);
    this.results.set(index, result);
  }

  /** Decides for each create whether it creates, so that references to it can be written. */
  private resolveCreates(): void {
    const creators = new Map<string, number>();
    for (const { index, request, id } of this.prepared.entries.creates) {
      const own = `${request.type}/${id}`;
      if (request.ifNoneExist === undefined) {
        this.created.set(index, own);
        continue;
      }
      const criteria = `${request.type}?${request.ifNoneExist}`;
      const position = this.prepared.conditions.positionOf(request.type, request.ifNoneExist);
      const match = inEntry(index, () => this.onlyMatch(position, criteria));
      const creator = creators.get(criteria);
      if (match !== undefined) {
        this.existing.set(index, match);
        this.created.set(index, keyOf(match));
      } else if (creator !== undefined) {
        // Carried out one after the other, the second of two equal entries finds what the first created.
        this.sameAs.set(index, creator);
        this.created.set(index, this.created.get(creator) ?? own);
      } else {
        creators.set(criteria, index);
        this.created.set(index, own);
      }
    }
  }

  /** The one match that is left once the deletions of this transaction are done. */
  private onlyMatch(position: number, criteria: string): ResourceIdentity | undefined {
    const matches = this.context.matches[position] ?? [];
    // Of more than two matches only two are known, so a deleted one among two may have others behind it.
    if (matches.length > 1) throw multipleMatches(criteria);
    const [match] = matches;
    return match === undefined || this.deleted.has(keyOf(match)) ? undefined : match;
  }

  private create(entry: CreateEntry): void {
    const { index, id, resource, fullUrl } = entry;
    const existing = this.existing.get(index);
    const creator = this.sameAs.get(index);
    if (existing !== undefined) {
      const stored = this.context.current(existing.type, existing.id);
      if (stored === undefined) throw new Error('A match of a condition was not among the targets.');
      this.results.set(index, storedResult(stored));
    } else if (creator === undefined) {
      this.take(index, () => planCreate(this.incoming(resource, index, fullUrl), id, this.context.now));
    } else {
      const first = this.results.get(creator);
      if (first !== undefined) this.results.set(index, { ...first, status: 200 });
    }
  }

  private incoming(resource: EntryResource, index: number, fullUrl: string | undefined): IncomingResource {
    if ('incoming' in resource) return resource.incoming;
    const { text, links, checked } = resource;
    const changed = replaceLinks(text.text, links, (url, kind) => this.resolve(url, kind, fullUrl));
    const place = `${entryPlace(index)}.resource`;
    return this.intake.accept(
      this.intake.read(changed, text.type, place),
      this.prepared.repository,
      place,
      checked,
    );
  }

  private resolve(url: string, kind: Link['kind'], ownFullUrl: string | undefined): string | undefined {
    const target = this.prepared.links.find(url, kind, ownFullUrl);
    if (target !== undefined) {
      return 'reference' in target ? target.reference : this.created.get(target.pendingEntry);
    }
    const conditional = parseConditionalReference(kind, url);
    if (conditional === undefined) return undefined;
    const { type, criteria } = conditional;
    const lookup = this.prepared.lookups.positionOf(type, criteria);
    const match = this.onlyMatch(this.prepared.conditions.queries.length + lookup, url);
    if (match === undefined) throw noMatch(url);
    return keyOf(match);
  }
}

function keyOf({ type, id }: ResourceIdentity): string {
  return `${type}/${id}`;
}

function noMatch(reference: string): FirekeepError {
  const message = `The conditional reference "${reference.slice(0, 200)}" matches no resource.`;
  return new FirekeepError('unprocessable', 'FHIR_REFERENCE_NOT_FOUND', message, {
    issues: [{ message, code: 'not-found' }],
  });
}
