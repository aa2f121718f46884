import { Injectable } from '@nestjs/common';
import { isUnmodified, type ReadCondition } from '../exchange/preconditions.js';
import { Passage } from '../passage/passage.js';
import type { StoredResource } from '../storage/ports.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import { deletedResource, unknownResource } from '../exchange/interaction-errors.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import { ResourceIntake } from '../exchange/resource-intake.js';
import { storedResult } from '../exchange/write-plan.js';

/**
 * Answers the current version of a resource.
 *
 * @see https://hl7.org/fhir/R4/http.html#read
 */
@Injectable()
export class ReadInteraction {
  constructor(
    private readonly passage: Passage,
    private readonly intake: ResourceIntake,
  ) {}

  /** @throws FirekeepError 404 for an unknown type or resource, 410 for a deleted one */
  execute(
    context: InteractionContext,
    type: string,
    id: string,
    condition: ReadCondition = {},
  ): Promise<InteractionResult> {
    this.intake.requireType(type);
    const { repository } = context.endpoint;
    return this.passage.read(context, { interaction: 'read', type, id }, async (store) => {
      const stored = await store.read(repository, type, id);
      if (stored === undefined) throw unknownResource(type, id);
      if (stored.deleted) throw deletedResource(type, id);
      return answerUnlessUnmodified(stored, condition);
    });
  }
}

/** The version, or 304 where the client has it already. */
export function answerUnlessUnmodified(stored: StoredResource, condition: ReadCondition): InteractionResult {
  const result = storedResult(stored);
  return isUnmodified(stored, condition) && result.version
    ? { status: 304, version: result.version }
    : result;
}
