import type { IncomingMessage } from 'node:http';
import { requestContext, timesSent } from '../../platform/http/index.js';

/** The credentials that a request brings, by the place they stand in. Nothing is verified yet. */
export interface PresentedCredentials {
  /** `Authorization` as sent; null: none. */
  readonly authorization: string | null;
  readonly scheme: 'basic' | 'bearer' | 'dpop' | 'other' | null;
  /** More than one `Authorization` header. */
  readonly repeatedHeader: boolean;
  /** Values of the `access_token` parameter, query and form, in order. */
  readonly parameterTokens: readonly string[];
}

const tokenShape = /^(?:bearer|dpop) +([^ ].*?) *$/i;
const schemeShape = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?: |$)/;

/** Reads the places where credentials may stand (RFC 9110 section 11.6.2, RFC 6750 section 2). */
export function presentedCredentials(request: IncomingMessage): PresentedCredentials {
  const { queryTokens, formTokens } = requestContext(request);
  const authorization = request.headers.authorization ?? null;
  return {
    authorization,
    scheme: schemeOf(authorization),
    repeatedHeader: timesSent(request.rawHeaders, 'authorization') > 1,
    parameterTokens: formTokens === undefined ? queryTokens : [...queryTokens, ...formTokens],
  };
}

/** The one token that a request brings; empty where its header names the scheme and no token. */
export function presentedToken(credentials: PresentedCredentials): string | undefined {
  const { scheme, authorization, parameterTokens } = credentials;
  return scheme === 'bearer' || scheme === 'dpop'
    ? parseHeaderToken(authorization ?? '')
    : parameterTokens[0];
}

/** Token of an `Authorization: Bearer` or `Authorization: DPoP` header; empty where the header has none. */
export function parseHeaderToken(authorization: string): string {
  return tokenShape.exec(authorization)?.[1] ?? '';
}

function schemeOf(authorization: string | null): PresentedCredentials['scheme'] {
  if (authorization === null) return null;
  const scheme = schemeShape.exec(authorization)?.[1]?.toLowerCase();
  return scheme === 'basic' || scheme === 'bearer' || scheme === 'dpop' ? scheme : 'other';
}
