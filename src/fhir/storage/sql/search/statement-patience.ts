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

/** @returns the error for what would have to look at more resources than it may */
export function tooMany(limit: number): FirekeepError {
  const message =
    `More than ${limit.toLocaleString('en')} resources would have to be looked at. Narrow it: by category, by a code, ` +
    'or by a range of dates.';
  return new FirekeepError('unprocessable', 'FHIR_OPERATION_TOO_COSTLY', message, {
    issues: [{ message, code: 'too-costly' }],
  });
}
