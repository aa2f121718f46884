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

/**
 * A property of the request: an entry of a WeakMap that lives longer than the request costs several times as much, and
 * carries what belongs to it into the old generation.
 */
const context = Symbol('context');

interface WithContext {
  [context]?: RequestContext;
}

export function setRequestContext(request: IncomingMessage, value: RequestContext): void {
  (request as WithContext)[context] = value;
}

export function findRequestContext(request: IncomingMessage): RequestContext | undefined {
  return (request as WithContext)[context];
}

/** The context of a request that came through the front. */
export function requestContext(request: IncomingMessage): RequestContext {
  const found = findRequestContext(request);
  if (found === undefined) throw new Error('The request did not come through HttpFront.');
  return found;
}
