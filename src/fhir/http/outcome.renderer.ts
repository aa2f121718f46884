import type { IncomingMessage } from 'node:http';
import type { FirekeepError } from '../../platform/errors/index.js';
import type { ErrorRenderer, RenderedError, RequestContext } from '../../platform/http/index.js';
import { answerText } from '../format/answer-text.js';
import { errorForm } from './answer-form.js';
import { issuesOfError, operationOutcome } from '../outcome/operation-outcome.js';

/** Where the FHIR routes are inside; endpoints map their paths to it. */
export const fhirRoot = '/@fhir';

/**
 * Answers errors below a FHIR endpoint as OperationOutcome, in the form that the request asks for.
 * Source: FHIR R4 http.html#Status-Codes, operationoutcome.html.
 */
export const outcomeRenderer: ErrorRenderer = {
  handles: (request: IncomingMessage): boolean => isFhirUrl(request.url ?? ''),
  render: (error: FirekeepError, request: IncomingMessage, context: RequestContext): RenderedError => {
    const json = operationOutcome(issuesOfError(error, { requestId: context.requestId }));
    const { type, body } = inForm(json, request);
    return {
      status: error.status,
      headers: { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' },
      body,
    };
  },
};

function inForm(json: string, request: IncomingMessage): { readonly type: string; readonly body: string } {
  const form = errorForm(request);
  try {
    return { type: form.type, body: answerText(Buffer.from(json), form).toString() };
  } catch {
    // A message quotes what XML has no form for.
    return { type: 'application/fhir+json', body: json };
  }
}

/** Whether an inside URL belongs to the FHIR routes. */
export function isFhirUrl(url: string): boolean {
  if (!url.startsWith(fhirRoot)) return false;
  const next = url.charAt(fhirRoot.length);
  return next === '' || next === '/' || next === '?';
}
