import type { IncomingMessage } from 'node:http';

/** What the front knows of a request before any route sees it. */
export interface RequestContext {
  readonly requestId: string;
  /** Path and query as they came, without `access_token`. */
  readonly url: string;
  /** Values of `access_token` in the query, in order; taken out of the URL. Never logged. */
  readonly queryTokens: readonly string[];
  /** Values of `access_token` in a form body, taken out by the body parser. Never logged. */
  formTokens?: readonly string[];
  /** Set by the rewriter that took the request: the configured endpoint, for example. */
  route?: object;
}

const contexts = new WeakMap<IncomingMessage, RequestContext>();

export function setRequestContext(request: IncomingMessage, context: RequestContext): void {
  contexts.set(request, context);
}

export function findRequestContext(request: IncomingMessage): RequestContext | undefined {
  return contexts.get(request);
}

/** The context of a request that came through the front. */
export function requestContext(request: IncomingMessage): RequestContext {
  const context = contexts.get(request);
  if (context === undefined) throw new Error('The request did not come through HttpFront.');
  return context;
}
