import { Injectable } from '@nestjs/common';
import { FirekeepError } from '../../../platform/errors/index.js';
import { parseResource } from '../../format/parsed-resource.js';
import { readResourceText } from '../../format/resource-text.js';
import { deletedResource, unknownResource } from '../../exchange/interaction-errors.js';
import type { InteractionResult } from '../../exchange/interaction-result.js';
import { ResourceIntake } from '../../exchange/resource-intake.js';
import { ResourceValidation, validationFailed } from '../../exchange/resource-validation.js';
import { planRevision } from '../../exchange/write-plan.js';
import type { JsonObjectNode } from '../../format/json-tree.js';
import { Passage } from '../../passage/passage.js';
import type { OperationCall, OperationParameter } from '../fhir-operation.js';
import { returnedValue } from '../operation-answer.js';
import { invalidParameter } from '../operation-parameters.js';
import { metaOf, withLabels } from '../../exchange/meta-labels.js';

/** What both directions take. */
export const metaParameters: readonly OperationParameter[] = [
  { name: 'meta', type: 'Meta', documentation: 'The profiles, security labels and tags.' },
];

/** Adds labels to a resource or takes some away, as a new version; what changes nothing makes none. */
@Injectable()
export class MetaChange {
  constructor(
    private readonly passage: Passage,
    private readonly intake: ResourceIntake,
    private readonly validation: ResourceValidation,
  ) {}

  /** @throws FirekeepError 400, 403, 404, 410, 412 or 422 */
  async apply(call: OperationCall, change: 'add' | 'delete'): Promise<InteractionResult> {
    const { context, type = '', id = '', precondition } = call;
    const { repository } = context.endpoint;
    const meta = this.given(call);
    const result = await this.passage.commitShowing<InteractionResult>(context, (show) => ({
      repository,
      targets: () => [{ type, id }],
      apply: (transaction) => {
        const stored = transaction.current(type, id);
        if (stored === undefined) throw unknownResource(type, id);
        if (stored.deleted) throw deletedResource(type, id);
        transaction.requireRevisable(stored, 'its content');
        const labelled = withLabels(stored.content, meta, change);
        const text = this.intake.read(show({ interaction: 'update', type, id, body: labelled }), type);
        this.intake.requireId(text, id);
        const incoming = this.intake.accept(text, repository);
        const plan = planRevision(incoming, id, stored, transaction.now, precondition);
        const { version } = plan.result;
        const result = { ...plan.result, shows: version === undefined ? [] : [version] };
        return { writes: plan.write ? [plan.write] : [], result };
      },
    }));
    const { version, body } = result;
    return {
      status: 200,
      ...(body && { body: returnedValue('Meta', metaOf(body)) }),
      ...(version && { version }),
    };
  }

  private given({ parameters }: OperationCall): JsonObjectNode {
    const meta = parameters.value('meta', 'Meta');
    if (meta?.kind !== 'object' || parameters.body === undefined) {
      throw invalidParameter('meta', 'is missing: send Parameters with a valueMeta.');
    }
    const issues = this.validation.validate(parseResource(readResourceText(parameters.body)));
    const first = issues.find(({ severity }) => severity === 'error');
    if (first !== undefined)
      throw new FirekeepError('unprocessable', validationFailed, first.message, { issues });
    return meta;
  }
}
