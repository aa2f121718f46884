import { Injectable } from '@nestjs/common';
import { newResourceId } from '../format/resource-id.js';
import { Passage } from '../passage/passage.js';
import type { AskedUnit } from '../passage/asked-unit.js';
import { ConditionalCriteria } from '../passage/lookups/conditional-criteria.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import { multipleMatches } from '../exchange/interaction-errors.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import { ResourceIntake } from '../exchange/resource-intake.js';
import { asReadable, planCreate, storedResult } from '../exchange/write-plan.js';

/**
 * Stores a new resource under an id of the server's; with If-None-Exist only where the criteria match nothing.
 *
 * @see https://hl7.org/fhir/R4/http.html#create
 */
@Injectable()
export class CreateInteraction {
  constructor(
    private readonly passage: Passage,
    private readonly intake: ResourceIntake,
    private readonly criteria: ConditionalCriteria,
  ) {}

  /**
   * @param ifNoneExist criteria of a conditional create: one match is answered with 200, several with 412
   * @throws FirekeepError 400, 404, 412 or 413
   */
  async execute(
    context: InteractionContext,
    type: string,
    body: Buffer,
    ifNoneExist?: string,
    place = '',
  ): Promise<InteractionResult> {
    this.intake.requireType(type);
    const { repository } = context.endpoint;
    const toWrite = { interaction: 'create', type, id: undefined, body, place } as const;
    const seen = await this.passage.beforeWrite(context, toWrite);
    const incoming = this.intake.accept(this.intake.read(seen, type, place), repository, place);
    const id = newResourceId();
    if (ifNoneExist === undefined) {
      return this.passage.commit(context, {
        repository,
        apply: ({ now }) => {
          const { write, result } = planCreate(incoming, id, now);
          return { writes: write ? [write] : [], result };
        },
      });
    }
    const { query } = await this.criteria.select(context, type, ifNoneExist);
    const unit: AskedUnit<InteractionResult> = {
      repository,
      conditions: [query],
      targets: ([matches = []]) => matches.slice(0, 1),
      apply: (transaction) => {
        const [match, other] = transaction.matches[0] ?? [];
        if (other !== undefined) throw multipleMatches(`${type}?${ifNoneExist}`);
        const existing = match && transaction.current(match.type, match.id);
        if (existing !== undefined) {
          return {
            writes: [],
            result: asReadable({ result: storedResult(existing) }, transaction.mayKnow).result,
          };
        }
        const { write, result } = planCreate(incoming, id, transaction.now);
        return { writes: write ? [write] : [], result };
      },
    };
    return this.passage.commit(context, unit);
  }
}
