import type { IncomingMessage } from 'node:http';
import type { FirekeepError } from '../../platform/errors/index.js';
import type { ErrorRenderer, RenderedError, RequestContext } from '../../platform/http/index.js';
import { issuesOfError, operationOutcome } from './operation-outcome.js';

/** Where the FHIR routes are inside; endpoints map their paths to it. */
export const fhirRoot = '/@fhir';

/**
 * Answers errors below a FHIR endpoint as OperationOutcome.
 * Source: FHIR R4 http.html#Status-Codes, operationoutcome.html.
 */
export const outcomeRenderer: ErrorRenderer = {
  handles: (request: IncomingMessage): boolean => isFhirUrl(request.url ?? ''),
  render: (error: FirekeepError, _request: IncomingMessage, context: RequestContext): RenderedError => ({
    status: error.status,
    headers: { 'content-type': 'application/fhir+json; charset=utf-8', 'cache-control': 'no-store' },
    body: operationOutcome(issuesOfError(error, { requestId: context.requestId })),
  }),
};

/** Whether an inside URL belongs to the FHIR routes. */
export function isFhirUrl(url: string): boolean {
  if (!url.startsWith(fhirRoot)) return false;
  const next = url.charAt(fhirRoot.length);
  return next === '' || next === '/' || next === '?';
}
