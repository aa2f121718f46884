import { Inject, Injectable } from '@nestjs/common';
import { isResourceId } from '../format/resource-id.js';
import { RESOURCE_STORE, type ResourceStore } from '../storage/ports.js';
import type { InteractionContext } from './interaction-context.js';
import type { InteractionResult } from './interaction-result.js';
import { invalidId, ResourceIntake } from './resource-intake.js';
import { planDelete, type WritePrecondition } from './write-plan.js';

/**
 * Deletes a resource; its versions stay in the history. Deleting what isn't there succeeds too.
 *
 * @see https://hl7.org/fhir/R4/http.html#delete
 */
@Injectable()
export class DeleteInteraction {
  constructor(
    @Inject(RESOURCE_STORE) private readonly store: ResourceStore,
    @Inject(ResourceIntake) private readonly intake: ResourceIntake,
  ) {}

  /** @throws FirekeepError 400, 404 or 412 */
  execute(
    { endpoint: { repository } }: InteractionContext,
    type: string,
    id: string,
    precondition: WritePrecondition = {},
  ): Promise<InteractionResult> {
    this.intake.requireType(type);
    if (!isResourceId(id)) throw invalidId(id);
    return this.store.commit({
      repository,
      targets: () => [{ type, id }],
      apply: (context) => {
        const { write, result } = planDelete(type, id, context.current(type, id), context.now, precondition);
        return { writes: write ? [write] : [], result };
      },
    });
  }
}
