import { decodeJwt } from 'jose';
import type { KoaContextWithOIDC } from 'oidc-provider';

/** Where clients authenticate. */
const routes = new Set([
  'token',
  'introspection',
  'revocation',
  'pushed_authorization_request',
  'device_authorization',
]);

/** What the engine tells clients otherwise than the specifications do. */
export function correctErrors(ctx: KoaContextWithOIDC): void {
  tellUnauthenticated(ctx);
  tellUnauthorized(ctx);
}

/**
 * The engine takes a grant that the client is not registered for, for a malformed request:
 * https://www.rfc-editor.org/rfc/rfc6749#section-5.2 has a code of its own. It asks that before anything else that
 * is wrong with a request whose client it knows.
 */
function tellUnauthorized(ctx: KoaContextWithOIDC): void {
  const { oidc, status } = ctx as { oidc?: KoaContextWithOIDC['oidc']; status: number };
  if (oidc?.route !== 'token' || status !== 400) return;
  const { client, params } = oidc;
  const { error } = ctx.body as { error?: unknown };
  const grant = params?.grant_type;
  if (error !== 'invalid_request' || typeof grant !== 'string' || client?.grantTypeAllowed(grant) !== false) {
    return;
  }
  ctx.body = {
    error: 'unauthorized_client',
    error_description: 'the client is not registered for this grant type',
  };
}

/**
 * The engine takes a request in which no client authenticates, or by a JWT that is none, for a malformed one. It is
 * authentication that failed: https://www.rfc-editor.org/rfc/rfc6749#section-5.2, RFC 7523 section 3.2
 */
function tellUnauthenticated(ctx: KoaContextWithOIDC): void {
  const { oidc, status } = ctx as { oidc?: KoaContextWithOIDC['oidc']; status: number };
  if (oidc?.route === undefined || !routes.has(oidc.route) || status !== 400) return;
  const { params } = oidc;
  const { error } = ctx.body as { error?: unknown };
  if (params === undefined || oidc.client !== undefined || error !== 'invalid_request') return;
  if (ctx.headers.authorization !== undefined) return;
  const { client_id: id, client_assertion: assertion, client_secret: secret } = params;
  if (isNobody(id, assertion) || (secret === undefined && isNoJwt(assertion))) {
    ctx.status = 401;
    ctx.body = { error: 'invalid_client', error_description: 'client authentication failed' };
  }
}

function isNobody(id: unknown, assertion: unknown): boolean {
  return id === undefined && assertion === undefined;
}

function isNoJwt(assertion: unknown): boolean {
  if (typeof assertion !== 'string') return false;
  try {
    decodeJwt(assertion);
    return false;
  } catch {
    // That it can't be decoded is what was asked.
    return true;
  }
}
