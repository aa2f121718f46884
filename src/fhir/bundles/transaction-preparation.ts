import { setImmediate } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { EndpointRegistry } from '../../endpoints/index.js';
import { Settings } from '../../platform/config/index.js';
import { type Definitions, FHIR_DEFINITIONS } from '../definitions/index.js';
import { entryPlace, type BundleEntryText } from '../format/bundle-text.js';
import { findLinks, replaceLinks } from '../format/links.js';
import { wrongShape } from '../format/json-errors.js';
import { readResourceText } from '../format/resource-text.js';
import { newResourceId } from '../format/resource-id.js';
import type { ParameterValues } from '../search/index-values.js';
import { Passage } from '../passage/passage.js';
import { ConditionalCriteria } from '../passage/lookups/conditional-criteria.js';
import { maximumDeletions } from '../interactions/conditional-delete.interaction.js';
import { requireWellFormedId } from '../interactions/conditional-update.interaction.js';
import { errorOfEntry, inEntry } from '../exchange/entry-error.js';
import { OperationCaller } from '../operations/operation-caller.js';
import { notSupported } from '../exchange/interaction-errors.js';
import { EntryAdmission } from './entry-admission.js';
import { beforeEntry } from './entry-hooks.js';
import { received, type EntryRequest, type OperationRequest } from '../exchange/interaction-request.js';
import { parseEntryRequest } from './parse-entry-request.js';
import { inParallel } from '../exchange/in-parallel.js';
import { InteractionAccess } from '../passage/access/interaction-access.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import type { PatchDocument } from '../interactions/patch/patch-document.js';
import { PatchReader } from '../interactions/patch/patch-reader.js';
import { ResourceIntake } from '../exchange/resource-intake.js';
import { SearchSystemInteraction } from '../interactions/search-system.interaction.js';
import { SearchTypeInteraction } from '../interactions/search-type.interaction.js';
import { TransactionCriteria } from './transaction-criteria.js';
import {
  requireDistinctIdentities,
  type CallEntry,
  type CreateEntry,
  type DeleteEntry,
  type EntryResource,
  type PatchEntry,
  type ReadEntry,
  type UpdateEntry,
} from './transaction-entries.js';
import { parseConditionalReference, TransactionLinks, type LinkTarget } from './transaction-links.js';
import type { PreparedTransaction } from './prepared-transaction.js';
import { ValidationFailures } from './validation-failures.js';
import type { PatchText } from '../exchange/patch-text.js';

/** Entries between two pauses in which other requests get their turn. */
const entriesAtOnce = 64;

/** Entries that hooks look at at once. */
const parallelHooks = 16;

interface Entry {
  readonly index: number;
  readonly fullUrl: string | undefined;
  readonly request: EntryRequest;
  /** The id that a create gives. */
  readonly id: string;
}

/** Everything of a transaction that can be checked and made ready before the database is touched. */
@Injectable()
export class TransactionPreparation {
  constructor(
    @Inject(FHIR_DEFINITIONS) private readonly definitions: Definitions,
    private readonly endpoints: EndpointRegistry,
    private readonly intake: ResourceIntake,
    private readonly criteria: ConditionalCriteria,
    private readonly access: InteractionAccess,
    private readonly admission: EntryAdmission,
    private readonly operations: OperationCaller,
    private readonly search: SearchTypeInteraction,
    private readonly systemSearch: SearchSystemInteraction,
    private readonly passage: Passage,
    private readonly patches: PatchReader,
    private readonly settings: Settings,
  ) {}

  /** @throws FirekeepError that names the first entry at fault, or all that fail validation */
  async prepare(
    context: InteractionContext,
    bundle: readonly BundleEntryText[],
  ): Promise<PreparedTransaction> {
    const { repository } = context.endpoint;
    const bases = this.endpoints.bases(repository);
    const requested: Entry[] = [];
    for (const [index, entry] of bundle.entries()) {
      requested.push(await this.admitted(context, entry, index, bases));
    }
    requireDistinctIdentities(requested);
    const entries = await this.seenByHooks(context, requested);
    const links = linksOf(entries, bases);
    const prepared: Preparing = {
      repository,
      bytes: bundle.reduce((sum, { resource }) => sum + (resource?.length ?? 0), 0),
      entries: { deletes: [], creates: [], updates: [], patches: [], calls: [], reads: [] },
      links,
      conditions: new TransactionCriteria(),
      lookups: new TransactionCriteria(),
      deletionLimit: this.settings.get('conditionalDeleteMultiple') ? maximumDeletions : 1,
      updateCreate: this.settings.get('updateCreate'),
      findLinks: ({ text, type }) => findLinks(text, type, this.definitions, links.linkUrls),
    };
    const failures = new ValidationFailures();
    for (const entry of entries) {
      if (entry.index % entriesAtOnce === entriesAtOnce - 1) await setImmediate();
      failures.collect(() => {
        inEntry(entry.index, () => {
          this.prepareEntry(context, entry, prepared);
        });
      });
    }
    failures.throwIfAny();
    for (const entry of entries) await this.prepareCall(context, entry, prepared);
    for (const criteria of [prepared.conditions, prepared.lookups]) {
      await criteria.resolve((query) => this.criteria.resolve(context.principal, query));
    }
    return prepared;
  }

