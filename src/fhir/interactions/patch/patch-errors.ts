import { FirekeepError } from '../../../platform/errors/index.js';

/** The document of a patch is none. Source: RFC 5789 section 2.2. */
export function invalidPatch(message: string, expression?: string): FirekeepError {
  return new FirekeepError('invalid', 'FHIR_INVALID_PATCH', message, {
    issues: expression === undefined ? [] : [{ message, expression }],
  });
}

/** The patch is well-formed, but can't be applied to the resource as it is. Source: FHIR R4 http.html#patch. */
export function patchFailed(message: string): FirekeepError {
  return new FirekeepError('unprocessable', 'FHIR_PATCH_FAILED', message, {
    issues: [{ message, code: 'processing' }],
  });
}

/** A `test` that doesn't hold: nothing of the patch is done. Source: FHIR R4 http.html#patch. */
export function patchTestFailed(message: string): FirekeepError {
  return new FirekeepError('unprocessable', 'FHIR_PATCH_TEST_FAILED', message, {
    issues: [{ message, code: 'business-rule' }],
  });
}

export function patchTooLarge(message: string): FirekeepError {
  return new FirekeepError('too-large', 'FHIR_PATCH_TOO_LARGE', message);
}
