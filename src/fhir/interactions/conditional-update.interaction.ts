import { Injectable } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { isResourceId, newResourceId } from '../format/resource-id.js';
import { Passage } from '../passage/passage.js';
import type { StoredResource } from '../storage/ports.js';
import { ConditionalCriteria } from '../passage/lookups/conditional-criteria.js';
import { selectedResource } from './conditional-match.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import { idBelongsToOther, otherIdMatches } from '../exchange/interaction-errors.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import { invalidId, ResourceIntake, type IncomingResource } from '../exchange/resource-intake.js';
import { type Plan, planUpdate, requireUpdateCreate, type Revising } from '../exchange/write-plan.js';
import type { WritePrecondition } from '../exchange/preconditions.js';

/**
 * Updates the one resource that criteria match, or creates it where they match none.
 *
 * @see https://hl7.org/fhir/R4/http.html#cond-update
 */
@Injectable()
export class ConditionalUpdateInteraction {
  constructor(
    private readonly passage: Passage,
    private readonly intake: ResourceIntake,
    private readonly criteria: ConditionalCriteria,
    private readonly settings: Settings,
  ) {}

  /**
   * @param criteria search parameters, as in a query string
   * @throws FirekeepError 400, 404, 405, 409, 412, 413 or 422
   */
  async execute(
    context: InteractionContext,
    type: string,
    criteria: string,
    body: Buffer,
    precondition: WritePrecondition = {},
    place = '',
  ): Promise<InteractionResult> {
    this.intake.requireType(type);
    const { repository } = context.endpoint;
    const toWrite = { interaction: 'update', type, id: undefined, body, place } as const;
    const seen = await this.passage.beforeWrite(context, toWrite);
    const text = this.intake.read(seen, type, place);
    requireWellFormedId(text.id, place);
    const selection = await this.criteria.select(context, type, criteria);
    const incoming = this.intake.accept(text, repository, place);
    const newId = newResourceId();
    return this.passage.commit(context, {
      repository,
      bytes: body.length,
      conditions: [selection.query],
      targets: ([matches = []]) => [
        ...matches,
        ...(text.id === undefined || matches.some(({ id }) => id === text.id) ? [] : [{ type, id: text.id }]),
      ],
      apply: (transaction) => {
        const [matches = []] = transaction.matches;
        const match = selectedResource(this.intake, selection, matches, transaction);
        const { write, result } = planConditionalUpdate({
          incoming,
          criteria: selection.text,
          match,
          newId,
          named: text.id === undefined ? undefined : transaction.current(type, text.id),
          isCreateAllowed: this.settings.get('updateCreate'),
          transaction,
          precondition,
        });
        return { writes: write ? [write] : [], result };
      },
    });
  }
}

/** An id in the body of a conditional update may be absent, but not be none. */
export function requireWellFormedId(id: string | undefined, place: string): void {
  if (id !== undefined && !isResourceId(id)) throw invalidId(id, place === '' ? 'id' : `${place}.id`);
}

/** Everything that the decision about a conditional update hangs on. */
export interface ConditionalUpdate {
  readonly incoming: IncomingResource;
  /** For messages. */
  readonly criteria: string;
  readonly match: StoredResource | undefined;
  /** The id given where neither criteria nor body name one. */
  readonly newId: string;
  /** The row of the id in the body, deleted or not. */
  readonly named: StoredResource | undefined;
  readonly isCreateAllowed: boolean;
  readonly transaction: Revising;
  readonly precondition: WritePrecondition;
}

/** @throws FirekeepError 400, 405, 409 or 412. Source: FHIR R4 http.html#cond-update. */
export function planConditionalUpdate(update: ConditionalUpdate): Plan {
  const { incoming, criteria, match, newId, named, transaction, precondition } = update;
  const { id: givenId, type } = incoming.text;
  if (match !== undefined) {
    if (givenId !== undefined && givenId !== match.id) {
      throw otherIdMatches(criteria, givenId, match.id);
    }
    return planUpdate(incoming, match.id, match, transaction, precondition);
  }
  if (givenId === undefined) return planUpdate(incoming, newId, undefined, transaction, precondition);
  if (named?.deleted === false) throw idBelongsToOther(criteria, type, givenId);
  requireUpdateCreate(update.isCreateAllowed, type, givenId, named);
  return planUpdate(incoming, givenId, named, transaction, precondition);
}
