import { Injectable } from '@nestjs/common';
import { Passage } from '../passage/passage.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import { deletedResource, unknownVersion } from '../exchange/interaction-errors.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import { ResourceIntake } from '../exchange/resource-intake.js';
import { answerUnlessUnmodified } from './read.interaction.js';
import type { ReadCondition } from '../exchange/preconditions.js';

/**
 * Answers one version of a resource, current or superseded.
 *
 * @see https://hl7.org/fhir/R4/http.html#vread
 */
@Injectable()
export class VersionReadInteraction {
  constructor(
    private readonly passage: Passage,
    private readonly intake: ResourceIntake,
  ) {}

  /** @throws FirekeepError 404 for an unknown version, 410 for the version that is a deletion */
  execute(
    context: InteractionContext,
    type: string,
    id: string,
    version: string,
    condition: ReadCondition = {},
  ): Promise<InteractionResult> {
    this.intake.requireType(type);
    const { repository } = context.endpoint;
    return this.passage.read(context, { interaction: 'vread', type, id }, async (store) => {
      if (!/^[1-9]\d{0,8}$/.test(version)) throw unknownVersion(type, id, version);
      const stored = await store.readVersion(repository, type, id, Number(version));
      if (stored === undefined) throw unknownVersion(type, id, version);
      if (stored.deleted) throw deletedResource(type, id);
      return answerUnlessUnmodified(stored, condition);
    });
  }
}
