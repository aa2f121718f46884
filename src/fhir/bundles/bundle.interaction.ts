import { Injectable } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { readBundleText } from '../format/bundle-text.js';
import { wrongShape } from '../format/json-errors.js';
import { BatchInteraction } from './batch.interaction.js';
import type { EntryReturn } from './entry-answer.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import { TransactionInteraction } from './transaction.interaction.js';

/**
 * Takes a Bundle that was posted to the base: a transaction or a batch.
 *
 * @see https://hl7.org/fhir/R4/http.html#transaction
 */
@Injectable()
export class BundleInteraction {
  constructor(
    private readonly transaction: TransactionInteraction,
    private readonly batch: BatchInteraction,
    private readonly settings: Settings,
  ) {}

  /** @throws FirekeepError 400 for another body, 413 for too many entries, and what a transaction throws */
  execute(context: InteractionContext, body: Buffer, wanted: EntryReturn): Promise<InteractionResult> {
    const { type, entries } = readBundleText(body, this.settings.get('bundleEntries'));
    const ofEntries = { ...context, bundledAt: Date.now() };
    if (type === 'transaction') return this.transaction.execute(ofEntries, entries, wanted);
    if (type === 'batch') return this.batch.execute(ofEntries, entries, wanted);
    throw wrongShape(
      `A Bundle of type "${type.slice(0, 32)}" can't be carried out; "transaction" and "batch" can. ` +
        'To store the Bundle itself, post it to [base]/Bundle.',
      'Bundle.type',
    );
  }
}
