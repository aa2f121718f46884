import type { SqlSession } from '../../../platform/database/index.js';
import { FirekeepError } from '../../../platform/errors/index.js';
import type { SearchQuery } from '../../search/query.js';
import type { ParameterRegistry } from '../parameter-registry.js';
import {
  makesVersion,
  type PlannedWrite,
  type ResourceIdentity,
  type StoredResource,
  type WriteUnit,
} from '../ports.js';
import type { BodySize } from './body-size.js';
import { mayChange, type EvaluatedCondition } from './condition-overlap.js';
import { criterionText, takeGuards } from './criterion-guards.js';
import { insertIndexRows, replaceIndexRows } from './index-writer.js';
import type { NameResolver } from './name-resolver.js';
import {
  answerFrom,
  findReceipts,
  insertReceipts,
  receiptRow,
  type ReceiptRow,
  type StoredReceipt,
} from './receipts.js';
import { GroupDefinitions } from './group-definitions.js';
import { ReferentialIntegrity, type ReferrersOf, type UnitWrites } from './referential-integrity.js';
import {
  copyToHistory,
  insertHistory,
  insertResources,
  lockRows,
  updateResources,
  versionFrom,
  type RowIdentity,
} from './resource-rows.js';
import type { RidBlocks } from './rid-blocks.js';
import type { SearchExecutor } from './search-executor.js';
import { deferred, failed, type UnitOutcome } from './unit-outcome.js';
import { GroupPlan, type ResourceChange } from './group-plan.js';

/** Resources that a transaction writes before it leaves further units to the next one. */
const ENOUGH_CHANGES = 1000;

/** What a group of units needs beside its session. */
export interface GroupParts {
  readonly search: SearchExecutor;
  readonly rids: RidBlocks;
  readonly bodySize: BodySize;
  /** Rows that one resource may have in the search index. */
  readonly indexRows: number;
  /** Set where references must lead somewhere. */
  readonly referrersOf?: ReferrersOf;
  /** Set where repositories define search parameters. */
  readonly registry?: ParameterRegistry;
  /** Milliseconds since the epoch; never goes backwards. */
  now(): number;
}

/** Names or numbers are missing: prepare them outside of the transaction and run it again. */
export class NeedsPreparation extends Error {
  constructor(readonly newRids: number) {
    super('names or resource numbers are missing');
  }
}

/** What a condition found was deleted before it could be locked: the conditions must be asked again. */
export class OvertakenCondition extends Error {}

/** Whether a unit takes part, and with what. */
interface Candidate {
  readonly unit: WriteUnit<unknown>;
  readonly conditions: readonly EvaluatedCondition[];
  readonly targets: readonly ResourceIdentity[];
}

/**
 * One attempt to write a group of units in one transaction. All of its state is its own: a retry makes a new
 * one. The order is guards, conditions, locks in the order of the key, decisions in memory, statements.
 */
export class GroupTransaction {
  private readonly outcomes: UnitOutcome[];
  /** Units that have their outcome already, by their place in the group. */
  private readonly settled = new Set<number>();
  /** The changes, once they are decided: what a commit in doubt is recognised by. */
  changes: readonly ResourceChange[] = [];

  constructor(
    private readonly parts: GroupParts,
    private readonly names: NameResolver,
    private readonly units: readonly WriteUnit<unknown>[],
    private readonly definitionsLock: 'share' | 'update' = 'share',
  ) {
    this.outcomes = units.map(() => deferred);
  }

  /**
   * @throws NeedsPreparation, StaleDefinitions or NeedsDefinitionsLock before the first write; otherwise what the
   * database throws.
   */
  async run(session: SqlSession): Promise<UnitOutcome[]> {
    const definitions = await GroupDefinitions.lock(session, this.parts.registry, this.definitionsLock);
    const receiptKeys = this.units.flatMap(({ receipt }) => (receipt === undefined ? [] : [receipt.key]));
    await takeGuards(
      session,
      this.units.flatMap((unit) => unit.conditions ?? []),
      receiptKeys,
    );
    if (receiptKeys.length > 0) this.answerRepeated(await findReceipts(session, receiptKeys, Date.now()));
    const candidates = await this.evaluate(session);
    const stored = await this.lock(session, candidates);
    refuseOvertaken(candidates, stored);
    const decisions = await this.decideAll(session, candidates, stored, definitions);
    const { plan, receipts } = decisions;
    this.changes = plan.changes;
    await write(session, this.changes);
    await replaceIndexRows(session, plan.indexChanges);
    await insertReceipts(session, receipts);
    await decisions.definitions.save(session, this.names);
    return this.outcomes;
  }

