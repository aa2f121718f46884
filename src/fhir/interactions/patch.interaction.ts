import { Injectable } from '@nestjs/common';
import { isResourceId } from '../format/resource-id.js';
import { Passage } from '../passage/passage.js';
import type { ShowBody } from '../passage/hooks/shown-bodies.js';
import { ConditionalCriteria } from '../passage/lookups/conditional-criteria.js';
import { selectedResource } from './conditional-match.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import { noMatch } from '../exchange/interaction-errors.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import { PatchReader } from './patch/patch-reader.js';
import { planPatch } from './patch/plan-patch.js';
import { invalidId, ResourceIntake, type IncomingResource } from '../exchange/resource-intake.js';
import type { PatchText } from '../exchange/patch-text.js';
import type { WritePrecondition } from '../exchange/preconditions.js';

/** The resource of an interaction: by its id, or by criteria that match it alone. */
export type WriteTarget = { readonly id: string } | { readonly criteria: string };

/**
 * Changes parts of a resource. What the result may be is what an update may send; what it does not touch keeps its
 * text.
 *
 * @see https://hl7.org/fhir/R4/http.html#patch
 */
@Injectable()
export class PatchInteraction {
  constructor(
    private readonly passage: Passage,
    private readonly intake: ResourceIntake,
    private readonly criteria: ConditionalCriteria,
    private readonly reader: PatchReader,
  ) {}

  /** @throws FirekeepError 400, 404, 410, 412, 413 or 422 */
  async execute(
    context: InteractionContext,
    type: string,
    target: WriteTarget,
    text: PatchText,
    precondition: WritePrecondition = {},
  ): Promise<InteractionResult> {
    this.intake.requireType(type);
    const patch = this.reader.read(text);
    const { repository } = context.endpoint;
    const accept = (show: ShowBody, id: string) => (body: Buffer) =>
      this.accept(show({ interaction: 'update', type, id, body }), type, id, repository);
    if ('id' in target) {
      const { id } = target;
      if (!isResourceId(id)) throw invalidId(id);
      return this.passage.commitShowing(context, (show) => ({
        repository,
        bytes: text.body.length,
        targets: () => [{ type, id }],
        apply: (transaction) => {
          const current = transaction.current(type, id);
          const plan = planPatch(patch, accept(show, id), { type, id }, current, transaction, precondition);
          return { writes: plan.write ? [plan.write] : [], result: plan.result };
        },
      }));
    }
    const selection = await this.criteria.select(context, type, target.criteria);
    return this.passage.commitShowing(context, (show) => ({
      repository,
      bytes: text.body.length,
      conditions: [selection.query],
      targets: ([matches = []]) => matches,
      apply: (transaction) => {
        const [matches = []] = transaction.matches;
        const match = selectedResource(this.intake, selection, matches, transaction);
        if (match === undefined) throw noMatch(selection.text);
        const plan = planPatch(patch, accept(show, match.id), match, match, transaction, precondition);
        return { writes: plan.write ? [plan.write] : [], result: plan.result };
      },
    }));
  }

  private accept(changed: Buffer, type: string, id: string, repository: string): IncomingResource {
    const text = this.intake.read(changed, type);
    this.intake.requireId(text, id);
    return this.intake.accept(text, repository);
  }
}
