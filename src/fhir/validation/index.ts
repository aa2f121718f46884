/** Validation of resources against the R4 definitions. Framework-free. */
export { compileValidator } from './validator.js';
export type { ValidationIssue, ValidationOptions, Validator } from './validation-issue.js';