  /** Answers what has been answered before; of equal units of the group, all but the first wait for its receipt. */
  private answerRepeated(stored: ReadonlyMap<string, StoredReceipt>): void {
    const seen = new Set<string>();
    for (const [index, { receipt }] of this.units.entries()) {
      if (receipt === undefined) continue;
      const key = receipt.key.toString('hex');
      const known = stored.get(key);
      if (known !== undefined) this.settle(index, () => answerFrom(receipt, known));
      else if (seen.has(key)) this.settled.add(index);
      seen.add(key);
    }
  }

  private settle(index: number, answer: () => unknown): void {
    this.settled.add(index);
    try {
      this.outcomes[index] = { kind: 'done', result: answer() };
    } catch (error) {
      this.outcomes[index] = failed(error);
    }
  }

  /** Lets all units decide, again without those that would break the integrity of references. */
  private async decideAll(
    session: SqlSession,
    candidates: readonly (Candidate | undefined)[],
    stored: ReadonlyMap<string, StoredResource>,
    definitions: GroupDefinitions,
  ): Promise<Decisions> {
    const { referrersOf } = this.parts;
    const integrity = referrersOf && new ReferentialIntegrity(session, this.names, stored, referrersOf);
    for (;;) {
      const decisions = new Decisions(this.newPlan(stored), this.parts.now(), definitions.anew());
      for (const [index, candidate] of candidates.entries()) {
        if (candidate !== undefined && !this.settled.has(index)) {
          this.outcomes[index] = decisions.decide(index, candidate);
        }
      }
      this.requirePrepared(decisions.plan.ranOutOfRids ? decisions.plan.newRids : 0);
      decisions.definitions.requireLock();
      const violation = await integrity?.firstViolation(decisions.written);
      if (violation === undefined) return decisions;
      const index = decisions.written[violation.unit]?.index ?? -1;
      this.outcomes[index] = failed(violation.error);
      this.settled.add(index);
    }
  }

  private newPlan(stored: ReadonlyMap<string, StoredResource>): GroupPlan {
    const { rids, bodySize, indexRows } = this.parts;
    return new GroupPlan(stored, this.names, { rids, bodySize, indexRows, time: this.parts.now() });
  }

  /** Runs the searches of all units, equal ones once, and asks the units for their targets. */
  private async evaluate(session: SqlSession): Promise<(Candidate | undefined)[]> {
    const found = new Map<string, Promise<readonly ResourceIdentity[]>>();
    const accesses = new AccessNumbers();
    const search = (query: SearchQuery): Promise<readonly ResourceIdentity[]> => {
      const limit = Math.max(2, query.count);
      const text = `${limit} ${accesses.numberOf(query.access)} ${criterionText(query)}`;
      const result = found.get(text) ?? this.parts.search.identities(session, query, limit);
      found.set(text, result);
      return result;
    };
    const candidates: (Candidate | undefined)[] = [];
    for (const [index, unit] of this.units.entries()) {
      if (this.settled.has(index)) {
        candidates.push(undefined);
        continue;
      }
      try {
        const conditions: EvaluatedCondition[] = [];
        for (const query of [...(unit.conditions ?? []), ...(unit.lookups ?? [])]) {
          conditions.push({ query, matches: await search(query) });
        }
        const targets = unit.targets?.(conditions.map(({ matches }) => matches)) ?? [];
        candidates.push({ unit, conditions, targets });
      } catch (error) {
        // What the database says concerns all of them; the rest is the unit's own.
        if (isDriverError(error)) throw error;
        this.outcomes[index] = failed(error);
        candidates.push(undefined);
      }
    }
    return candidates;
  }

  private async lock(
    session: SqlSession,
    candidates: readonly (Candidate | undefined)[],
  ): Promise<Map<string, StoredResource>> {
    const rows = new Map<string, { identity: RowIdentity; type: string; key: string }>();
    for (const candidate of candidates) {
      for (const { type, id } of candidate?.targets ?? []) {
        const repository = candidate?.unit.repository ?? '';
        const identity = { repository: this.names.repository(repository), type: this.names.type(type), id };
        rows.set(rowKey(identity), { identity, type, key: GroupPlan.keyOf(repository, type, id) });
      }
    }
    this.requirePrepared(0);
    const stored = new Map<string, StoredResource>();
    const locked = await lockRows(
      session,
      [...rows.values()].map(({ identity }) => identity),
    );
    for (const { identity, row } of locked) {
      const target = rows.get(rowKey(identity));
      if (target !== undefined) stored.set(target.key, versionFrom(row, target.type, identity.id));
    }
    return stored;
  }

