import { FirekeepError } from '../../platform/errors/index.js';
import type { Link } from '../format/links.js';
import type { ResourceIdentity, StoredResource, WriteContext } from '../storage/ports.js';
import { requireAtMost } from '../interactions/conditional-delete.interaction.js';
import { lockedMatch } from '../interactions/conditional-match.js';
import { inEntry } from '../exchange/entry-error.js';
import { multipleMatches, noMatch, otherIdMatches, tooManyMatches } from '../exchange/interaction-errors.js';
import { OwnResources } from './own-resources.js';
import type { PreparedTransaction } from './prepared-transaction.js';
import type { ResourceIntake } from '../exchange/resource-intake.js';
import {
  textOf,
  valuesOf,
  WrittenIdentities,
  type CreateEntry,
  type DeleteEntry,
  type PatchEntry,
  type UpdateEntry,
} from './transaction-entries.js';
import { maximumMatches } from './transaction-criteria.js';
import { parseConditionalReference } from './transaction-links.js';
import type { Selection } from '../passage/lookups/conditional-criteria.js';

/** What a create does: it creates, or answers with a resource that is stored, or with that of an equal entry. */
export type CreateDecision =
  | { readonly kind: 'create' }
  | { readonly kind: 'existing'; readonly match: ResourceIdentity }
  | { readonly kind: 'same-as'; readonly index: number };

/** The identity that an update or patch resolves to. */
export interface ResolvedTarget extends ResourceIdentity {
  /** What criteria picked; undefined: no criteria, or no match. */
  readonly match: StoredResource | undefined;
}

/**
 * Which resources the entries of a transaction are about, from the matches of one attempt. Criteria see what the
 * database has and, in the order of the steps, what the transaction itself deletes and writes.
 *
 * @see https://hl7.org/fhir/R4/http.html#trules
 */
export class TransactionResolution {
  readonly deletions = new Map<number, readonly ResourceIdentity[]>();
  readonly creates = new Map<number, CreateDecision>();
  readonly targets = new Map<number, ResolvedTarget>();
  /** `Patient/17` of every entry that creates or updates. */
  private readonly references = new Map<number, string>();
  private readonly written = new WrittenIdentities();
  private readonly deleted = new Set<string>();
  /** Stored resources that get another text: what criteria match is decided by that. */
  private readonly replaced = new Set<string>();
  private readonly own = new OwnResources();
  /** What conditional references have turned out to mean, by the position of their criteria. */
  private readonly found = new Map<number, string>();
  /** Entry of each resource that is created. */
  private readonly creators = new Map<string, number>();

  /** @throws FirekeepError that names the entry at fault */
  constructor(
    private readonly prepared: PreparedTransaction,
    private readonly intake: ResourceIntake,
    private readonly context: WriteContext,
  ) {
    const { deletes, creates, updates, patches } = prepared.entries;
    for (const entry of deletes)
      inEntry(entry.index, () => {
        this.resolveDelete(entry);
      });
    for (const entry of creates)
      inEntry(entry.index, () => {
        this.resolveCreate(entry);
      });
    for (const entry of updates)
      inEntry(entry.index, () => {
        this.resolveUpdate(entry);
      });
    for (const entry of patches)
      inEntry(entry.index, () => {
        this.resolvePatch(entry);
      });
    this.addUpdated(updates);
  }

  /**
   * What a link becomes.
   *
   * @param ownFullUrl of the entry that has the link
   * @throws FirekeepError for a conditional reference without a match, or with several
   */
  link(url: string, kind: Link['kind'], ownFullUrl: string | undefined): string | undefined {
    const target = this.prepared.links.find(url, kind, ownFullUrl);
    if (target !== undefined) {
      return 'reference' in target ? target.reference : this.references.get(target.pendingEntry);
    }
    const conditional = parseConditionalReference(kind, url);
    const lookup = conditional && this.prepared.lookups.find(conditional.type, conditional.criteria);
    if (lookup === undefined) return undefined;
    let reference = this.found.get(lookup.position);
    if (reference === undefined) {
      const position = this.prepared.conditions.size + lookup.position;
      const match = this.onlyMatch(lookup, this.matches(lookup, position, this.replaced));
      if (match === undefined) throw referenceNotFound(url);
      this.found.set(lookup.position, (reference = keyOf(match)));
    }
    return reference;
  }

  private resolveDelete({ index, request }: DeleteEntry): void {
    const { type } = request;
    let identities: readonly ResourceIdentity[];
    if (request.interaction === 'delete') identities = [{ type, id: request.id }];
    else {
      const { position, ...selection } = this.condition(type, request.criteria);
      identities = this.context.matches[position] ?? [];
      requireAtMost(this.prepared.deletionLimit, identities.length, selection.text);
      for (const identity of identities) lockedMatch(this.intake, selection, identity, this.context);
    }
    this.deletions.set(index, identities);
    for (const identity of identities) {
      this.written.add(keyOf(identity), index);
      this.deleted.add(keyOf(identity));
    }
  }

