export { FirekeepError, errorStatus } from './firekeep-error.js';
export type { ErrorCategory, ErrorIssue, ErrorOptions } from './firekeep-error.js';
export { FieldErrors } from './field-errors.js';
