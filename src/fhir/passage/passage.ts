import { Injectable } from '@nestjs/common';
import type { InteractionContext } from '../exchange/interaction-context.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import { AccessStage } from './access/access.stage.js';
import type { AskedUnit } from './asked-unit.js';
import { HookStage } from './hooks/hook.stage.js';
import type { BodyToWrite, ShowBody } from './hooks/shown-bodies.js';
import { JournalStage } from './journal/journal.stage.js';
import { LookupStage } from './lookups/lookup.stage.js';
import type { Asked, GrantedReader, GrantedStore, PassageStage, Passing } from './passage-stage.js';
import { ReceiptStage } from './receipts/receipt.stage.js';

/**
 * The one way from an interaction or operation to the store. Whatever is read or written passes these stages, from the
 * first to the last on the way in and back on the way out:
 *
 * | stage | of what is read | of what is written |
 * |---|---|---|
 * | hooks | may forbid it; are told what came of it | see bodies, may forbid; inside the transaction; behind the commit |
 * | journal | keeps a record of what the store gave out, before it is answered | adds the record to the commit |
 * | lookups | value sets, hierarchies and the like become codes | the same in criteria |
 * | receipts | nothing is begun behind the deadline | an Idempotency-Key that comes again is answered by its receipt |
 * | access | what was not granted isn't there | before, after and what it refers to must be within reach |
 */
@Injectable()
export class Passage {
  /** In the order of the table; `access`, the last one, opens the store. */
  readonly stages: readonly PassageStage[];
  private readonly fromTheStore: readonly PassageStage[];

  constructor(
    private readonly hooks: HookStage,
    journal: JournalStage,
    lookups: LookupStage,
    receipts: ReceiptStage,
    readonly access: AccessStage,
  ) {
    this.stages = [hooks, journal, lookups, receipts];
    this.fromTheStore = [...this.stages].reverse();
  }

  /**
   * Carries out what reads.
   *
   * @param work makes the answer of what it finds in the store, and gets at it no other way
   * @throws FirekeepError what a stage refuses, and what the work throws
   */
  read(
    context: InteractionContext,
    asked: Asked,
    work: (store: GrantedReader) => Promise<InteractionResult>,
  ): Promise<InteractionResult> {
    const passing = new OneWay(context, asked, this.access);
    let reader: GrantedReader = passing.granted;
    let step = () => work(reader);
    for (const stage of this.fromTheStore) {
      reader = stage.shown?.(passing, reader) ?? reader;
      if (stage.read === undefined) continue;
      const inner = step;
      step = () => stage.read?.(passing, inner) ?? inner();
    }
    return step();
  }

  /** Commits a unit, all of it or nothing. @throws FirekeepError what a stage refuses, and what the store throws */
  commit<R>(context: InteractionContext, unit: AskedUnit<R>): Promise<R> {
    return this.committed(new OneWay(context, undefined, this.access), unit, 0);
  }

  /**
   * Commits a unit whose bodies are known inside the transaction only (patches).
   *
   * @param unitOf makes the unit; it passes every such body through `show` and writes what that returns
   */
  commitShowing<R>(context: InteractionContext, unitOf: (show: ShowBody) => AskedUnit<R>): Promise<R> {
    return this.hooks.showing(context, unitOf, (unit) => this.commit(context, unit));
  }

  /** Whether anything looks at bodies before they are written. */
  get seesBodies(): boolean {
    return this.hooks.seeWrites;
  }

  /** The body that is to be written in place of one that was sent. @throws FirekeepError a veto */
  beforeWrite(context: InteractionContext, write: BodyToWrite): Promise<Buffer> | Buffer {
    return this.hooks.beforeWrite(context, write);
  }

  /** @param id undefined: criteria will find it. @throws FirekeepError a veto */
  beforeDelete(context: InteractionContext, type: string, id: string | undefined): Promise<void> | undefined {
    return this.hooks.beforeDelete(context, type, id);
  }

  private committed<R>(passing: Passing, unit: AskedUnit<R>, from: number): Promise<R> {
    for (let index = from; index < this.stages.length; index += 1) {
      const stage = this.stages[index];
      if (stage?.commit === undefined) continue;
      return stage.commit(passing, unit, (next) => this.committed(passing, next, index + 1));
    }
    return passing.granted.commit(unit);
  }
}

class OneWay implements Passing {
  readonly shown: Passing['shown'] = [];
  found: Passing['found'];
  readonly granted: GrantedStore;

  constructor(
    readonly context: InteractionContext,
    readonly asked: Asked | undefined,
    access: AccessStage,
  ) {
    this.granted = access.open(context);
  }
}
