import type { ErrorCategory } from '../../platform/errors/index.js';

/** Codes of OperationOutcome.issue.code that this server uses. Source: FHIR R4 valueset-issue-type.html. */
export const issueTypes = [
  'invalid',
  'structure',
  'required',
  'value',
  'invariant',
  'login',
  'unknown',
  'expired',
  'forbidden',
  'suppressed',
  'processing',
  'not-supported',
  'duplicate',
  'multiple-matches',
  'not-found',
  'deleted',
  'too-long',
  'code-invalid',
  'extension',
  'too-costly',
  'business-rule',
  'conflict',
  'transient',
  'lock-error',
  'no-store',
  'exception',
  'timeout',
  'incomplete',
  'throttled',
  'informational',
] as const;

export type IssueType = (typeof issueTypes)[number];

const known: ReadonlySet<string> = new Set(issueTypes);

export function isIssueType(code: string | undefined): code is IssueType {
  return code !== undefined && known.has(code);
}

/** The issue type of each category of errors. */
export const issueTypeOf: Readonly<Record<ErrorCategory, IssueType>> = {
  invalid: 'invalid',
  unauthenticated: 'login',
  forbidden: 'forbidden',
  'not-found': 'not-found',
  'method-not-allowed': 'not-supported',
  'not-acceptable': 'not-supported',
  conflict: 'conflict',
  gone: 'deleted',
  'precondition-failed': 'conflict',
  'too-large': 'too-long',
  'unsupported-media-type': 'not-supported',
  unprocessable: 'processing',
  'precondition-required': 'business-rule',
  throttled: 'throttled',
  internal: 'exception',
  unavailable: 'transient',
};
