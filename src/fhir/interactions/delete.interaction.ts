import { Injectable } from '@nestjs/common';
import { isResourceId } from '../format/resource-id.js';
import { Passage } from '../passage/passage.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import { invalidId, ResourceIntake } from '../exchange/resource-intake.js';
import { planDelete } from '../exchange/write-plan.js';
import type { WritePrecondition } from '../exchange/preconditions.js';

/**
 * Deletes a resource; its versions stay in the history. Deleting what isn't there succeeds too.
 *
 * @see https://hl7.org/fhir/R4/http.html#delete
 */
@Injectable()
export class DeleteInteraction {
  constructor(
    private readonly passage: Passage,
    private readonly intake: ResourceIntake,
  ) {}

  /** @throws FirekeepError 400, 404 or 412 */
  async execute(
    context: InteractionContext,
    type: string,
    id: string,
    precondition: WritePrecondition = {},
  ): Promise<InteractionResult> {
    this.intake.requireType(type);
    if (!isResourceId(id)) throw invalidId(id);
    await this.passage.beforeDelete(context, type, id);
    return this.passage.commit(context, {
      repository: context.endpoint.repository,
      targets: () => [{ type, id }],
      apply: (transaction) => {
        const current = transaction.current(type, id);
        const { write, result } = planDelete(type, id, current, transaction.now, precondition);
        return { writes: write ? [write] : [], result };
      },
    });
  }
}
