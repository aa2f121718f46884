import type { SqlSession, SqlValue } from '../../../platform/database/index.js';
import type { FirekeepError } from '../../../platform/errors/index.js';
import { danglingError, NAMED, ReferencedResourceError } from '../integrity-errors.js';
import type { LocalReference, VersionWrite, ResourceIdentity, StoredResource } from '../ports.js';
import { keyText, tables } from './keys.js';
import type { NameResolver } from './name-resolver.js';
import { lockRows } from './resource-rows.js';
import { GroupPlan } from './group-plan.js';

/** Deletions whose referrers one statement looks for. */
const CHUNK = 16;

/** A search parameter whose values may refer to a resource. */
export interface ReferrerParameter {
  readonly type: string;
  readonly code: string;
}

/** Which parameters may refer to a resource of the type. */
export type ReferrersOf = (type: string) => readonly ReferrerParameter[];

/** What one unit of a group writes, in the order of the group. */
export interface UnitWrites {
  readonly repository: string;
  readonly writes: readonly VersionWrite[];
}

/** The first unit that breaks the rule, and how. */
export interface Violation {
  readonly unit: number;
  readonly error: FirekeepError;
}

interface Identified extends ResourceIdentity {
  readonly repository: string;
  readonly key: string;
}

/**
 * No reference of a written resource may lead nowhere, and nothing may be deleted that another resource refers
 * to, as things are once the unit is done: what a transaction makes together or deletes together is whole.
 *
 * Targets are locked until the end of the transaction, those of references for reading, so that a deletion and
 * a new reference to the same resource wait for each other, and the second sees what the first has done.
 */
export class ReferentialIntegrity {
  private readonly existing = new Map<string, boolean>();
  private readonly referrers = new Map<string, readonly Identified[]>();
  private parameters: ReadonlyMap<string, number> | undefined;

  /** @param stored locked rows of the targets of all units, by `GroupPlan.keyOf` */
  constructor(
    private readonly session: SqlSession,
    private readonly names: NameResolver,
    private readonly stored: ReadonlyMap<string, StoredResource>,
    private readonly referrersOf: ReferrersOf,
  ) {}

  async firstViolation(units: readonly UnitWrites[]): Promise<Violation | undefined> {
    await this.readTargets(units);
    await this.readReferrers(units);
    const state = new PlannedState();
    for (const [unit, { repository, writes }] of units.entries()) {
      for (const write of writes) state.take(repository, write);
      const error =
        this.danglingOf(repository, writes, state) ?? this.referencedOf(repository, writes, state);
      if (error !== undefined) return { unit, error };
    }
    return undefined;
  }

  private danglingOf(
    repository: string,
    writes: readonly VersionWrite[],
    state: PlannedState,
  ): FirekeepError | undefined {
    const dangling: LocalReference[] = [];
    for (const { type, id } of writes) {
      // The last of several writes of a unit to one resource counts.
      for (const reference of state.referencesOf(GroupPlan.keyOf(repository, type, id))) {
        const key = GroupPlan.keyOf(repository, reference.type, reference.id);
        if (!(state.isThere(key) ?? this.existing.get(key) ?? false)) dangling.push(reference);
        if (dangling.length >= NAMED) return danglingError(dangling);
      }
    }
    return dangling.length === 0 ? undefined : danglingError(dangling);
  }

  private referencedOf(
    repository: string,
    writes: readonly VersionWrite[],
    state: PlannedState,
  ): FirekeepError | undefined {
    for (const { kind, type, id } of writes) {
      const key = GroupPlan.keyOf(repository, type, id);
      if (kind !== 'delete' || state.isThere(key) !== false) continue;
      const inStore = (this.referrers.get(key) ?? []).filter((one) => state.isThere(one.key) === undefined);
      const all = [...inStore.map((one) => `${one.type}/${one.id}`), ...state.referrersOf(key)];
      if (all.length > 0) return new ReferencedResourceError(`${type}/${id}`, all);
    }
    return undefined;
  }

  /** Finds out which referenced resources exist, and keeps them from being deleted meanwhile. */
  private async readTargets(units: readonly UnitWrites[]): Promise<void> {
    const wanted = new Map<string, Identified>();
    for (const { repository, writes } of units) {
      for (const write of writes) {
        if (write.kind === 'delete') continue;
        for (const { type, id } of write.references ?? []) {
          const key = GroupPlan.keyOf(repository, type, id);
          const stored = this.stored.get(key);
          if (stored !== undefined) this.existing.set(key, !stored.deleted);
          else if (!this.existing.has(key)) wanted.set(key, { repository, type, id, key });
        }
      }
    }
    const rows = [...wanted.values()].map((one) => ({ ...one, ...this.identityOf(one) }));
    // A name without a number: no row has it.
    const known = rows.filter(({ identity }) => identity.repository !== 0 && identity.type !== 0);
    const keys = new Map(known.map(({ identity, key }) => [rowKey(identity), key]));
    for (const { key } of rows) this.existing.set(key, false);
    for (const { identity, row } of await lockRows(
      this.session,
      known.map(({ identity }) => identity),
      'share',
    )) {
      const key = keys.get(rowKey(identity));
      if (key !== undefined) this.existing.set(key, Number(row.deleted) === 0);
    }
  }