  private async seenByHooks(
    context: InteractionContext,
    entries: readonly Entry[],
  ): Promise<readonly Entry[]> {
    if (!this.passage.seesBodies) return entries;
    return inParallel(entries, parallelHooks, async (entry) => {
      const { index, request } = entry;
      try {
        return { ...entry, request: await beforeEntry(this.passage, context, request, entryPlace(index)) };
      } catch (thrown) {
        throw errorOfEntry(thrown, index);
      }
    });
  }

  /** @throws FirekeepError that names the entry */
  private async admitted(
    context: InteractionContext,
    entry: BundleEntryText,
    index: number,
    bases: readonly string[],
  ): Promise<Entry> {
    try {
      const request = parseEntryRequest(entry, index, bases);
      if (request.type !== null) this.intake.requireType(request.type);
      await this.admission.admit(context, entry, request, bases);
      this.requireFit(context, request);
      return { index, fullUrl: entry.fullUrl, request, id: newResourceId() };
    } catch (thrown) {
      throw errorOfEntry(thrown, index);
    }
  }

  /** @throws FirekeepError for what can be no part of a transaction, or would fail behind its commit */
  private requireFit(context: InteractionContext, request: EntryRequest): void {
    if (request.interaction === 'operation') this.requireWrites(request);
    if (request.interaction === 'search-type') this.search.parse(context, [request.type], request.parameters);
    if (request.interaction === 'search-system') this.systemSearch.check(context, request.parameters);
  }

  /** @throws FirekeepError 400 for an operation that changes something, but by no writes of the transaction's commit */
  private requireWrites({ target, method }: OperationRequest): void {
    if (!this.operations.changes(target, method) || this.operations.isPlanned(target)) return;
    throw notSupported(
      `The operation "$${target.name}" changes what is stored, so it can't be part of a transaction; a batch may have it.`,
    );
  }

  private mayWrite({ target, method }: OperationRequest): boolean {
    return this.operations.changes(target, method) && this.operations.isPlanned(target);
  }

  /** @throws FirekeepError that names the entry */
  private async prepareCall(
    context: InteractionContext,
    { index, fullUrl, request }: Entry,
    prepared: Preparing,
  ): Promise<void> {
    if (request.interaction !== 'operation' || !this.mayWrite(request)) return;
    try {
      const body = await received(request.body);
      const linked = body && this.withLinks(body, fullUrl, prepared, entryPlace(index));
      const planned = await this.operations.planned(context, { ...request, body: linked });
      prepared.entries.calls.push({ index, fullUrl, request, planned });
    } catch (thrown) {
      throw errorOfEntry(thrown, index);
    }
  }

  /** The parameters of a call with the references to what other entries write. @throws FirekeepError 400 */
  private withLinks(body: Buffer, fullUrl: string | undefined, { links }: Preparing, place: string): Buffer {
    const { text, type } = readResourceText(body);
    return replaceLinks(text, findLinks(text, type, this.definitions, links.linkUrls), (url, kind) => {
      const target = links.find(url, kind, fullUrl);
      if (target === undefined || 'reference' in target) return target?.reference;
      throw wrongShape(
        `${place} refers to ${url.slice(0, 80)}, whose id is known inside the transaction only; an operation can't be told.`,
        `${place}.resource`,
      );
    });
  }

  private prepareEntry(context: InteractionContext, entry: Entry, prepared: Preparing): void {
    const { index, fullUrl, request, id } = entry;
    const { deletes, creates, updates, patches, reads } = prepared.entries;
    switch (request.interaction) {
      case 'create':
        this.addCondition(index, request.type, request.ifNoneExist, prepared);
        creates.push({ index, fullUrl, request, id, resource: this.resource(context, entry, prepared) });
        break;
      case 'update':
      case 'conditional-update':
        if ('criteria' in request) this.addCondition(index, request.type, request.criteria, prepared);
        updates.push({ index, fullUrl, request, id, resource: this.resource(context, entry, prepared) });
        break;
      case 'patch':
      case 'conditional-patch':
        if ('criteria' in request) this.addCondition(index, request.type, request.criteria, prepared);
        patches.push({ index, fullUrl, request, patch: this.patch(context, index, request.patch, prepared) });
        break;
      case 'delete':
      case 'conditional-delete':
        if ('criteria' in request) {
          this.addCondition(index, request.type, request.criteria, prepared, prepared.deletionLimit + 1);
        }
        deletes.push({ index, fullUrl, request });
        break;
      case 'operation':
        // What one that writes wants is asked once everything else has been found right.
        if (!this.mayWrite(request)) reads.push({ index, fullUrl, request });
        break;
      default:
        reads.push({ index, fullUrl, request });
    }
  }

