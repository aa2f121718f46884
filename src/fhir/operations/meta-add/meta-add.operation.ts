import { Injectable } from '@nestjs/common';
import type { InteractionResult } from '../../exchange/interaction-result.js';
import type { FhirOperation, OperationCall } from '../fhir-operation.js';
import { MetaChange, metaParameters } from '../meta/meta-change.js';

/**
 * Adds profiles, security labels and tags to a resource.
 *
 * @see https://hl7.org/fhir/R4/resource-operation-meta-add.html
 */
@Injectable()
export class MetaAddOperation implements FhirOperation {
  readonly name = 'meta-add';
  readonly definition = 'http://hl7.org/fhir/OperationDefinition/Resource-meta-add';
  readonly affectsState = true;
  readonly returns = 'Parameters';
  readonly parameters = metaParameters;
  /** The answer shows what the resource has already. */
  readonly access = { instance: ['read', 'update'] } as const;

  constructor(private readonly change: MetaChange) {}

  execute(call: OperationCall): Promise<InteractionResult> {
    return this.change.apply(call, 'add');
  }
}
