import { FirekeepError } from '../../../platform/errors/index.js';
import type { PlannedWrite, StoredResource, VersionWrite, WriteContext, WriteUnit } from '../ports.js';
import type { BodySize } from './body-size.js';
import { indexRows } from './index-rows.js';
import type { IndexRows } from './index-tables.js';
import { tables } from './keys.js';
import type { NameResolver } from './name-resolver.js';
import type { RowIdentity, VersionRow } from './resource-rows.js';

/** What a group of units makes of one resource. */
export interface ResourceChange {
  readonly identity: RowIdentity;
  /** Current row before the transaction; undefined: none. */
  readonly before: StoredResource | undefined;
  /** What the row becomes. */
  readonly after: VersionRow;
  /** Versions that the transaction both makes and supersedes, oldest first. */
  readonly superseded: readonly VersionRow[];
  /** Rows in the search index; undefined: none, the resource is deleted. */
  readonly index: IndexRows | undefined;
}

/** A resource as the units applied so far have left it. */
interface PlannedResource {
  readonly current: StoredResource;
  readonly change: ResourceChange;
}

/** Where the numbers of new resources come from; undefined when the reserved ones are used up. */
export interface RidSource {
  take(): number | undefined;
}

/** What a plan takes from outside, and what bounds it. */
export interface PlanTerms {
  readonly rids: RidSource;
  readonly bodySize: BodySize;
  /** Rows that one resource may have in the search index. */
  readonly indexRows: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/**
 * Collects what the units of a transaction want to write, in memory: a later unit sees what an earlier one of
 * the group made of a resource. A unit enters the plan whole or not at all.
 */
export class GroupPlan {
  private readonly planned = new Map<string, PlannedResource>();
  private readonly reindexed = new Map<string, { readonly rid: number; readonly index: IndexRows }>();
  /** New resources in the plan, and whether there was a number for each. */
  newRids = 0;
  ranOutOfRids = false;

  /** @param stored current rows of all targets, locked, by `keyOf` */
  constructor(
    private readonly stored: ReadonlyMap<string, StoredResource>,
    private readonly names: NameResolver,
    private readonly terms: PlanTerms,
  ) {}

  static keyOf(repository: string, type: string, id: string): string {
    return `${type}/${id}\u0000${repository}`;
  }

  /** Resources in the plan. */
  get size(): number {
    return this.planned.size;
  }

  get changes(): ResourceChange[] {
    return [...this.planned.values()].map(({ change }) => change);
  }

  /** Rows in the search index of resources that are not changed, by their numbers. */
  get indexChanges(): ReadonlyMap<number, IndexRows> {
    const unchanged = [...this.reindexed].filter(([key]) => !this.planned.has(key));
    return new Map(unchanged.map(([, { rid, index }]) => [rid, index]));
  }

  /**
   * Lets a unit decide, and takes its writes into the plan.
   *
   * @returns what the unit answers, and the identities that it writes
   * @throws what the unit throws, with the plan unchanged
   */
  apply<R>(
    unit: WriteUnit<R>,
    matches: WriteContext['matches'],
    targets: readonly { type: string; id: string }[],
  ): { readonly result: R; readonly writes: readonly PlannedWrite[] } {
    const current = (type: string, id: string): StoredResource | undefined =>
      this.currentOf(GroupPlan.keyOf(unit.repository, type, id));
    // Later than what is there, so that the versions of a resource have an order in time too.
    const now = targets.reduce(
      (time, { type, id }) => Math.max(time, (current(type, id)?.lastUpdated ?? 0) + 1),
      this.terms.time,
    );
    // The store knows no callers: `AccessedStore` says what they may read.
    const open = { mayRead: () => true, mayKnow: () => true, requireRevisable: () => undefined };
    const { writes, result } = unit.apply({ matches, current, now, ...open });
    const entries = new Map<string, PlannedResource>();
    const reindexed: typeof this.reindexed = new Map();
    for (const write of writes) {
      const key = GroupPlan.keyOf(unit.repository, write.type, write.id);
      if (write.kind === 'index') reindexed.set(key, this.reindex(unit.repository, write, key));
      else
        entries.set(key, this.plan(unit.repository, write, entries.get(key) ?? this.planned.get(key), key));
    }
    for (const [key, entry] of entries) this.planned.set(key, entry);
    for (const [key, entry] of reindexed) this.reindexed.set(key, entry);
    return { result, writes };
  }

