import type { AccessRequest, Interaction } from '../../../contract/index.js';
import type { Definitions } from '../../definitions/index.js';
import { unknownResource } from '../../exchange/interaction-errors.js';
import type { ParameterValues } from '../../search/index-values.js';
import { matchesFilter } from '../../search/match/resource-matcher.js';
import type { SearchExpression, SearchQuery } from '../../search/query.js';
import { restrictedTo } from '../../search/restrict.js';
import type { RestrictedQuery } from '../../search/restricted-query.js';
import { danglingError, ReferencedResourceError } from '../../storage/integrity-errors.js';
import type { StoredBodyReader } from '../../storage/check/stored-body.js';
import {
  makesVersion,
  type HistoryPage,
  type HistoryPageRequest,
  type HistoryPosition,
  type HistoryVersion,
  type PlannedWrite,
  type RepositoryHistoryPage,
  type RepositoryHistoryRequest,
  type ResourceIdentity,
  type ResourceStore,
  type SearchPage,
  type StoredResource,
  type WriteContext,
} from '../../storage/ports.js';
import type { AskedUnit } from '../asked-unit.js';
import type { GrantedStore } from '../passage-stage.js';
import { blindChange, outside, outsideAgain, outsideBefore, unknownUnlessPosted } from './access-errors.js';
import { AnswersOfOthers } from './answers-of-others.js';
import type { GrantedAccess } from './granted-access.js';
import { hiddenReferences, isTypeKnown } from './hidden-references.js';
import { LookedUpUnits, MOST_ROUNDS } from './looked-up-units.js';
import { assignsPatients, namedPatients, type NamedPatients, type ResourceImage } from './named-patients.js';
import { isWithinReach } from './write-reach.js';

/** Versions of a history that one request looks at while it looks for those that may be seen. */
const MOST_LOOKED_AT = 2_000;
/** Interactions by one of which a resource must be within reach for a write to learn that it is there. */
const reaching: readonly Interaction[] = ['update', 'patch', 'delete', 'read', 'search-type'];
/** The same for an answer that is given again without its resource. */
const repeatable: readonly Interaction[] = [...reaching, 'create'];
/** Interactions by one of which the content of a resource may be known. */
const knowing: readonly Interaction[] = ['read', 'search-type'];
const writing: ReadonlySet<Interaction> = new Set(['create', 'update', 'patch', 'delete']);

/** A refusal under the reference id of its explanation; any other error as it is. */
export type Explained = (request: Omit<AccessRequest, 'principal'>, thrown: unknown) => unknown;

/** By what the references of a repository are read. */
interface ReferenceReading {
  readonly definitions: Definitions;
  /** Base URLs of the repository. */
  readonly bases: readonly string[];
}

/**
 * The store as one principal may use it. What lies outside of what was granted is as if it were not there: it is
 * not read, found, counted, followed or told from what never was; and no write takes a resource from outside or
 * leaves one there.
 */
export class AccessedStore implements GrantedStore {
  /** What several rights ask of one body. */
  private readonly taken = new WeakMap<Buffer, readonly ParameterValues[]>();

  constructor(
    private readonly store: ResourceStore,
    private readonly granted: GrantedAccess,
    private readonly bodies: Pick<StoredBodyReader, 'read'>,
    private readonly explained: Explained,
    private readonly references: (repository: string) => ReferenceReading,
  ) {}

  async read(repository: string, type: string, id: string): Promise<StoredResource | undefined> {
    const stored = await this.store.read(repository, type, id);
    return stored !== undefined && (await this.isWithin('read', stored, repository)) ? stored : undefined;
  }

  async readVersion(
    repository: string,
    type: string,
    id: string,
    version: number,
  ): Promise<StoredResource | undefined> {
    const stored = await this.store.readVersion(repository, type, id, version);
    return stored !== undefined && (await this.isWithin('vread', stored, repository)) ? stored : undefined;
  }

