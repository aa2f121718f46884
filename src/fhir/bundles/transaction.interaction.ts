import { Injectable } from '@nestjs/common';
import type { BundleEntryText } from '../format/bundle-text.js';
import { entryPlace } from '../format/bundle-text.js';
import { BundleWriter, type BundleEntryParts } from '../format/bundle-writer.js';
import { toFirekeepError } from '../../platform/http/index.js';
import { OperationWriter } from '../operations/operation-writer.js';
import { Passage } from '../passage/passage.js';
import { AnswerBudget } from './answer-budget.js';
import { entryAnswer, entryFailure, type EntryReturn } from './entry-answer.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import { inParallel } from '../exchange/in-parallel.js';
import { collected } from '../exchange/collected-result.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import { ResourceIntake } from '../exchange/resource-intake.js';
import type { ReadEntry, TransactionEntries } from './transaction-entries.js';
import { TransactionPreparation } from './transaction-preparation.js';
import { TransactionUnit, type TransactionResults } from './transaction-unit.js';

/** Reading entries under way at once. */
const parallelReads = 16;

/**
 * Carries out the entries of a Bundle all or not at all: deletions, creations, updates, then reads, which see
 * what was written. A read that finds nothing says so in its entry; it takes nothing back.
 *
 * @see https://hl7.org/fhir/R4/http.html#transaction
 */
@Injectable()
export class TransactionInteraction {
  constructor(
    private readonly passage: Passage,
    private readonly preparation: TransactionPreparation,
    private readonly intake: ResourceIntake,
    private readonly writer: OperationWriter,
    private readonly dispatcher: Dispatcher,
  ) {}

  /** @throws FirekeepError that names the entry at fault; nothing has been written then */
  async execute(
    context: InteractionContext,
    bundle: readonly BundleEntryText[],
    wanted: EntryReturn,
  ): Promise<InteractionResult> {
    const prepared = await this.preparation.prepare(context, bundle);
    const { entries } = prepared;
    const { deletes, creates, updates, patches, calls } = entries;
    const written =
      deletes.length + creates.length + updates.length + patches.length + calls.length > 0
        ? await this.passage.commitShowing(
            context,
            (show) => new TransactionUnit(prepared, this.intake, this.writer, show),
          )
        : new Map<number, InteractionResult>();
    const budget = new AnswerBudget();
    const answers = this.writeAnswers(context, entries, written, wanted, budget);
    await inParallel(entries.reads, parallelReads, async (entry) => {
      answers[entry.index] = await this.read(context, entry, budget);
    });
    const response = new BundleWriter('transaction-response');
    for (const answer of answers) response.add(answer);
    return { status: 200, body: response.finish() };
  }

  private writeAnswers(
    { endpoint }: InteractionContext,
    { deletes, creates, updates, patches, calls }: TransactionEntries,
    written: TransactionResults,
    wanted: EntryReturn,
    budget: AnswerBudget,
  ): BundleEntryParts[] {
    const answers: BundleEntryParts[] = [];
    for (const { index, request } of [...deletes, ...creates, ...updates, ...patches, ...calls]) {
      const result = written.get(index);
      if (result === undefined) throw new Error(`${entryPlace(index)} was committed without a result.`);
      answers[index] = entryAnswer(endpoint.base, request, result, wanted, budget);
    }
    return answers;
  }

  private async read(
    context: InteractionContext,
    { index, request }: ReadEntry,
    budget: AnswerBudget,
  ): Promise<BundleEntryParts> {
    try {
      const result = await collected(await this.dispatcher.carryOut(context, request));
      return entryAnswer(context.endpoint.base, request, result, undefined, budget);
    } catch (thrown) {
      return entryFailure(toFirekeepError(thrown), entryPlace(index));
    }
  }
}
