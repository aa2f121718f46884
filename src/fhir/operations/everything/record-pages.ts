import type { Definitions } from '../../definitions/index.js';
import type { InteractionContext } from '../../exchange/interaction-context.js';
import { pageBindingOf } from '../../exchange/page-binding.js';
import type { BundleLink } from '../../format/bundle-writer.js';
import type { PageTokens } from '../../search/page-token.js';
import type { ParsedSearch } from '../../search/parse-search.js';
import type { MembersOfType, SearchExpression, SearchQuery } from '../../search/query.js';
import { searchLinks } from '../../search/search-links.js';
import type { GrantedReader } from '../../passage/passage-stage.js';
import type { StoredResource } from '../../storage/ports.js';
import { withinSpan } from './care-dates.js';
import type { CareRecord } from './care-record.js';
import type { EverythingRequest } from './everything-parameters.js';
import { SupportingResources } from './supporting-resources.js';

export type Position = readonly (string | number)[];

export interface RecordParts {
  readonly context: InteractionContext;
  readonly definitions: Definitions;
  readonly bases: readonly string[];
  /** Whose record it is. */
  readonly address: { readonly type: string; readonly id: string };
  /** @throws FirekeepError where the owner can't be read */
  readonly recordOf: (store: GrantedReader) => Promise<CareRecord>;
  readonly request: EverythingRequest;
  readonly tokens: PageTokens;
  readonly withProvenance: boolean;
}

/** Some resources of a record, in order. */
export interface RecordPage {
  /** The owner, where it is the first, and members. */
  readonly matches: readonly StoredResource[];
  /** What these refer to; none that an earlier part of the answer had. */
  readonly included: readonly StoredResource[];
  /** Where the next one starts; null: this is the last one. */
  readonly next: Position | null;
  /** Not all provenance is there. */
  readonly isCut: boolean;
}

interface OpenedRecord {
  readonly record: CareRecord;
  readonly support: SupportingResources;
  /** What is read of it. */
  readonly members: readonly MembersOfType[];
}

/** Before every member, behind the owner. */
const behindOwner: Position = ['rid', Number.MAX_SAFE_INTEGER];

/**
 * Reads a record page by page: first its owner, then the members, the newest created first. That order never changes, and
 * what comes meanwhile stands before it, so that nothing is missed or doubled while others write.
 */
export class RecordPages {
  /** Address below the base. */
  readonly path: string;
  private readonly binding;
  private readonly bound: ParsedSearch;
  private opened: OpenedRecord | undefined;

  constructor(private readonly parts: RecordParts) {
    const { context, address, request } = parts;
    this.path = `${address.type}/${address.id}/$everything`;
    this.binding = pageBindingOf(context);
    this.bound = {
      query: this.query([this.path]),
      applied: request.applied,
      warnings: [],
      page: request.page,
    };
  }

  /** Where the request starts; undefined: with the owner. @throws FirekeepError `FHIR_SEARCH_PAGE_…` */
  start(): Position | undefined {
    return this.parts.tokens.resume(this.bound, this.binding).after;
  }

  /** @param count matches, the owner counted */
  async read(store: GrantedReader, from: Position | undefined, count: number): Promise<RecordPage> {
    const { record, support, members } = await this.open(store);
    const first = from === undefined ? [record.owner] : [];
    const room = count - first.length;
    const page =
      room === 0 || members.length === 0
        ? { matches: [], next: members.length === 0 ? null : behindOwner }
        : await store.search({
            ...this.query(members.map(({ type }) => type)),
            members: { owner: this.parts.address, ofTypes: members },
            count: room,
            after: from ?? behindOwner,
          });
    const kept = support.kept([...first, ...page.matches]);
    const { resources, isCut } = await support.of(store, kept);
    const { types } = this.parts.request;
    return {
      matches: kept.map(({ resource }) => resource).filter(({ type }) => types?.has(type) ?? true),
      included: resources,
      next: page.next,
      isCut,
    };
  }

  /** Reads the owner once for all pages of the answer. */
  private async open(store: GrantedReader): Promise<OpenedRecord> {
    if (this.opened !== undefined) return this.opened;
    const { parts } = this;
    const record = await parts.recordOf(store);
    const { repository } = parts.context.endpoint;
    const support = new SupportingResources({ ...parts, record, repository, types: parts.request.types });
    this.opened = { record, support, members: membersOf(record, parts) };
    return this.opened;
  }

  /** Links of an answer that ends there. */
  links(next: Position | null): readonly BundleLink[] {
    const { base } = this.parts.context.endpoint;
    const links = searchLinks(`${base}/${this.path}`, this.bound, { next }, this.parts.tokens, this.binding);
    return [
      { relation: 'self', url: links.self },
      { relation: 'first', url: links.first },
      ...(links.next === undefined ? [] : [{ relation: 'next', url: links.next }]),
    ];
  }

  get base(): string {
    return this.parts.context.endpoint.base;
  }

  private query(types: readonly string[]): SearchQuery {
    const { context, request } = this.parts;
    const { since } = request;
    const written: readonly SearchExpression[] =
      since === undefined ? [] : [{ kind: 'last-updated', prefix: 'ge', low: since, high: since }];
    const { repository } = context.endpoint;
    return { repository, types, filter: written, sort: [], count: 0, total: 'none' };
  }
}

/**
 * The members that are read. Where only types of the compartment are wanted, these; else what is wanted besides comes by
 * the references of all.
 */
function membersOf(record: CareRecord, { request, definitions }: RecordParts): readonly MembersOfType[] {
  const { types, span } = request;
  const ofRecord = new Set(record.members.map(({ type }) => type));
  const isOfMembers =
    types !== undefined && [...types].every((type) => ofRecord.has(type) || type === record.owner.type);
  return record.members
    .filter(({ type }) => definitions.isResourceType(type) && (!isOfMembers || types.has(type)))
    .map((member) => ({ ...member, filter: withinSpan(member.type, span) }));
}