  /** Without a total where not all versions may be seen. */
  async history(
    repository: string,
    type: string,
    id: string,
    page: HistoryPageRequest,
  ): Promise<HistoryPage> {
    const interaction = 'history-instance';
    if (this.granted.isUnrestricted(interaction, type)) return this.store.history(repository, type, id, page);
    const answers = new AnswersOfOthers();
    const versions: HistoryVersion[] = [];
    let before = page.before;
    for (let looked = 0; looked < MOST_LOOKED_AT;) {
      const part = await this.store.history(repository, type, id, {
        ...page,
        count: Math.max(page.count, 1),
        ...(before === undefined ? {} : { before }),
      });
      for (const version of part.versions) {
        if (await this.isWithin(interaction, version, repository, answers)) versions.push(version);
        if (versions.length > page.count) break;
      }
      looked += part.versions.length;
      before = part.versions.at(-1)?.version;
      if (versions.length > page.count || !part.more) break;
    }
    return {
      versions: versions.slice(0, page.count),
      more: versions.length > page.count,
      total: null,
    };
  }

  async repositoryHistory(
    repository: string,
    page: RepositoryHistoryRequest,
  ): Promise<RepositoryHistoryPage> {
    const interaction = page.types === null ? 'history-system' : 'history-type';
    const types = this.granted.wholeTypes(interaction, page.types);
    if (types !== undefined) return this.store.repositoryHistory(repository, { ...page, types });
    const answers = new AnswersOfOthers();
    const versions: HistoryVersion[] = [];
    let { behind } = page;
    let more = true;
    // One more than the page holds, since a next page must not tell of versions that may not be seen.
    for (let looked = 0; more && looked < MOST_LOOKED_AT && versions.length <= page.count;) {
      const part = await this.store.repositoryHistory(repository, {
        ...page,
        count: Math.max(page.count, 1),
        ...(behind === undefined ? {} : { behind }),
      });
      for (const version of part.versions) {
        if (await this.isWithin(interaction, version, repository, answers)) versions.push(version);
        behind = positionOf(version);
      }
      looked += part.versions.length;
      more = part.next !== null;
    }
    const shown = versions.slice(0, page.count);
    const last = shown.at(-1);
    if (versions.length > page.count && last !== undefined) {
      return { versions: shown, next: positionOf(last), total: null };
    }
    return { versions: shown, next: more && page.count > 0 ? (behind ?? null) : null, total: null };
  }

  async search(query: SearchQuery): Promise<SearchPage> {
    const { latest } = query;
    if (latest?.gathers !== 'first' || (await this.reachesSubject(query))) {
      return this.store.search(this.narrowed(query));
    }
    // To gather what is hidden would take as long as there is of it.
    return this.store.search(this.narrowed({ ...query, latest: { ...latest, gathers: 'others' } }));
  }

  /** Whether the patient whom the first condition of the filter names is not out of reach. */
  private async reachesSubject({ repository, types, filter }: SearchQuery): Promise<boolean> {
    const limits = types.flatMap((type) =>
      this.granted.reachesOf('search-type', type).map((reach) => reach.limits.map(({ patient }) => patient)),
    );
    if (limits.some((patients) => patients.length === 0)) return true;
    const id = patientAskedBy(filter[0]);
    if (id === undefined) return false;
    const patient = { type: 'Patient', id, lastUpdated: 0, values: [] };
    return this.settled(repository, new AnswersOfOthers(), ({ ask }) => {
      const answers = limits.map((patients) => matchesFilter(patient, patients, ask));
      return answers.includes(true) || (answers.includes(undefined) ? undefined : false);
    });
  }

  async repeated(
    repository: string,
    { type, id, version }: ResourceIdentity & { readonly version: number },
  ): Promise<StoredResource | undefined> {
    const stored = await this.store.readVersion(repository, type, id, version);
    if (stored !== undefined) {
      if (await this.isWithin('vread', stored, repository)) return stored;
      for (const interaction of repeatable) {
        if (await this.isWithin(interaction, stored, repository)) return undefined;
      }
    }
    throw this.explained({ interaction: 'vread', resourceType: type, id }, outsideAgain(type));
  }

