import type { IncomingMessage } from 'node:http';
import type { FirekeepError } from '../errors/index.js';
import type { RequestContext } from './request-context.js';

export interface RenderedError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Turns errors into answers in one protocol's own form (OperationOutcome, problem+json, OAuth error, page). */
export interface ErrorRenderer {
  /** Whether the request belongs to this protocol. The first renderer that says yes is used. */
  handles(request: IncomingMessage, context: RequestContext): boolean;
  render(error: FirekeepError, request: IncomingMessage, context: RequestContext): RenderedError;
}

/** Renderers in order of registration; the plain JSON one stands behind them all. */
export class ErrorRenderers {
  private readonly renderers: ErrorRenderer[] = [];

  add(renderer: ErrorRenderer): void {
    this.renderers.push(renderer);
  }

  render(error: FirekeepError, request: IncomingMessage, context: RequestContext): RenderedError {
    const renderer =
      this.renderers.find((candidate) => candidate.handles(request, context)) ?? problemRenderer;
    return renderer.render(error, request, context);
  }
}

/** RFC 9457 problem details, with the fields that are wrong under `errors`. */
export const problemRenderer: ErrorRenderer = {
  handles: () => true,
  render: (error, _request, context) => ({
    status: error.status,
    headers: { 'content-type': 'application/problem+json; charset=utf-8' },
    body: JSON.stringify({
      type: 'about:blank',
      title: error.category,
      status: error.status,
      code: error.code,
      detail: error.message,
      requestId: context.requestId,
      ...(error.reference === undefined ? {} : { reference: error.reference }),
      ...(error.issues.length === 0
        ? {}
        : { errors: error.issues.map(({ expression, message }) => ({ field: expression ?? '', message })) }),
    }),
  }),
};
