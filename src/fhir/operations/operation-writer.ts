import { Injectable } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import type { InteractionResult, VersionReference } from '../exchange/interaction-result.js';
import { checkPrecondition, type WritePrecondition } from '../exchange/preconditions.js';
import { ResourceIntake } from '../exchange/resource-intake.js';
import {
  planCreate,
  planDelete,
  planUpdate,
  requireUpdateCreate,
  type Plan,
} from '../exchange/write-plan.js';
import { parseResource, type JsonObject, type ParsedResource } from '../format/parsed-resource.js';
import { newResourceId } from '../format/resource-id.js';
import { readResourceText } from '../format/resource-text.js';
import { operationOutcome } from '../outcome/operation-outcome.js';
import { replacementText } from '../passage/hooks/replacement-text.js';
import type { ShowBody } from '../passage/hooks/shown-bodies.js';
import { Passage } from '../passage/passage.js';
import {
  makesVersion,
  type PlannedWrite,
  type ResourceIdentity,
  type VersionWrite,
  type WriteContext,
} from '../storage/ports.js';
import type { DoneWrite, OperationUnit, OperationWrite } from './operation-unit.js';
import { invalidWrite } from './operation-write-errors.js';

/** Bytes that a unit of an operation is taken for in the write queue. */
const estimatedBytes = 16 * 1024;

/** If-Match and If-None-Match of a call. */
export interface OperationCondition extends ResourceIdentity {
  readonly precondition: WritePrecondition;
}

/** A unit with what has to stay the same when it is tried again. */
export interface PlannedOperation {
  readonly name: string;
  readonly unit: OperationUnit;
  /** Milliseconds since the epoch. */
  readonly calledAt: number;
  /** What must hold of the resource that it is called on. */
  readonly condition: OperationCondition | undefined;
  /** Ids of what it creates, by the position of the write. */
  readonly newIds: Map<number, string>;
}

/** Turns what operations want to write into writes of the store. */
@Injectable()
export class OperationWriter {
  constructor(
    private readonly passage: Passage,
    private readonly intake: ResourceIntake,
    private readonly settings: Settings,
  ) {}

  /** Asks the hooks before deletions. @throws FirekeepError their veto */
  async prepared(
    context: InteractionContext,
    name: string,
    unit: OperationUnit,
    condition: OperationCondition | undefined,
  ): Promise<PlannedOperation> {
    for (const { type, id, mayBeDeleted } of unit.targets) {
      this.intake.requireType(type);
      if (mayBeDeleted === true) await this.passage.beforeDelete(context, type, id);
    }
    return { name, unit, condition, calledAt: Date.now(), newIds: new Map() };
  }

  /** Carries out a unit in a commit of its own. @throws FirekeepError */
  async commit(
    context: InteractionContext,
    name: string,
    unit: OperationUnit,
    condition: OperationCondition | undefined,
  ): Promise<InteractionResult> {
    const planned = await this.prepared(context, name, unit, condition);
    const { repository } = context.endpoint;
    return this.passage.commitShowing(context, (show) => ({
      repository,
      bytes: estimatedBytes,
      targets: () => targetsOf(planned),
      apply: (transaction) => this.apply(planned, repository, transaction, show),
    }));
  }

  /**
   * What a unit writes and answers, inside a transaction.
   *
   * @param entry index of the entry, where it is part of a Bundle
   * @throws FirekeepError
   */
  apply(
    planned: PlannedOperation,
    repository: string,
    transaction: WriteContext,
    show: ShowBody,
    entry?: number,
  ): { readonly writes: readonly PlannedWrite[]; readonly result: InteractionResult } {
    const { condition } = planned;
    if (condition !== undefined) {
      const { type, id, precondition } = condition;
      checkPrecondition(type, id, transaction.current(type, id), precondition);
    }
    const attempt = new Attempt(planned, transaction);
    const decision = planned.unit.decide({
      now: planned.calledAt,
      current: (type, id) => attempt.current(type, id)?.object,
    });
    const plans = decision.writes.map((write, index) => {
      const shown: ShowBody = (body) => show(entry === undefined ? body : { ...body, entry });
      return this.plan(write, attempt, attempt.newId(index), repository, shown);
    });
    const done = plans.map(({ write }): DoneWrite | undefined =>
      write === undefined || write.kind === 'index'
        ? undefined
        : { type: write.type, id: write.id, version: write.version },
    );
    const writes = plans.flatMap(({ write }) => write ?? []).filter(makesVersion);
    return {
      writes,
      // The answer may tell of what it wrote, too.
      result: {
        status: 200,
        body: answerOf(decision.answer?.(done)),
        shows: [...attempt.seen(), ...writes.map(versionOf)],
      },
    };
  }

