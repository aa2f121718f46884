import type { Definitions } from '../../definitions/index.js';
import type { SearchExpression, SearchQuery } from '../../search/query.js';
import type { GrantedReader } from '../../passage/passage-stage.js';
import type { SearchPage, StoredResource } from '../../storage/ports.js';
import type { CareRecord } from './care-record.js';
import { referredIn, type ReferredResource } from '../referred-resources.js';

/** Resources that one search asks for. */
const mostIds = 500;
/** Records of provenance that come with one part of the answer. */
const mostProvenance = 1_000;

interface SupportParts {
  readonly repository: string;
  readonly definitions: Definitions;
  readonly bases: readonly string[];
  readonly record: CareRecord;
  /** Types that are wanted; undefined: all. */
  readonly types: ReadonlySet<string> | undefined;
  /** Whether what says where something comes from is brought along. */
  readonly withProvenance: boolean;
}

/** What a part of the record brings along. */
export interface Support {
  readonly resources: readonly StoredResource[];
  /** There is more provenance than one part may bring. */
  readonly isCut: boolean;
}

/** A member with the resources that it refers to. */
export interface ReferringMember {
  readonly resource: StoredResource;
  readonly referred: readonly ReferredResource[];
}

/** Finds what the members of a record refer to, one step far, and each of it once. */
export class SupportingResources {
  /** `Type/id` of what has been asked for. */
  private readonly asked = new Set<string>();

  constructor(private readonly parts: SupportParts) {}

  /** Those of these resources that stay in the record, with what they refer to. */
  kept(members: readonly StoredResource[]): readonly ReferringMember[] {
    const { definitions, bases, record } = this.parts;
    return members
      .map((resource) => ({ resource, referred: referredIn(resource.content, definitions, bases) }))
      .filter(({ resource, referred }) => record.keeps(resource, referred));
  }

  async of(store: GrantedReader, members: readonly ReferringMember[]): Promise<Support> {
    const provenance = await this.provenance(
      store,
      members.map(({ resource }) => resource),
    );
    return {
      resources: [...(await this.referred(store, members)), ...provenance.resources],
      isCut: provenance.isCut,
    };
  }

  private async referred(
    store: GrantedReader,
    members: readonly ReferringMember[],
  ): Promise<readonly StoredResource[]> {
    const { record } = this.parts;
    const wanted = members.flatMap(({ resource, referred }) =>
      referred.filter((one) => this.isWanted(one.type) && record.brings(resource, one)),
    );
    const unasked = wanted.filter(({ type, id }) => {
      const name = `${type}/${id}`;
      if (this.asked.has(name)) return false;
      this.asked.add(name);
      return true;
    });
    const found: StoredResource[] = [];
    for (let start = 0; start < unasked.length; start += mostIds) {
      const { matches } = await this.search(store, unasked.slice(start, start + mostIds));
      found.push(...matches);
    }
    return found;
  }

  private isWanted(type: string): boolean {
    const { types } = this.parts;
    return types === undefined || types.has(type);
  }

  private search(store: GrantedReader, wanted: readonly ReferredResource[]): Promise<SearchPage> {
    const { repository } = this.parts;
    const ids = new Map<string, string[]>();
    for (const { type, id } of wanted) ids.set(type, [...(ids.get(type) ?? []), id]);
    const operands = [...ids].map(([type, ofType]): SearchExpression => ({
      kind: 'of-type',
      types: [type],
      operand: this.identified(type, ofType),
    }));
    const query: SearchQuery = {
      repository,
      types: [...ids.keys()],
      filter: [{ kind: 'or', operands }],
      sort: [],
      count: wanted.length,
      total: 'none',
    };
    return store.search(query);
  }

  /** A Device may be somebody else's. */
  private identified(type: string, ids: readonly string[]): SearchExpression {
    const { patient } = this.parts.record;
    const named: SearchExpression = { kind: 'id', ids };
    if (type !== 'Device') return named;
    const anyones: SearchExpression = {
      kind: 'not',
      operand: { kind: 'present', code: 'patient', type: 'reference' },
    };
    const own = patient === undefined ? [] : [refersTo('patient', [{ type: 'Patient', id: patient }])];
    return { kind: 'and', operands: [named, { kind: 'or', operands: [anyones, ...own] }] };
  }

  /** What says where the resources come from; of a patient's, what names the patient is a member of the record. */
  private async provenance(store: GrantedReader, resources: readonly StoredResource[]): Promise<Support> {
    const { repository, record, withProvenance } = this.parts;
    if (!withProvenance || !this.isWanted('Provenance') || resources.length === 0) return nothing;
    const ofRecord = record.members.find(({ type }) => type === 'Provenance');
    const query: SearchQuery = {
      repository,
      types: ['Provenance'],
      filter: [
        refersTo('target', resources),
        ...(ofRecord === undefined ? [] : [{ kind: 'not', operand: ofRecord.membership } as const]),
      ],
      sort: [],
      count: mostProvenance,
      total: 'none',
    };
    const { matches, next } = await store.search(query);
    const found = matches.filter(({ type, id }) => {
      const name = `${type}/${id}`;
      if (this.asked.has(name)) return false;
      this.asked.add(name);
      return true;
    });
    return { resources: found, isCut: next !== null };
  }
}

const nothing: Support = { resources: [], isCut: false };

function refersTo(code: string, targets: readonly ReferredResource[]): SearchExpression {
  return {
    kind: 'parameter',
    code,
    type: 'reference',
    anyOf: targets.map(({ type, id }) => ({
      type: 'reference',
      targetType: type,
      targetId: id,
      url: undefined,
    })),
  };
}
