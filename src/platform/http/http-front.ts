import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import {
  findRequestContext,
  requestContext,
  setRequestContext,
  type RequestContext,
} from './request-context.js';

/**
 * Maps an outside path to an inside one (`/fhir/r4/Patient` → `/@fhir/Patient`) and may set `context.route`.
 * Undefined: not mine. Called for every request: keep it cheap.
 */
export type UrlRewriter = (
  url: string,
  context: RequestContext,
  request: IncomingMessage,
) => string | undefined;

const requestIdShape = /^[\w.-]{8,64}$/;

/** What happens to a request before routing: its id, the token taken out of the URL, configured paths. */
export class HttpFront {
  private readonly rewriters: UrlRewriter[] = [];

  add(rewriter: UrlRewriter): void {
    this.rewriters.push(rewriter);
  }

  /** First thing that happens to a request: gives it an id and takes the token out of its URL. Once a request. */
  receive(request: IncomingMessage): RequestContext {
    const known = findRequestContext(request);
    if (known !== undefined) return known;
    const { url, tokens } = takeOutAccessToken(originForm(withoutFragment(request.url ?? '/')));
    request.url = url;
    const given = request.headers['x-request-id'];
    const requestId = typeof given === 'string' && requestIdShape.test(given) ? given : randomUUID();
    const context: RequestContext = { requestId, url, queryTokens: tokens };
    setRequestContext(request, context);
    return context;
  }

  /** Fastify's `rewriteUrl`. Paths that begin with `/@` are inside paths and can't be asked for. */
  rewrite(request: IncomingMessage): string {
    const context = this.receive(request);
    if (/^\/+(@|%40)/i.test(context.url)) return '/@none';
    for (const rewriter of this.rewriters) {
      const inside = rewriter(context.url, context, request);
      if (inside !== undefined) return inside;
    }
    return context.url;
  }

  requestId(request: IncomingMessage): string {
    return requestContext(request).requestId;
  }
}

/** A request target has no fragment (RFC 9112 section 3.2); the router would cut one off behind the back of every check. */
function withoutFragment(target: string): string {
  const hash = target.indexOf('#');
  return hash === -1 ? target : target.slice(0, hash);
}

/**
 * The path and query of a request target that came in absolute form, as RFC 9112 section 3.2.2 allows. The router
 * would cut the host off by itself, behind the back of every check of the path.
 */
function originForm(target: string): string {
  if (target.startsWith('/')) return target;
  const path = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '');
  return path.startsWith('/') ? path : `/${path}`;
}

/** Removes every `access_token` parameter, whatever its spelling in percent-encoding, and returns the values. */
export function takeOutAccessToken(url: string): { url: string; tokens: readonly string[] } {
  const start = url.indexOf('?');
  if (start === -1 || !/[?&][^=&]*(access|%)/i.test(url.slice(start))) return { url, tokens: [] };
  const tokens: string[] = [];
  const kept = url
    .slice(start + 1)
    .split('&')
    .filter((pair) => {
      const [name = '', ...value] = pair.split('=');
      if (decode(name) !== 'access_token') return true;
      tokens.push(decode(value.join('=')));
      return false;
    });
  const path = url.slice(0, start);
  return { url: kept.length === 0 ? path : `${path}?${kept.join('&')}`, tokens };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    // Not percent-encoded: it stands for itself.
    return text;
  }
}