  async commit<R>(unit: AskedUnit<R>): Promise<R> {
    const { repository, conditions, lookups } = unit;
    let refused: Omit<AccessRequest, 'principal'> = { interaction: 'update', resourceType: null };
    try {
      return await new LookedUpUnits(this.store).commit(unit, (answers) => ({
        conditions: conditions?.map((query) => this.narrowed(query)),
        lookups: lookups?.map((query) => this.narrowed(query)),
        apply: (transaction: WriteContext) => {
          const noting = (request: typeof refused): void => void (refused = request);
          const decided = unit.apply(this.reachable(transaction, repository, answers, noting));
          for (const write of decided.writes) {
            refused = { interaction: interactionOf(write), resourceType: write.type, id: write.id };
            this.requireWithin(write, transaction, repository, answers);
          }
          this.requireKnown(decided.writes, transaction, repository, answers);
          const records = unit.records?.(decided.writes, transaction) ?? [];
          if (records.length === 0) return decided;
          return { writes: [...decided.writes, ...records], result: decided.result };
        },
      }));
    } catch (thrown) {
      throw this.explained(refused, this.withoutNames(thrown));
    }
  }

  private narrowed(query: SearchQuery): RestrictedQuery {
    return restrictedTo(query, this.granted.ofSearches);
  }

  /** What a unit sees inside the transaction: rows out of reach are not there. */
  private reachable(
    transaction: WriteContext,
    repository: string,
    answers: AnswersOfOthers,
    noting: (request: Omit<AccessRequest, 'principal'>) => void,
  ): WriteContext {
    // What can't be told here counts as no.
    const mayKnow: WriteContext['mayRead'] = (resource) =>
      knowing.some((interaction) => this.decide(interaction, resource, repository, answers) === true);
    return {
      matches: transaction.matches,
      now: transaction.now,
      mayRead: (resource) => this.decide('read', resource, repository, answers) === true,
      mayKnow,
      requireRevisable: (stored, by) => {
        const { type, id } = stored;
        noting({ interaction: 'update', resourceType: type, id });
        if (this.decide('update', stored, repository, answers) !== true) {
          throw mayKnow(stored) ? outsideBefore(type) : unknownResource(type, id);
        }
        if (by === 'its content' && !mayKnow(stored)) throw blindChange(type);
      },
      current: (type, id) => {
        const stored = transaction.current(type, id);
        if (stored === undefined) return undefined;
        return reaching.some((interaction) => this.decide(interaction, stored, repository, answers) === true)
          ? stored
          : undefined;
      },
    };
  }

  /**
   * The image before and the image after must both be within what was granted. An id that the client chooses tells
   * whether it is taken, so that whoever may not see all of the type creates by POST.
   *
   * @throws FirekeepError 404 as for what is not there, 403 `FHIR_ACCESS_OUTSIDE`
   */
  private requireWithin(
    write: PlannedWrite,
    transaction: WriteContext,
    repository: string,
    answers: AnswersOfOthers,
  ): void {
    const { type, id } = write;
    // Jobs derive the index again, and no principal's request.
    if (!makesVersion(write)) throw outside(type);
    const interaction = interactionOf(write);
    if (this.granted.isFree(interaction, type)) return;
    const before = interaction === 'create' ? undefined : transaction.current(type, id);
    if (interaction !== 'create' && !this.granted.isUnrestricted(interaction, type)) {
      if (before === undefined || this.decide(interaction, before, repository, answers) !== true) {
        if (write.kind === 'create') throw unknownUnlessPosted(type, id);
        const isSeen =
          before !== undefined &&
          knowing.some((one) => this.decide(one, before, repository, answers) === true);
        throw isSeen ? outsideBefore(type) : unknownResource(type, id);
      }
    }
    if (write.kind === 'delete') return;
    if (this.mayStore(interaction, write, before, repository, answers) !== true) throw outside(type);
  }

  /** Whether one of the rights holds for the image behind a write; undefined: other resources decide. */
  private mayStore(
    interaction: Interaction,
    after: ResourceImage,
    before: StoredResource | undefined,
    repository: string,
    answers: AnswersOfOthers,
  ): boolean | undefined {
    const isAssigning = once(() => {
      const held = before === undefined || before.deleted ? [] : this.valuesOf(before.content, repository);
      return assignsPatients(held, after.values);
    });
    const reaches = this.granted
      .reachesOf(interaction, after.type)
      .filter(({ keepsParticipants }) => !keepsParticipants || !isAssigning());
    return this.anyReach(reaches, after, repository, answers);
  }

  private valuesOf(content: Buffer, repository: string): readonly ParameterValues[] {
    let values = this.taken.get(content);
    if (values === undefined) {
      values = this.bodies.read(content, repository).values();
      this.taken.set(content, values);
    }
    return values;
  }

