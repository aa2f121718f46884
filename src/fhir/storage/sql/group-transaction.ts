import type { SqlSession } from '../../../platform/database/index.js';
import { FirekeepError } from '../../../platform/errors/index.js';
import type { SearchQuery } from '../../search/query.js';
import type { PlannedWrite, ResourceIdentity, StoredResource, WriteUnit } from '../ports.js';
import type { BodySize } from './body-size.js';
import { mayChange, type EvaluatedCondition } from './condition-overlap.js';
import { criterionText, takeGuards } from './criterion-guards.js';
import { insertIndexRows, replaceIndexRows } from './index-writer.js';
import type { NameResolver } from './name-resolver.js';
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
import { WritePlan, type ResourceChange } from './write-plan.js';

/** Resources that a transaction writes before it leaves further units to the next one. */
const ENOUGH_CHANGES = 1000;

/** What a group of units needs beside its session. */
export interface GroupParts {
  readonly search: SearchExecutor;
  readonly rids: RidBlocks;
  readonly bodySize: BodySize;
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
  private readonly written = new Map<string, PlannedWrite[]>();
  /** The changes, once they are decided: what a commit in doubt is recognised by. */
  changes: readonly ResourceChange[] = [];

  constructor(
    private readonly parts: GroupParts,
    private readonly names: NameResolver,
    private readonly units: readonly WriteUnit<unknown>[],
  ) {
    this.outcomes = units.map(() => deferred);
  }

  /** @throws NeedsPreparation before the first write; otherwise what the database throws. */
  async run(session: SqlSession): Promise<UnitOutcome[]> {
    await takeGuards(
      session,
      this.units.flatMap((unit) => unit.conditions ?? []),
    );
    const candidates = await this.evaluate(session);
    const stored = await this.lock(session, candidates);
    refuseOvertaken(candidates, stored);
    const plan = new WritePlan(stored, this.names, this.parts.rids, this.parts.bodySize, this.parts.now());
    candidates.forEach((candidate, index) => {
      if (candidate !== undefined) this.outcomes[index] = this.decide(plan, candidate);
    });
    this.requirePrepared(plan.ranOutOfRids ? plan.newRids : 0);
    this.changes = plan.changes;
    await write(session, this.changes);
    return this.outcomes;
  }

  /** Runs the searches of all units, equal ones once, and asks the units for their targets. */
  private async evaluate(session: SqlSession): Promise<(Candidate | undefined)[]> {
    const found = new Map<string, Promise<readonly ResourceIdentity[]>>();
    const search = (query: SearchQuery): Promise<readonly ResourceIdentity[]> => {
      const limit = Math.max(2, query.count);
      const text = `${limit} ${criterionText(query)}`;
      const result = found.get(text) ?? this.parts.search.identities(session, query, limit);
      found.set(text, result);
      return result;
    };
    const candidates: (Candidate | undefined)[] = [];
    for (const [index, unit] of this.units.entries()) {
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
        rows.set(rowKey(identity), { identity, type, key: WritePlan.keyOf(repository, type, id) });
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

  private decide(plan: WritePlan, candidate: Candidate): UnitOutcome {
    const { unit, conditions, targets } = candidate;
    if (plan.size >= ENOUGH_CHANGES || this.isOvertaken(unit.repository, conditions)) return deferred;
    try {
      const matches = conditions.map((condition) => condition.matches);
      const { result, writes } = plan.apply(unit, matches, targets);
      const written = this.written.get(unit.repository) ?? [];
      written.push(...writes);
      this.written.set(unit.repository, written);
      return { kind: 'done', result };
    } catch (error) {
      return failed(error);
    }
  }

  /** Whether an earlier unit of the group may have changed what this one's conditions find. */
  private isOvertaken(repository: string, conditions: readonly EvaluatedCondition[]): boolean {
    const written = this.written.get(repository) ?? [];
    return conditions.some((condition) => written.some((write) => mayChange(condition, write)));
  }

  private requirePrepared(newRids: number): void {
    if (newRids > 0 || !this.names.missing.isEmpty) throw new NeedsPreparation(newRids);
  }
}

function refuseOvertaken(
  candidates: readonly (Candidate | undefined)[],
  stored: ReadonlyMap<string, StoredResource>,
): void {
  for (const { unit, conditions } of candidates.filter((candidate) => candidate !== undefined)) {
    for (const { type, id } of conditions.flatMap(({ matches }) => matches)) {
      if (stored.get(WritePlan.keyOf(unit.repository, type, id))?.deleted === true) {
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
