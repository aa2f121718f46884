import { setImmediate } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { EndpointRegistry } from '../../endpoints/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { toFirekeepError } from '../../platform/http/index.js';
import { Logger } from '../../platform/logging/index.js';
import { entryPlace, type BundleEntryText } from '../format/bundle-text.js';
import { BundleWriter, type BundleEntryParts } from '../format/bundle-writer.js';
import { AnswerBudget } from './answer-budget.js';
import { answerTooLarge, entryAnswer, entryFailure, type EntryReturn } from './entry-answer.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import { EntryAdmission } from './entry-admission.js';
import { parseEntryRequest } from './parse-entry-request.js';
import { inParallel, Places } from '../exchange/in-parallel.js';
import { isWrite, type EntryRequest } from '../exchange/interaction-request.js';
import { collected } from '../exchange/collected-result.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import type { InteractionResult } from '../exchange/interaction-result.js';

/** Entries under way at once: enough for the store to commit them in groups. */
const parallelEntries = 32;
/** Of those that may take long, so that other requests get their turn. */
const parallelReadings = 4;

interface Answering {
  /** Base URLs of the repository. */
  readonly bases: readonly string[];
  readonly wanted: EntryReturn;
  readonly budget: AnswerBudget;
  readonly readings: Places;
}

/**
 * Runs each entry of a Bundle by itself: one that fails has its own outcome and leaves the others alone.
 *
 * @see https://hl7.org/fhir/R4/http.html#transaction
 */
@Injectable()
export class BatchInteraction {
  constructor(
    private readonly admission: EntryAdmission,
    private readonly dispatcher: Dispatcher,
    private readonly endpoints: EndpointRegistry,
    private readonly logger: Logger,
  ) {}

  async execute(
    context: InteractionContext,
    entries: readonly BundleEntryText[],
    wanted: EntryReturn,
  ): Promise<InteractionResult> {
    const bases = this.endpoints.bases(context.endpoint.repository);
    const budget = new AnswerBudget();
    const readings = new Places(parallelReadings);
    const answers = await inParallel(entries, parallelEntries, (entry, index) =>
      this.answer(context, entry, index, { bases, wanted, budget, readings }),
    );
    const bundle = new BundleWriter('batch-response');
    for (const answer of answers) bundle.add(answer);
    return { status: 200, body: bundle.finish() };
  }

  private async answer(
    context: InteractionContext,
    entry: BundleEntryText,
    index: number,
    { bases, wanted, budget, readings }: Answering,
  ): Promise<BundleEntryParts> {
    const place = entryPlace(index);
    try {
      const request = parseEntryRequest(entry, index, bases);
      const scope = context.scope?.ofEntry?.(index);
      const ofEntry = scope === undefined ? context : { ...context, scope };
      const carryOut = async (): Promise<InteractionResult> => {
        await setImmediate();
        if (budget.isSpent && !isWrite(request)) throw answerTooLarge();
        await this.admission.admit(ofEntry, entry, request, bases);
        return collected(await this.dispatcher.carryOut(ofEntry, request, `${place}.resource`));
      };
      const result = await (takesLong(request) ? readings.take(carryOut) : carryOut());
      return entryAnswer(context.endpoint.base, request, result, wanted, budget);
    } catch (thrown) {
      return entryFailure(this.errorOf(thrown), place);
    }
  }

  private errorOf(thrown: unknown): FirekeepError {
    const error = toFirekeepError(thrown);
    if (error.category === 'internal') {
      this.logger.error(
        'batch entry failed',
        thrown instanceof FirekeepError ? { code: error.code } : thrown,
      );
    }
    return error;
  }
}

function takesLong(request: EntryRequest): boolean {
  return !isWrite(request) && !['read', 'vread', 'capabilities'].includes(request.interaction);
}
