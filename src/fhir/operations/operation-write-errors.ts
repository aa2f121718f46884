import { FirekeepError } from '../../platform/errors/index.js';

/** An operation that writes what it has not declared: a fault of the extension, which tells the caller nothing. */
export function invalidWrite(operation: string, detail: string): FirekeepError {
  return new FirekeepError('internal', 'FHIR_OPERATION_FAILED', 'An operation of this server failed.', {
    detail: `$${operation}: ${detail}`,
  });
}