  private addCondition(
    entry: number,
    type: string,
    criteria: string | undefined,
    { conditions, repository }: Preparing,
    limit = 2,
  ): void {
    if (criteria === undefined) return;
    conditions.add(entry, type, criteria, () => this.criteria.parse(repository, type, criteria), limit);
  }

  private patch(
    context: InteractionContext,
    entry: number,
    text: PatchText,
    prepared: Preparing,
  ): PatchDocument {
    const patch = this.patches.read(text);
    for (const reference of patch.references) {
      const conditional = parseConditionalReference('reference', reference);
      if (conditional !== undefined) this.addLookup(context, entry, conditional, prepared);
    }
    return patch;
  }

  private resource(
    context: InteractionContext,
    { index, fullUrl, request }: Entry,
    prepared: Preparing,
  ): EntryResource {
    if (!('resource' in request)) throw new Error('Only creates and updates have a resource.');
    const place = `${entryPlace(index)}.resource`;
    const text = this.intake.read(request.resource, request.type, place);
    if (request.interaction === 'update') this.intake.requireId(text, request.id, place);
    if (request.interaction === 'conditional-update') requireWellFormedId(text.id, place);
    const links = findLinks(text.text, text.type, this.definitions, prepared.links.linkUrls);
    let waits = false;
    for (const { kind, value } of links) {
      const conditional = parseConditionalReference(kind, value);
      if (conditional !== undefined) this.addLookup(context, index, conditional, prepared);
      const target = prepared.links.find(value, kind, fullUrl);
      waits ||=
        conditional !== undefined || kind === 'narrative' || (target && 'pendingEntry' in target) === true;
    }
    if (waits) {
      // Parsed now as well, so that what is wrong with it is found before the transaction begins.
      const checked = this.intake.check(text, place);
      let values: readonly ParameterValues[] | undefined;
      return {
        text,
        links,
        checked,
        values: () => (values ??= this.intake.values(text, prepared.repository)),
      };
    }
    const changed = replaceLinks(text.text, links, (url, kind) => {
      const target = prepared.links.find(url, kind, fullUrl);
      return target && 'reference' in target ? target.reference : undefined;
    });
    const final = changed === text.text ? text : this.intake.read(changed, text.type, place);
    return { incoming: this.intake.accept(final, prepared.repository, place) };
  }

  /** A conditional reference tells whether something exists, so it needs what a search needs. */
  private addLookup(
    { principal }: InteractionContext,
    entry: number,
    { type, criteria }: { readonly type: string; readonly criteria: string },
    { lookups, repository }: Preparing,
  ): void {
    lookups.add(entry, type, criteria, () => {
      this.intake.requireType(type);
      this.access.require({ principal, interaction: 'search-type', resourceType: type });
      return this.criteria.parse(repository, type, criteria);
    });
  }
}

interface Preparing extends PreparedTransaction {
  readonly entries: {
    readonly deletes: DeleteEntry[];
    readonly creates: CreateEntry[];
    readonly updates: UpdateEntry[];
    readonly patches: PatchEntry[];
    readonly calls: CallEntry[];
    readonly reads: ReadEntry[];
  };
}

function linksOf(entries: readonly Entry[], bases: readonly string[]): TransactionLinks {
  const links = new TransactionLinks();
  for (const { index, fullUrl, request, id } of entries) {
    if (fullUrl === undefined) continue;
    const target = targetOf(request, index, id);
    if (target === undefined) continue;
    // An address of this repository says already what it would be replaced by.
    const isOwn = 'reference' in target && bases.some((base) => fullUrl === `${base}/${target.reference}`);
    if (!isOwn) links.add(fullUrl, target, index);
  }
  return links;
}

function targetOf(request: EntryRequest, index: number, id: string): LinkTarget | undefined {
  if (request.interaction === 'update') return { reference: `${request.type}/${request.id}` };
  if (request.interaction === 'conditional-update') return { pendingEntry: index };
  if (request.interaction !== 'create') return undefined;
  return request.ifNoneExist === undefined ? { reference: `${request.type}/${id}` } : { pendingEntry: index };
}
