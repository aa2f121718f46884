import { Injectable } from '@nestjs/common';
import type { InteractionResult } from '../../exchange/interaction-result.js';
import type { FhirOperation, OperationCall } from '../fhir-operation.js';
import { MetaChange, metaParameters } from '../meta/meta-change.js';

/**
 * Takes profiles, security labels and tags away from a resource.
 *
 * @see https://hl7.org/fhir/R4/resource-operation-meta-delete.html
 */
@Injectable()
export class MetaDeleteOperation implements FhirOperation {
  readonly name = 'meta-delete';
  readonly definition = 'http://hl7.org/fhir/OperationDefinition/Resource-meta-delete';
  readonly affectsState = true;
  readonly returns = 'Parameters';
  readonly parameters = metaParameters;
  /** The answer shows what the resource keeps. */
  readonly access = { instance: ['read', 'update'] } as const;

  constructor(private readonly change: MetaChange) {}

  execute(call: OperationCall): Promise<InteractionResult> {
    return this.change.apply(call, 'delete');
  }
}