  private resolveCreate({ index, request, id, resource }: CreateEntry): void {
    const { type, ifNoneExist } = request;
    if (ifNoneExist !== undefined) {
      const { position, ...selection } = this.condition(type, ifNoneExist);
      const match = this.onlyMatch(selection, this.matches(selection, position));
      const creator = match && this.creators.get(keyOf(match));
      if (match !== undefined) {
        this.creates.set(
          index,
          creator === undefined ? { kind: 'existing', match } : { kind: 'same-as', index: creator },
        );
        this.references.set(index, keyOf(match));
        return;
      }
    }
    this.creates.set(index, { kind: 'create' });
    this.created({ type, id }, index);
    this.own.add({ type, id, lastUpdated: this.context.now, values: () => valuesOf(resource) });
  }

  private resolveUpdate({ index, request, id, resource }: UpdateEntry): void {
    const { type } = request;
    if (request.interaction === 'update') {
      this.target(index, { type, id: request.id, match: undefined });
      return;
    }
    const { position, ...selection } = this.condition(type, request.criteria);
    const found = this.onlyMatch(selection, this.matches(selection, position));
    const givenId = textOf(resource).id;
    if (found === undefined) {
      const identity = { type, id: givenId ?? id };
      this.target(index, { ...identity, match: undefined });
      this.own.add({ ...identity, lastUpdated: this.context.now, values: () => valuesOf(resource) });
      return;
    }
    if (givenId !== undefined && givenId !== found.id)
      throw otherIdMatches(selection.text, givenId, found.id);
    // Refused where it is one that this transaction has just made.
    this.target(index, { ...found, match: undefined });
    this.targets.set(index, { ...found, match: lockedMatch(this.intake, selection, found, this.context) });
  }

  private resolvePatch({ index, request }: PatchEntry): void {
    const { type } = request;
    if (request.interaction === 'patch') {
      this.target(index, { type, id: request.id, match: undefined });
      return;
    }
    const { position, ...selection } = this.condition(type, request.criteria);
    const found = this.onlyMatch(selection, this.matches(selection, position));
    if (found === undefined) throw noMatch(selection.text);
    this.target(index, { ...found, match: undefined });
    this.targets.set(index, { ...found, match: lockedMatch(this.intake, selection, found, this.context) });
  }

  /** Updated resources are found by what they will be; only conditional references, which come last, see that. */
  private addUpdated(updates: readonly UpdateEntry[]): void {
    for (const { index, request, resource } of updates) {
      const target = this.targets.get(index);
      if (target === undefined) continue;
      this.replaced.add(keyOf(target));
      const isAdded = request.interaction === 'conditional-update' && target.match === undefined;
      if (isAdded) continue;
      const { type, id } = target;
      this.own.add({ type, id, lastUpdated: this.context.now, values: () => valuesOf(resource) });
    }
  }

  private created(identity: ResourceIdentity, index: number): void {
    const key = keyOf(identity);
    this.written.add(key, index);
    this.creators.set(key, index);
    this.references.set(index, key);
  }

  private target(index: number, target: ResolvedTarget): void {
    this.written.add(keyOf(target), index);
    this.targets.set(index, target);
    this.references.set(index, keyOf(target));
  }

  private condition(type: string, criteria: string): Selection & { readonly position: number } {
    const found = this.prepared.conditions.find(type, criteria);
    if (found === undefined) throw new Error('The criteria of an entry were not prepared.');
    return found;
  }

  /** What the database has for criteria, without what is deleted or has become something else. */
  private matches(
    { text }: Selection,
    position: number,
    without?: ReadonlySet<string>,
  ): readonly ResourceIdentity[] {
    const found = this.context.matches[position] ?? [];
    // Others may be hidden behind these.
    if (found.length >= maximumMatches) throw tooManyMatches(text, maximumMatches);
    return found.filter((match) => !this.deleted.has(keyOf(match)) && without?.has(keyOf(match)) !== true);
  }

  /** The one resource, stored or of this transaction, that criteria match. */
  private onlyMatch(
    { text, query }: Selection,
    stored: readonly ResourceIdentity[],
  ): ResourceIdentity | undefined {
    if (stored.length > 1) throw multipleMatches(text);
    const own = this.own.find(query);
    if (stored.length + own.length > 1) throw multipleMatches(text);
    const [match] = [...stored, ...own];
    return match && { type: match.type, id: match.id };
  }
}

export function keyOf({ type, id }: ResourceIdentity): string {
  return `${type}/${id}`;
}

function referenceNotFound(reference: string): FirekeepError {
  const message = `The conditional reference "${reference.slice(0, 200)}" matches no resource.`;
  return new FirekeepError('unprocessable', 'FHIR_REFERENCE_NOT_FOUND', message, {
    issues: [{ message, code: 'not-found' }],
  });
}
