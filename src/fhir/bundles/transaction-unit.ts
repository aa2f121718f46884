import { entryPlace } from '../format/bundle-text.js';
import { replaceLinks } from '../format/links.js';
import type { ShowBody } from '../passage/hooks/shown-bodies.js';
import type { AskedUnit } from '../passage/asked-unit.js';
import type { SearchQuery } from '../search/query.js';
import type { PlannedWrite, ResourceIdentity, WriteContext } from '../storage/ports.js';
import { targetsOf, type OperationWriter } from '../operations/operation-writer.js';
import { planConditionalUpdate } from '../interactions/conditional-update.interaction.js';
import { inEntry } from '../exchange/entry-error.js';
import { versionConflict } from '../exchange/interaction-errors.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import { planPatch } from '../interactions/patch/plan-patch.js';
import type { PreparedTransaction } from './prepared-transaction.js';
import type { IncomingResource, ResourceIntake } from '../exchange/resource-intake.js';
import {
  textOf,
  writtenTwice,
  type CallEntry,
  type CreateEntry,
  type DeleteEntry,
  type EntryResource,
  type PatchEntry,
  type UpdateEntry,
} from './transaction-entries.js';
import { keyOf, TransactionResolution } from './transaction-resolution.js';
import {
  asReadable,
  planCreate,
  planDelete,
  planUpdate,
  requireUpdateCreate,
  storedResult,
  type Plan,
} from '../exchange/write-plan.js';

/** Results by the index of the entry; entries that read have none. */
export type TransactionResults = ReadonlyMap<number, InteractionResult>;

type Matches = readonly (readonly ResourceIdentity[])[];

/** All writes of a transaction as one unit: all or nothing. */
export class TransactionUnit implements AskedUnit<TransactionResults> {
  readonly repository: string;
  readonly bytes: number;
  readonly conditions: readonly SearchQuery[];
  readonly lookups: readonly SearchQuery[];

  constructor(
    private readonly prepared: PreparedTransaction,
    private readonly intake: ResourceIntake,
    private readonly writer: OperationWriter,
    private readonly show: ShowBody,
  ) {
    this.repository = prepared.repository;
    this.bytes = prepared.bytes;
    const written = writesByType(prepared);
    this.conditions = prepared.conditions.queries(written);
    this.lookups = prepared.lookups.queries(written);
  }

  targets(matches: Matches): readonly ResourceIdentity[] {
    const { deletes, updates, patches, calls } = this.prepared.entries;
    const named: ResourceIdentity[] = [];
    for (const { request } of [...deletes, ...updates, ...patches]) {
      if ('id' in request) named.push({ type: request.type, id: request.id });
    }
    for (const { request, resource } of updates) {
      const { id } = textOf(resource);
      if (id !== undefined) named.push({ type: request.type, id });
    }
    for (const { planned } of calls) named.push(...targetsOf(planned));
    const found = matches.slice(0, this.conditions.length).flat();
    const distinct = new Map([...named, ...found].map((target) => [keyOf(target), target]));
    return [...distinct.values()];
  }

  apply(context: WriteContext): { writes: readonly PlannedWrite[]; result: TransactionResults } {
    return new Application(this.prepared, this.intake, this.writer, context, this.show).run();
  }
}

/** How many stored resources of a type the transaction may change or delete. */
function writesByType({ entries, deletionLimit }: PreparedTransaction): (type: string) => number {
  const counts = new Map<string, number>();
  const count = (type: string, writes: number): void => {
    counts.set(type, (counts.get(type) ?? 0) + writes);
  };
  for (const { request } of entries.deletes) {
    count(request.type, request.interaction === 'delete' ? 1 : deletionLimit);
  }
  for (const { request } of [...entries.updates, ...entries.patches]) count(request.type, 1);
  return (type) => counts.get(type) ?? 0;
}

/** One attempt, from the matches of its moment; nothing of it outlives the attempt. */
class Application {
  private readonly writes: PlannedWrite[] = [];
  private readonly results = new Map<number, InteractionResult>();
  private readonly resolution: TransactionResolution;

  constructor(
    private readonly prepared: PreparedTransaction,
    private readonly intake: ResourceIntake,
    private readonly writer: OperationWriter,
    private readonly context: WriteContext,
    private readonly show: ShowBody,
  ) {
    this.resolution = new TransactionResolution(prepared, intake, context);
  }

