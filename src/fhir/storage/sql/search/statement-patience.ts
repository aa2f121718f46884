import { FirekeepError } from '../../../../platform/errors/index.js';

/** @returns the error for a search or history whose statement was stopped. */
export function tooCostly(cause: unknown): FirekeepError {
  return new FirekeepError(
    'unprocessable',
    'FHIR_SEARCH_TOO_COSTLY',
    'The search took too long and was stopped. Narrow it: add a parameter that few resources match, such as ' +
      'patient, identifier, code or a range of dates, and leave out _sort and _total where they are not needed.',
    { cause },
  );
}
