import type { FhirOperation } from '../operations/fhir-operation.js';
import { accessOf } from '../operations/fhir-operations.js';

/** Operations that are called without a type. Source: FHIR R4 capabilitystatement.html, rest.operation. */
export function systemOperations(operations: readonly FhirOperation[]): readonly object[] {
  return operations.filter((operation) => accessOf(operation, 'system', undefined) !== undefined).map(entry);
}

/** Operations that a type and its instances have. */
export function typeOperations(operations: readonly FhirOperation[], type: string): readonly object[] {
  return operations
    .filter(
      (operation) =>
        accessOf(operation, 'type', type) !== undefined ||
        accessOf(operation, 'instance', type) !== undefined,
    )
    .map(entry);
}

function entry({ name, definition }: FhirOperation): object {
  return { name, definition };
}
