import { Inject, Injectable } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { RESOURCE_STORE, type ResourceStore } from '../storage/ports.js';
import type { InteractionContext } from './interaction-context.js';
import type { InteractionResult } from './interaction-result.js';
import { ResourceIntake } from './resource-intake.js';
import { planUpdate, requireUpdateCreate, type WritePrecondition } from './write-plan.js';

/**
 * Stores a new version of a resource, or the first one under an id of the client's.
 *
 * @see https://hl7.org/fhir/R4/http.html#update
 */
@Injectable()
export class UpdateInteraction {
  constructor(
    @Inject(RESOURCE_STORE) private readonly store: ResourceStore,
    @Inject(ResourceIntake) private readonly intake: ResourceIntake,
    @Inject(Settings) private readonly settings: Settings,
  ) {}

  /** @throws FirekeepError 400, 404, 405 where it would create and may not, 412, 413 or 422 */
  execute(
    { endpoint: { repository } }: InteractionContext,
    type: string,
    id: string,
    body: Buffer,
    precondition: WritePrecondition = {},
    place = '',
  ): Promise<InteractionResult> {
    this.intake.requireType(type);
    const text = this.intake.read(body, type, place);
    this.intake.requireId(text, id, place);
    const incoming = this.intake.accept(text, repository, place);
    return this.store.commit({
      repository,
      targets: () => [{ type, id }],
      apply: (context) => {
        const current = context.current(type, id);
        requireUpdateCreate(this.settings.get('updateCreate'), type, id, current);
        const { write, result } = planUpdate(incoming, id, current, context.now, precondition);
        return { writes: write ? [write] : [], result };
      },
    });
  }
}
