import { Injectable } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { Passage } from '../passage/passage.js';
import { ConditionalCriteria } from '../passage/lookups/conditional-criteria.js';
import { lockedMatch } from './conditional-match.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import { multipleMatches, tooManyMatches, versionConflict } from '../exchange/interaction-errors.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import { ResourceIntake } from '../exchange/resource-intake.js';
import { planDelete } from '../exchange/write-plan.js';
import type { WritePrecondition } from '../exchange/preconditions.js';

/** Most resources that one conditional delete takes. */
export const maximumDeletions = 1_000;

/**
 * Deletes the resource that criteria match; several, all or none, where the repository lets that happen. Nothing to
 * delete is a success, as it is for an id.
 *
 * @see https://hl7.org/fhir/R4/http.html#cdelete
 */
@Injectable()
export class ConditionalDeleteInteraction {
  constructor(
    private readonly passage: Passage,
    private readonly intake: ResourceIntake,
    private readonly criteria: ConditionalCriteria,
    private readonly settings: Settings,
  ) {}

  /** @throws FirekeepError 400, 404 or 412 */
  async execute(
    context: InteractionContext,
    type: string,
    criteria: string,
    precondition: WritePrecondition = {},
  ): Promise<InteractionResult> {
    this.intake.requireType(type);
    const { repository } = context.endpoint;
    const limit = this.settings.get('conditionalDeleteMultiple') ? maximumDeletions : 1;
    const selection = await this.criteria.select(context, type, criteria, limit + 1);
    await this.passage.beforeDelete(context, type, undefined);
    return this.passage.commit(context, {
      repository,
      conditions: [selection.query],
      targets: ([matches = []]) => {
        requireAtMost(limit, matches.length, selection.text);
        return matches;
      },
      apply: (transaction) => {
        const [matches = []] = transaction.matches;
        if (matches.length === 0 && precondition.ifMatch !== undefined) {
          throw versionConflict(`If-Match: the criteria "${selection.text.slice(0, 200)}" match nothing.`);
        }
        const plans = matches.map((match) =>
          planDelete(
            type,
            match.id,
            lockedMatch(this.intake, selection, match, transaction),
            transaction.now,
            precondition,
          ),
        );
        const [only] = plans;
        return {
          writes: plans.flatMap(({ write }) => write ?? []),
          result: plans.length === 1 && only !== undefined ? only.result : { status: 204 },
        };
      },
    });
  }
}

/** @throws FirekeepError `FHIR_MULTIPLE_MATCHES`, `FHIR_TOO_MANY_MATCHES` */
export function requireAtMost(limit: number, matches: number, criteria: string): void {
  if (matches <= limit) return;
  throw limit === 1 ? multipleMatches(criteria) : tooManyMatches(criteria, limit);
}