  private identityOf({ repository, type, id }: Identified) {
    return { identity: { repository: this.names.repository(repository), type: this.names.type(type), id } };
  }

  private async readReferrers(units: readonly UnitWrites[]): Promise<void> {
    const writes = units.reduce((sum, unit) => sum + unit.writes.length, 0);
    const deleted = new Map<string, Identified>();
    for (const unit of units) {
      for (const { kind, type, id } of unit.writes) {
        const key = GroupPlan.keyOf(unit.repository, type, id);
        if (kind === 'delete' && !this.referrers.has(key)) {
          deleted.set(key, { repository: unit.repository, type, id, key });
        }
      }
    }
    const all = [...deleted.values()];
    for (let start = 0; start < all.length; start += CHUNK) {
      // Of so many at least one is not written by the group itself.
      await this.readReferrersOf(all.slice(start, start + CHUNK), writes + NAMED + 1);
    }
  }

  private async readReferrersOf(targets: readonly Identified[], limit: number): Promise<void> {
    const parts: { readonly text: string; readonly values: readonly SqlValue[] }[] = [];
    for (const [index, target] of targets.entries()) {
      this.referrers.set(target.key, []);
      const { identity } = this.identityOf(target);
      const parameters = await this.parametersOf(identity.repository, target.type);
      if (parameters.length === 0) continue;
      const hint = this.session.dialect === 'mysql' ? ' FORCE INDEX (PRIMARY)' : '';
      parts.push({
        text:
          `SELECT ${index} AS nth, r.type, r.id FROM (SELECT DISTINCT rid FROM ${tables.reference}${hint} ` +
          `WHERE param IN (${parameters.map(() => '?').join(', ')}) AND target = ? AND target_type = ? LIMIT ?) s ` +
          `JOIN ${tables.resource} r ON r.rid = s.rid`,
        values: [...parameters, target.id, identity.type, limit],
      });
    }
    if (parts.length === 0) return;
    const rows = await this.session.query(
      parts.map(({ text }) => text).join(' UNION ALL '),
      parts.flatMap(({ values }) => values),
    );
    const typeNames = await this.typeNames();
    for (const row of rows) {
      const target = targets[Number(row.nth)];
      if (target === undefined) continue;
      const { repository, key } = target;
      const type = typeNames.get(Number(row.type)) ?? '';
      const id = keyText(row.id);
      const found = this.referrers.get(key) ?? [];
      this.referrers.set(key, [
        ...found,
        { repository, type, id, key: GroupPlan.keyOf(repository, type, id) },
      ]);
    }
  }

  /** Numbers of the parameters that may refer to a type, as far as any row uses them. */
  private async parametersOf(repository: number, type: string): Promise<readonly number[]> {
    this.parameters ??= await this.readParameters();
    const numbers = this.parameters;
    return this.referrersOf(type).flatMap((parameter) => {
      const number = numbers.get(`${repository}/${parameter.type}/${parameter.code}`);
      return number === undefined ? [] : [number];
    });
  }

  /** Read now: another process may have begun to use a parameter. */
  private async readParameters(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.session.query(
      `SELECT p.id, p.repository, p.code, t.name FROM ${tables.parameter} p JOIN ${tables.type} t ON t.id = p.type`,
    );
    return new Map(
      rows.map((row) => [
        `${Number(row.repository)}/${keyText(row.name)}/${keyText(row.code)}`,
        Number(row.id),
      ]),
    );
  }

  private async typeNames(): Promise<ReadonlyMap<number, string>> {
    const rows = await this.session.query(`SELECT id, name FROM ${tables.type}`);
    return new Map(rows.map((row) => [Number(row.id), keyText(row.name)]));
  }
}

/** What the units so far have made of the resources that they write. */
class PlannedState {
  private readonly written = new Map<string, { readonly name: string; readonly write: VersionWrite }>();
  /** Written resources by what they refer to. */
  private readonly sources = new Map<string, Set<string>>();

  take(repository: string, write: VersionWrite): void {
    const key = GroupPlan.keyOf(repository, write.type, write.id);
    const target = ({ type, id }: ResourceIdentity): string => GroupPlan.keyOf(repository, type, id);
    for (const reference of this.referencesOf(key)) this.sources.get(target(reference))?.delete(key);
    this.written.set(key, { name: `${write.type}/${write.id}`, write });
    for (const reference of this.referencesOf(key)) {
      const sources = this.sources.get(target(reference)) ?? new Set();
      this.sources.set(target(reference), sources.add(key));
    }
  }

  /** Undefined: not written. */
  isThere(key: string): boolean | undefined {
    const written = this.written.get(key);
    return written && written.write.kind !== 'delete';
  }

  referencesOf(key: string): readonly LocalReference[] {
    const write = this.written.get(key)?.write;
    return write === undefined || write.kind === 'delete' ? [] : (write.references ?? []);
  }

  referrersOf(key: string): readonly string[] {
    return [...(this.sources.get(key) ?? [])].map((source) => this.written.get(source)?.name ?? '');
  }
}

function rowKey({ repository, type, id }: { repository: number; type: number; id: string }): string {
  return `${repository}/${type}/${id}`;
}