  private requirePrepared(newRids: number): void {
    if (newRids > 0 || !this.names.missing.isEmpty) throw new NeedsPreparation(newRids);
  }
}

/** Tells what different principals may see apart: an equal search of another one has another answer. */
class AccessNumbers {
  private readonly numbers = new Map<SearchQuery['access'], number>();

  numberOf(access: SearchQuery['access']): number {
    const known = this.numbers.get(access);
    if (known !== undefined) return known;
    this.numbers.set(access, this.numbers.size);
    return this.numbers.size - 1;
  }
}

interface DecidedUnit extends UnitWrites {
  /** Place in the group. */
  readonly index: number;
  /** With those that only derive the index again. */
  readonly all: readonly PlannedWrite[];
}

/** What the units of one attempt have decided, one after the other. */
class Decisions {
  readonly written: DecidedUnit[] = [];
  readonly receipts: ReceiptRow[] = [];

  constructor(
    readonly plan: GroupPlan,
    private readonly time: number,
    readonly definitions: GroupDefinitions,
  ) {}

  decide(index: number, { unit, conditions, targets }: Candidate): UnitOutcome {
    const { repository, receipt } = unit;
    if (this.plan.size >= ENOUGH_CHANGES || this.isOvertaken(repository, conditions)) return deferred;
    try {
      const matches = conditions.map((condition) => condition.matches);
      // A receipt that can't be kept ends the unit before the plan takes it.
      const apply: WriteUnit<unknown>['apply'] = (context) => {
        this.definitions.requireCurrent(conditions.map(({ query }) => query));
        const decided = unit.apply(context);
        const row = receipt && receiptRow(receipt, decided.result, this.time);
        this.definitions.take(repository, decided.writes);
        return { writes: this.definitions.current(decided.writes), result: { answer: decided.result, row } };
      };
      const { result, writes } = this.plan.apply({ repository, apply }, matches, targets);
      const { answer, row } = result as { answer: unknown; row: ReceiptRow | undefined };
      this.written.push({ index, repository, writes: writes.filter(makesVersion), all: writes });
      if (row !== undefined) this.receipts.push(row);
      return { kind: 'done', result: answer };
    } catch (error) {
      return failed(error);
    }
  }

  /** Whether an earlier unit of the group may have changed what this one's conditions find. */
  private isOvertaken(repository: string, conditions: readonly EvaluatedCondition[]): boolean {
    if (conditions.length === 0) return false;
    const writes = this.written.filter((unit) => unit.repository === repository).flatMap((unit) => unit.all);
    return conditions.some((condition) => writes.some((write) => mayChange(condition, write)));
  }
}

function refuseOvertaken(
  candidates: readonly (Candidate | undefined)[],
  stored: ReadonlyMap<string, StoredResource>,
): void {
  for (const { unit, conditions } of candidates.filter((candidate) => candidate !== undefined)) {
    for (const { type, id } of conditions.flatMap(({ matches }) => matches)) {
      if (stored.get(GroupPlan.keyOf(unit.repository, type, id))?.deleted === true) {
        throw new OvertakenCondition();
      }
    }
  }
}

function rowKey({ repository, type, id }: RowIdentity): string {
  return `${repository}/${type}/${id}`;
}

/** Errors of the drivers carry a code, or say that the connection is lost, and are none of ours. */
function isDriverError(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof FirekeepError) return false;
  return 'code' in error || 'fatal' in error;
}

async function write(session: SqlSession, changes: readonly ResourceChange[]): Promise<void> {
  const created = changes.filter(({ before }) => before === undefined);
  const updated = changes.filter(({ before }) => before !== undefined);
  if (updated.length > 0) {
    await copyToHistory(
      session,
      updated.map(({ after }) => after.rid),
    );
    await updateResources(
      session,
      updated.map(({ after }) => after),
    );
  }
  await insertResources(
    session,
    created.map(({ after }) => after),
  );
  await insertHistory(
    session,
    changes.flatMap(({ superseded }) => superseded),
  );
  const unindexed = changes.filter(({ before }) => before === undefined || before.deleted);
  await insertIndexRows(
    session,
    unindexed.flatMap(({ index }) => index ?? []),
  );
  const indexed = updated.filter(({ before }) => before?.deleted === false);
  await replaceIndexRows(session, new Map(indexed.map(({ after, index }) => [after.rid, index])));
}
