import { setImmediate } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { EndpointRegistry } from '../../endpoints/index.js';
import type { Definitions } from '../definitions/index.js';
import { FHIR_DEFINITIONS } from '../fhir-tokens.js';
import { entryPlace, type BundleEntryText } from '../format/bundle-text.js';
import { findLinks, replaceLinks } from '../format/links.js';
import { newResourceId } from '../format/resource-id.js';
import { ConditionalCriteria } from './conditional-criteria.js';
import { inEntry } from './entry-error.js';
import { EntryExecutor } from './entry-executor.js';
import { parseEntryRequest, type EntryRequest } from './entry-request.js';
import { InteractionAccess } from './interaction-access.js';
import type { InteractionContext } from './interaction-context.js';
import { ResourceIntake } from './resource-intake.js';
import { SearchTypeInteraction } from './search-type.interaction.js';
import { TransactionCriteria } from './transaction-criteria.js';
import {
  requireDistinctIdentities,
  type CreateEntry,
  type DeleteEntry,
  type EntryResource,
  type ReadEntry,
  type UpdateEntry,
} from './transaction-entries.js';
import { parseConditionalReference, TransactionLinks, type LinkTarget } from './transaction-links.js';
import type { PreparedTransaction } from './transaction-unit.js';
import { ValidationFailures } from './validation-failures.js';

/** Entries between two pauses in which other requests get their turn. */
const entriesAtOnce = 64;

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
    @Inject(EndpointRegistry) private readonly endpoints: EndpointRegistry,
    @Inject(ResourceIntake) private readonly intake: ResourceIntake,
    @Inject(ConditionalCriteria) private readonly criteria: ConditionalCriteria,
    @Inject(InteractionAccess) private readonly access: InteractionAccess,
    @Inject(EntryExecutor) private readonly executor: EntryExecutor,
    @Inject(SearchTypeInteraction) private readonly search: SearchTypeInteraction,
  ) {}

  /** @throws FirekeepError that names the first entry at fault, or all that fail validation */
  async prepare(
    context: InteractionContext,
    bundle: readonly BundleEntryText[],
  ): Promise<PreparedTransaction> {
    const { repository } = context.endpoint;
    const bases = this.endpoints.bases(repository);
    const entries = bundle.map((entry, index) =>
      inEntry(index, () => this.parseEntry(context, entry, index, bases)),
    );
    requireDistinctIdentities(entries);
    const prepared: Preparing = {
      repository,
      bytes: bundle.reduce((sum, { resource }) => sum + (resource?.length ?? 0), 0),
      entries: { deletes: [], creates: [], updates: [], reads: [] },
      links: linksOf(entries, bases),
      conditions: new TransactionCriteria(),
      lookups: new TransactionCriteria(),
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
    return prepared;
  }

  private parseEntry(
    context: InteractionContext,
    { fullUrl, ...entry }: BundleEntryText,
    index: number,
    bases: readonly string[],
  ): Entry {
    const request = parseEntryRequest({ fullUrl, ...entry }, index, bases);
    this.intake.requireType(request.type);
    this.executor.authorize(context, request);
    // What would fail after the commit is refused before it.
    if (request.interaction === 'search-type') this.search.parse(context, request.type, request.parameters);
    return { index, fullUrl, request, id: newResourceId() };
  }

  private prepareEntry(context: InteractionContext, entry: Entry, prepared: Preparing): void {
    const { index, fullUrl, request, id } = entry;
    const { deletes, creates, updates, reads } = prepared.entries;
    if (request.interaction === 'create') {
      const { type, ifNoneExist } = request;
      if (ifNoneExist !== undefined) {
        prepared.conditions.add(type, ifNoneExist, () =>
          this.criteria.parse(prepared.repository, type, ifNoneExist),
        );
      }
      creates.push({ index, fullUrl, request, id, resource: this.resource(context, entry, prepared) });
    } else if (request.interaction === 'update') {
      updates.push({ index, fullUrl, request, resource: this.resource(context, entry, prepared) });
    } else if (request.interaction === 'delete') deletes.push({ index, fullUrl, request });
    else reads.push({ index, fullUrl, request });
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
    const links = findLinks(text.text, text.type, this.definitions, prepared.links.linkUrls);
    let waits = false;
    for (const { kind, value } of links) {
      const conditional = parseConditionalReference(kind, value);
      if (conditional !== undefined) this.addLookup(context, conditional, prepared);
      const target = prepared.links.find(value, kind, fullUrl);
      waits ||=
        conditional !== undefined || kind === 'narrative' || (target && 'pendingEntry' in target) === true;
    }
    if (waits) {
      // Parsed now as well, so that what is wrong with it is found before the transaction begins.
      return { text, links, checked: this.intake.check(text, place) };
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
    { type, criteria }: { readonly type: string; readonly criteria: string },
    { lookups, repository }: Preparing,
  ): void {
    lookups.add(type, criteria, () => {
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
  if (request.interaction !== 'create') return undefined;
  return request.ifNoneExist === undefined ? { reference: `${request.type}/${id}` } : { pendingEntry: index };
}
