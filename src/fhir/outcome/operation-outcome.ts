import type { FirekeepError } from '../../platform/errors/index.js';
import { isIssueType, issueTypeOf, type IssueType } from './issue-type.js';

/** One finding as OperationOutcome has it. Source: FHIR R4 operationoutcome.html. */
export interface OutcomeIssue {
  readonly severity: 'fatal' | 'error' | 'warning' | 'information';
  readonly code: IssueType;
  readonly text: string;
  /** The stable code of an error. */
  readonly errorCode?: string;
  readonly diagnostics?: string;
  /** FHIRPath of the place. */
  readonly expression?: string;
}

/** System of the codes that docs/errors.md lists. */
export const errorCodeSystem = 'urn:firekeep:error';

/** JSON text of an OperationOutcome. */
export function operationOutcome(issues: readonly OutcomeIssue[]): string {
  return JSON.stringify({ resourceType: 'OperationOutcome', issue: issues.map(toIssue) });
}

function toIssue({ severity, code, text, errorCode, diagnostics, expression }: OutcomeIssue): object {
  return {
    severity,
    code,
    details: {
      ...(errorCode === undefined ? {} : { coding: [{ system: errorCodeSystem, code: errorCode }] }),
      text,
    },
    ...(diagnostics === undefined ? {} : { diagnostics }),
    ...(expression === undefined ? {} : { expression: [expression] }),
  };
}

/** Most findings of one error that an answer lists. */
const maximumIssues = 250;

/**
 * What an error tells the caller: its message, then each finding; the findings alone where one says the same.
 *
 * @param place FHIRPath of the Bundle entry where the error arose, for findings without a place of their own
 */
export function issuesOfError(
  error: FirekeepError,
  options: { readonly place?: string; readonly requestId?: string } = {},
): readonly OutcomeIssue[] {
  const code = issueTypeOf[error.category];
  const diagnostics = diagnosticsOf(error, options.requestId);
  const findings = error.issues.slice(0, maximumIssues).map((issue): OutcomeIssue => {
    const expression = issue.expression ?? options.place;
    return {
      severity: issue.severity ?? 'error',
      code: isIssueType(issue.code) ? issue.code : code,
      text: issue.message,
      errorCode: error.code,
      ...(diagnostics === undefined || issue.message !== error.message ? {} : { diagnostics }),
      ...(expression === undefined ? {} : { expression }),
    };
  });
  if (error.issues.some(({ message }) => message === error.message)) return findings;
  const head: OutcomeIssue = {
    severity: error.category === 'internal' ? 'fatal' : 'error',
    code,
    text: error.message,
    errorCode: error.code,
    ...(diagnostics === undefined ? {} : { diagnostics }),
    ...(options.place === undefined ? {} : { expression: options.place }),
  };
  return [head, ...findings];
}

function diagnosticsOf(error: FirekeepError, requestId: string | undefined): string | undefined {
  if (error.reference !== undefined) {
    return `Reference ${error.reference}: an administrator sees the reason with "firekeep explain ${error.reference}".`;
  }
  return error.category === 'internal' && requestId !== undefined ? `Request ${requestId}.` : undefined;
}
