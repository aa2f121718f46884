import type { Definitions } from '../../definitions/index.js';
import { membershipOf } from '../../search/compartment-membership.js';
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
      const { matches } = await this.search(store, unasked.slice(start, start + mostIds), (type, ids) =>
        this.identified(type, ids),
      );
      found.push(...(await this.withoutOthersBinaries(store, matches)));
    }
    return found;
  }

  private isWanted(type: string): boolean {
    const { types } = this.parts;
    return types === undefined || types.has(type);
  }

  private search(
    store: GrantedReader,
    wanted: readonly ReferredResource[],
    conditionOn: (type: string, ids: readonly string[]) => SearchExpression,
  ): Promise<SearchPage> {
    const { repository } = this.parts;
    const ids = new Map<string, string[]>();
    for (const { type, id } of wanted) ids.set(type, [...(ids.get(type) ?? []), id]);
    const operands = [...ids].map(([type, ofType]): SearchExpression => ({
      kind: 'of-type',
      types: [type],
      operand: conditionOn(type, ofType),
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

  /** These, save for members of the record, which come as such, and for what is about somebody else. */
  private identified(type: string, ids: readonly string[]): SearchExpression {
    const member = this.parts.record.members.find((one) => one.type === type);
    return {
      kind: 'and',
      operands: [
        { kind: 'id', ids },
        ...(member === undefined ? [] : [{ kind: 'not', operand: member.membership } as const]),
        ...this.nobodyElses(type),
      ],
    };
  }

  private nobodyElses(type: string): readonly SearchExpression[] {
    const { definitions, record } = this.parts;
    const { patient } = record;
    if (type === 'Device') {
      const isSomebodys: SearchExpression = { kind: 'present', code: 'patient', type: 'reference' };
      const own = patient === undefined ? [] : [refersTo('patient', [{ type: 'Patient', id: patient }])];
      return [{ kind: 'or', operands: [{ kind: 'not', operand: isSomebodys }, ...own] }];
    }
    if (type === 'Patient' || definitions.compartments.get('Patient')?.has(type) !== true) return [];
    // Whom a record without a patient is about isn't known; a related person is about a patient by its definition.
    if (patient === undefined) return type === 'RelatedPerson' ? [none] : [];
    return [membershipOf(definitions, { type: 'Patient', id: patient }, [type]) ?? none];
  }

  /** Without Binaries whose security context is another patient, or something that is about another one. */
  private async withoutOthersBinaries(
    store: GrantedReader,
    resources: readonly StoredResource[],
  ): Promise<readonly StoredResource[]> {
    const { definitions, bases, record } = this.parts;
    const contexts = new Map<StoredResource, readonly ReferredResource[]>();
    for (const resource of resources) {
      if (resource.type !== 'Binary') continue;
      const personal = referredIn(resource.content, definitions, bases).filter(
        ({ type, id }) =>
          definitions.compartments.get('Patient')?.has(type) === true &&
          !(type === record.owner.type && id === record.owner.id) &&
          !(type === 'Patient' && id === record.patient),
      );
      if (personal.length > 0) contexts.set(resource, personal);
    }
    const asked = [...contexts.values()].flat().filter(({ type }) => type !== 'Patient');
    const own = new Set<string>();
    if (asked.length > 0) {
      const { matches } = await this.search(store, asked, (type, ids) => ({
        kind: 'and',
        operands: [{ kind: 'id', ids }, ...this.nobodyElses(type)],
      }));
      for (const { type, id } of matches) own.add(`${type}/${id}`);
    }
    return resources.filter(
      (one) => contexts.get(one)?.every(({ type, id }) => own.has(`${type}/${id}`)) ?? true,
    );
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
const none: SearchExpression = { kind: 'or', operands: [] };

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