  private plan(
    write: OperationWrite,
    attempt: Attempt,
    newId: string,
    repository: string,
    show: ShowBody,
  ): Plan {
    const { transaction } = attempt;
    if ('remove' in write) {
      const { type, id } = write.remove;
      attempt.requireDeletable(type, id);
      return planDelete(type, id, transaction.current(type, id), transaction.now);
    }
    if ('create' in write) {
      const { id: _given, ...resource } = write.create;
      const { type, text } = this.text(resource, undefined);
      const body = show({ interaction: 'create', type, id: newId, body: text });
      const incoming = this.intake.accept(this.intake.read(body, type), repository);
      return planCreate(incoming, newId, transaction.now);
    }
    const id = textOf(write.update, 'id');
    const named = textOf(write.update, 'resourceType');
    attempt.requireTarget(named, id);
    const { type, text } = this.text(write.update, attempt.current(named, id));
    const incoming = this.intake.read(show({ interaction: 'update', type, id, body: text }), type);
    this.intake.requireId(incoming, id);
    const stored = transaction.current(type, id);
    requireUpdateCreate(this.settings.get('updateCreate'), type, id, stored);
    return planUpdate(this.intake.accept(incoming, repository), id, stored, transaction);
  }

  /** @param before what the resource was made from: decimals that were left alone keep their digits */
  private text(
    resource: JsonObject,
    before: ParsedResource | undefined,
  ): { readonly type: string; readonly text: Buffer } {
    const type = textOf(resource, 'resourceType');
    this.intake.requireType(type);
    const text =
      before === undefined ? Buffer.from(JSON.stringify(resource)) : replacementText(resource, before);
    return { type, text };
  }
}

function versionOf({ type, id, version, lastUpdated }: VersionWrite): VersionReference {
  return { type, id, version, lastUpdated };
}

function textOf(resource: JsonObject, member: 'id' | 'resourceType'): string {
  const value = resource[member];
  return typeof value === 'string' ? value : '';
}

/** The resources that a unit names. */
export function targetsOf({ unit, condition }: PlannedOperation): readonly ResourceIdentity[] {
  const named = condition === undefined ? unit.targets : [...unit.targets, condition];
  return named.map(({ type, id }) => ({ type, id }));
}

/** One attempt of a unit; nothing of it outlives the attempt. */
class Attempt {
  private readonly parsed = new Map<string, ParsedResource>();

  constructor(
    private readonly planned: PlannedOperation,
    readonly transaction: WriteContext,
  ) {}

  current(type: string, id: string): ParsedResource | undefined {
    this.requireTarget(type, id);
    const key = `${type}/${id}`;
    const known = this.parsed.get(key);
    if (known !== undefined) return known;
    const stored = this.transaction.current(type, id);
    if (stored === undefined || stored.deleted || !this.transaction.mayKnow(stored)) return undefined;
    const parsed = parseResource(readResourceText(stored.content));
    this.parsed.set(key, parsed);
    return parsed;
  }

  /** What it has looked at. */
  seen(): readonly VersionReference[] {
    return [...this.parsed.keys()].flatMap((key) => {
      const [type = '', id = ''] = key.split('/');
      const stored = this.transaction.current(type, id);
      return stored === undefined
        ? []
        : [{ type, id, version: stored.version, lastUpdated: stored.lastUpdated }];
    });
  }

  requireTarget(type: string, id: string): void {
    if (this.target(type, id) === undefined) {
      throw invalidWrite(this.planned.name, `${type}/${id} is not among its targets`);
    }
  }

  requireDeletable(type: string, id: string): void {
    if (this.target(type, id)?.mayBeDeleted !== true) {
      throw invalidWrite(this.planned.name, `${type}/${id} is no target that may be deleted`);
    }
  }

  newId(index: number): string {
    const { newIds } = this.planned;
    const id = newIds.get(index) ?? newResourceId();
    newIds.set(index, id);
    return id;
  }

  private target(type: string, id: string) {
    return this.planned.unit.targets.find((target) => target.type === type && target.id === id);
  }
}

const done = operationOutcome([{ severity: 'information', code: 'informational', text: 'Done.' }]);

function answerOf(resource: JsonObject | undefined): Buffer {
  return Buffer.from(resource === undefined ? done : JSON.stringify(resource));
}