  private currentOf(key: string): StoredResource | undefined {
    return this.planned.get(key)?.current ?? this.stored.get(key);
  }

  private reindex(
    repository: string,
    write: PlannedWrite & { readonly kind: 'index' },
    key: string,
  ): { readonly rid: number; readonly index: IndexRows } {
    const current = this.currentOf(key);
    if (current === undefined || current.deleted) {
      throw wrongPlan(`${write.type}/${write.id}: index of what is not there`);
    }
    const names = this.names.of(this.names.repository(repository), this.names.type(write.type));
    const index = indexRows(current.rid, names, write.values);
    this.checkRows(index, write);
    return { rid: current.rid, index };
  }

  private plan(
    repository: string,
    write: VersionWrite,
    earlier: PlannedResource | undefined,
    key: string,
  ): PlannedResource {
    const before = earlier === undefined ? this.stored.get(key) : earlier.change.before;
    const current = earlier?.current ?? before;
    checkWrite(write, current);
    if (write.kind !== 'delete') this.terms.bodySize.check(write.content);
    const identity = {
      repository: this.names.repository(repository),
      type: this.names.type(write.type),
      id: write.id,
    };
    const rid = current?.rid ?? this.takeRid();
    const after = versionOf(write, identity, rid);
    const superseded = earlier === undefined ? [] : [...earlier.change.superseded, earlier.change.after];
    const index =
      write.kind === 'delete'
        ? undefined
        : indexRows(rid, this.names.ofWritten(identity.repository, identity.type, write.type), write.values);
    if (index !== undefined) this.checkRows(index, write);
    const change = { identity, before, after, superseded, index };
    return { current: storedFrom(after, write.type), change };
  }

  private checkRows(index: IndexRows, { type }: PlannedWrite): void {
    // Terms have a bound of their own, beyond which they are left out.
    const rows =
      Object.values(index).reduce((sum, { length }) => sum + length, 0) - index[tables.term].length;
    if (rows <= this.terms.indexRows) return;
    throw new FirekeepError(
      'unprocessable',
      'FHIR_STORE_TOO_MANY_INDEX_ROWS',
      `The ${type} has ${rows} values that searches find it by; ${this.terms.indexRows} are the most. Split it.`,
    );
  }

  private takeRid(): number {
    const rid = this.terms.rids.take();
    this.newRids++;
    if (rid === undefined) this.ranOutOfRids = true;
    return rid ?? 0;
  }
}

function versionOf(write: VersionWrite, identity: RowIdentity, rid: number): VersionRow {
  const method = write.kind === 'delete' ? 'DELETE' : write.method;
  const content = write.kind === 'delete' ? Buffer.alloc(0) : write.content;
  return { ...identity, rid, version: write.version, lastUpdated: write.lastUpdated, method, content };
}

function storedFrom(row: VersionRow, type: string): StoredResource {
  const { rid, id, version, lastUpdated, method, content } = row;
  return { type, id, rid, version, lastUpdated, deleted: method === 'DELETE', content };
}

/** A plan that doesn't continue what is stored would lose a version: it is refused, whoever made it. */
function checkWrite(write: VersionWrite, current: StoredResource | undefined): void {
  const name = `${write.type}/${write.id}`;
  if (write.kind === 'create' && current !== undefined && !current.deleted) {
    throw idTaken(name);
  }
  const expected = (current?.version ?? 0) + 1;
  if (write.version !== expected) {
    throw wrongPlan(`${name}: version ${write.version} planned where ${expected} comes next`);
  }
  if (write.lastUpdated < (current?.lastUpdated ?? 0)) {
    throw wrongPlan(`${name}: planned to be older than what is stored`);
  }
  if (write.kind === 'delete' && (current === undefined || current.deleted)) {
    throw wrongPlan(`${name}: deletion of what is not there`);
  }
}

/** @returns the error for an id that exists already where a new resource was to be made. */
export function idTaken(name: string, cause?: unknown): FirekeepError {
  return new FirekeepError(
    'conflict',
    'FHIR_STORE_ID_TAKEN',
    `${name} exists already, or another request is just creating it.`,
    { cause },
  );
}

function wrongPlan(detail: string): FirekeepError {
  return new FirekeepError(
    'internal',
    'FHIR_STORE_WRONG_PLAN',
    'The write does not fit what is stored. Nothing was changed.',
    { detail },
  );
}
