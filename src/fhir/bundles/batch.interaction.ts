import { Injectable } from '@nestjs/common';
import { EndpointRegistry } from '../../endpoints/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { toFirekeepError } from '../../platform/http/index.js';
import { Logger } from '../../platform/logging/index.js';
import { entryPlace, type BundleEntryText } from '../format/bundle-text.js';
import { BundleWriter, type BundleEntryParts } from '../format/bundle-writer.js';
import { AnswerBudget } from './answer-budget.js';
import { entryAnswer, entryFailure, type EntryReturn } from './entry-answer.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import { parseEntryRequest } from './parse-entry-request.js';
import { inParallel } from '../exchange/in-parallel.js';
import { collected } from '../exchange/collected-result.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import type { InteractionResult } from '../exchange/interaction-result.js';

/** Entries under way at once: enough for the store to commit them in groups. */
const parallelEntries = 32;

/**
 * Runs each entry of a Bundle by itself: one that fails has its own outcome and leaves the others alone.
 *
 * @see https://hl7.org/fhir/R4/http.html#transaction
 */
@Injectable()
export class BatchInteraction {
  constructor(
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
    const answers = await inParallel(entries, parallelEntries, (entry, index) =>
      this.answer(context, entry, index, bases, wanted, budget),
    );
    const bundle = new BundleWriter('batch-response');
    for (const answer of answers) bundle.add(answer);
    return { status: 200, body: bundle.finish() };
  }

  private async answer(
    context: InteractionContext,
    entry: BundleEntryText,
    index: number,
    bases: readonly string[],
    wanted: EntryReturn,
    budget: AnswerBudget,
  ): Promise<BundleEntryParts> {
    const place = entryPlace(index);
    try {
      const request = parseEntryRequest(entry, index, bases);
      const scope = context.scope?.ofEntry?.(index);
      const ofEntry = scope === undefined ? context : { ...context, scope };
      const result = await collected(await this.dispatcher.answer(ofEntry, request, `${place}.resource`));
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
