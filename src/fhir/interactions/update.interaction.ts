import { Injectable } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { Passage } from '../passage/passage.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import { ResourceIntake } from '../exchange/resource-intake.js';
import { planUpdate, requireUpdateCreate } from '../exchange/write-plan.js';
import type { WritePrecondition } from '../exchange/preconditions.js';

/**
 * Stores a new version of a resource, or the first one under an id of the client's.
 *
 * @see https://hl7.org/fhir/R4/http.html#update
 */
@Injectable()
export class UpdateInteraction {
  constructor(
    private readonly passage: Passage,
    private readonly intake: ResourceIntake,
    private readonly settings: Settings,
  ) {}

  /** @throws FirekeepError 400, 404, 405 where it would create and may not, 412, 413 or 422 */
  async execute(
    context: InteractionContext,
    type: string,
    id: string,
    body: Buffer,
    precondition: WritePrecondition = {},
    place = '',
  ): Promise<InteractionResult> {
    this.intake.requireType(type);
    const { repository } = context.endpoint;
    const seen = await this.passage.beforeWrite(context, { interaction: 'update', type, id, body, place });
    const text = this.intake.read(seen, type, place);
    this.intake.requireId(text, id, place);
    const incoming = this.intake.accept(text, repository, place);
    return this.passage.commit(context, {
      repository,
      targets: () => [{ type, id }],
      apply: (transaction) => {
        const current = transaction.current(type, id);
        requireUpdateCreate(this.settings.get('updateCreate'), type, id, current);
        const { write, result } = planUpdate(incoming, id, current, transaction, precondition);
        return { writes: write ? [write] : [], result };
      },
    });
  }
}