  run(): { writes: readonly PlannedWrite[]; result: TransactionResults } {
    const { deletes, creates, updates, patches, calls } = this.prepared.entries;
    for (const entry of deletes) {
      inEntry(entry.index, () => {
        this.delete(entry);
      });
    }
    for (const entry of creates) {
      inEntry(entry.index, () => {
        this.create(entry);
      });
    }
    for (const entry of updates) this.take(entry.index, () => this.update(entry));
    for (const entry of patches) this.take(entry.index, () => this.patch(entry));
    for (const entry of calls) {
      inEntry(entry.index, () => {
        this.call(entry);
      });
    }
    return { writes: this.writes, result: this.results };
  }

  private take(index: number, work: () => Plan): void {
    const { write, result } = inEntry(index, work);
    if (write !== undefined) this.writes.push(write);
    this.results.set(index, result);
  }

  private delete({ index, request: { precondition } }: DeleteEntry): void {
    const identities = this.resolution.deletions.get(index) ?? [];
    if (identities.length === 0 && precondition.ifMatch !== undefined) {
      throw versionConflict('ifMatch: the criteria match nothing.');
    }
    this.results.set(index, { status: 204 });
    for (const { type, id } of identities) {
      const { context } = this;
      const plan = planDelete(type, id, context.current(type, id), context.now, precondition);
      if (plan.write !== undefined) this.writes.push(plan.write);
      if (identities.length === 1) this.results.set(index, plan.result);
    }
  }

  private create({ index, id, resource, fullUrl }: CreateEntry): void {
    const decision = this.resolution.creates.get(index);
    if (decision?.kind === 'existing') {
      const { type, id: matched } = decision.match;
      const stored = this.context.current(type, matched);
      if (stored === undefined) throw new Error('A match of a condition was not among the targets.');
      const { result } = asReadable({ result: storedResult(stored) }, this.context.mayKnow);
      this.results.set(index, result);
    } else if (decision?.kind === 'same-as') {
      const first = this.results.get(decision.index);
      if (first !== undefined) this.results.set(index, { ...first, status: 200 });
    } else this.take(index, () => planCreate(this.incoming(resource, index, fullUrl), id, this.context.now));
  }

  private update({ index, request, id: newId, resource, fullUrl }: UpdateEntry): Plan {
    const { type, precondition } = request;
    const incoming = this.incoming(resource, index, fullUrl);
    const current = (id: string) => this.context.current(type, id);
    if (request.interaction === 'update') {
      const stored = current(request.id);
      requireUpdateCreate(this.prepared.updateCreate, type, request.id, stored);
      return planUpdate(incoming, request.id, stored, this.context, precondition);
    }
    const text = `${type}?${request.criteria}`;
    const { id } = incoming.text;
    return planConditionalUpdate({
      incoming,
      criteria: text,
      match: this.resolution.targets.get(index)?.match,
      newId,
      named: id === undefined ? undefined : current(id),
      isCreateAllowed: this.prepared.updateCreate,
      transaction: this.context,
      precondition,
    });
  }

  private patch({ index, request, patch, fullUrl }: PatchEntry): Plan {
    const target = this.resolution.targets.get(index);
    if (target === undefined) throw new Error('A patch was not resolved.');
    const { type, id } = target;
    const { context } = this;
    const accept = (changed: Buffer): IncomingResource => {
      const text = this.intake.read(changed, type);
      this.intake.requireId(text, id);
      const linked = replaceLinks(text.text, this.prepared.findLinks(text), (url, kind) =>
        this.resolution.link(url, kind, fullUrl),
      );
      const place = `${entryPlace(index)}.resource`;
      const body = this.show({ interaction: 'update', type, id, body: linked, place, entry: index });
      const final = body === text.text ? text : this.intake.read(body, type);
      return this.intake.accept(final, this.prepared.repository);
    };
    return planPatch(patch, accept, { type, id }, context.current(type, id), context, request.precondition);
  }

  /** Behind all other writes: what it looks at or writes must be written by no other entry. */
  private call({ index, planned }: CallEntry): void {
    const { writes, result } = this.writer.apply(
      planned,
      this.prepared.repository,
      this.context,
      this.show,
      index,
    );
    const others = new Set(this.writes.map(keyOf));
    const both = [...targetsOf(planned), ...writes].map(keyOf).find((key) => others.has(key));
    if (both !== undefined) throw writtenTwice(both, index);
    this.writes.push(...writes);
    this.results.set(index, result);
  }

  private incoming(resource: EntryResource, index: number, fullUrl: string | undefined): IncomingResource {
    if ('incoming' in resource) return resource.incoming;
    const { text, links, checked } = resource;
    const changed = replaceLinks(text.text, links, (url, kind) => this.resolution.link(url, kind, fullUrl));
    const place = `${entryPlace(index)}.resource`;
    return this.intake.accept(
      this.intake.read(changed, text.type, place),
      this.prepared.repository,
      place,
      checked,
    );
  }
}