  private anyReach(
    reaches: ReturnType<GrantedAccess['reachesOf']>,
    image: ResourceImage,
    repository: string,
    answers: AnswersOfOthers,
  ): boolean | undefined {
    const named = once((): NamedPatients => namedPatients(image, this.references(repository)));
    const found = reaches.map((reach) => isWithinReach(reach, image, named, answers.ask));
    if (found.includes(true)) return true;
    return found.includes(undefined) ? undefined : false;
  }

  /** @throws FirekeepError 422 as for references that lead nowhere, where those must not be */
  private requireKnown(
    writes: readonly PlannedWrite[],
    transaction: WriteContext,
    repository: string,
    answers: AnswersOfOthers,
  ): void {
    const hidden = hiddenReferences(writes, this.granted, answers.ask, ({ kind, type, id }) => {
      const before = kind === 'create' ? undefined : transaction.current(type, id);
      return before === undefined || before.deleted ? [] : this.valuesOf(before.content, repository);
    });
    if (hidden.length > 0) throw danglingError(hidden);
  }

  /** What refers to a resource may be out of reach. */
  private withoutNames(thrown: unknown): unknown {
    if (!(thrown instanceof ReferencedResourceError)) return thrown;
    const { target, referrers, hasOthers } = thrown;
    const named = referrers.filter((name) => isTypeKnown(this.granted, name.split('/', 1)[0] ?? ''));
    return new ReferencedResourceError(target, named, hasOthers || named.length < referrers.length);
  }

  /** @param answers of other resources, where several versions are asked about */
  private async isWithin(
    interaction: Interaction,
    stored: StoredResource,
    repository: string,
    answers = new AnswersOfOthers(),
  ): Promise<boolean> {
    const { type, id, version } = stored;
    let shown: StoredResource | undefined = stored;
    if (stored.deleted && !this.granted.isUnrestricted(interaction, type)) {
      // As visible as what was deleted.
      shown = await this.store.readVersion(repository, type, id, version - 1);
      if (shown?.deleted !== false) return false;
    }
    const found = shown;
    return this.settled(repository, answers, () => this.decide(interaction, found, repository, answers));
  }

  /** What is decided once everything is known that it asks of other resources; what can't be known counts as no. */
  private async settled(
    repository: string,
    answers: AnswersOfOthers,
    decide: (answers: AnswersOfOthers) => boolean | undefined,
  ): Promise<boolean> {
    let decided = decide(answers);
    // What an answer decides may ask for another.
    for (let round = 0; decided === undefined && answers.isOpen && round < MOST_ROUNDS; round += 1) {
      for (const { query, learn } of answers.lookups(repository)) {
        learn((await this.store.search(query)).matches);
      }
      decided = decide(answers);
    }
    return decided === true;
  }

  /**
   * Whether a version is within what was granted; undefined: other resources decide, about which nothing is known.
   */
  private decide(
    interaction: Interaction,
    { type, id, lastUpdated, deleted, content }: Omit<StoredResource, 'rid'>,
    repository: string,
    answers: AnswersOfOthers,
  ): boolean | undefined {
    if (this.granted.isUnrestricted(interaction, type)) return true;
    if (this.granted.isRefused(interaction, type) || deleted) return false;
    const values = this.valuesOf(content, repository);
    const image = { type, id, lastUpdated, values, content };
    return writing.has(interaction)
      ? this.anyReach(this.granted.reachesOf(interaction, type), image, repository, answers)
      : matchesFilter(image, [this.granted.within(interaction, type)], answers.ask);
  }
}

/** The id of the one Patient whom the condition names; undefined: it is another one. */
function patientAskedBy(expression: SearchExpression | undefined): string | undefined {
  if (expression?.kind !== 'parameter') return undefined;
  const [test, ...others] = expression.anyOf;
  return test?.type === 'reference' && test.targetType === 'Patient' && others.length === 0
    ? test.targetId
    : undefined;
}

/** A value that is worked out when it is asked for, and then known. */
function once<T>(work: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => (known ??= { value: work() }).value;
}

function positionOf({ lastUpdated, rid, version }: HistoryVersion): HistoryPosition {
  return { lastUpdated, rid, version };
}

function interactionOf(write: PlannedWrite): Interaction {
  if (write.kind === 'delete') return 'delete';
  return write.kind === 'create' && write.method === 'POST' ? 'create' : 'update';
}
