import type { KoaContextWithOIDC } from 'oidc-provider';
import { toFirekeepError } from '../../platform/http/index.js';
import { formSource } from '../authorize/pages/page.js';
import { devicePath } from './device-flow.js';

const methods: Readonly<Record<string, readonly string[]>> = {
  '/authorize': ['GET', 'POST'],
  '/par': ['POST'],
  '/device_authorization': ['POST'],
  [devicePath]: ['GET', 'POST'],
  '/token': ['POST'],
  '/introspection': ['POST'],
  '/revocation': ['POST'],
  '/jwks': ['GET'],
  '/logout': ['GET'],
  '/userinfo': ['GET', 'POST'],
  '/.well-known/openid-configuration': ['GET'],
  '/.well-known/oauth-authorization-server': ['GET'],
};

/** What the engine is not to be asked. @returns true where it was answered. */
export function refuseAddress(ctx: KoaContextWithOIDC): boolean {
  const { path } = ctx;
  if (isStep(path)) return false;
  // The engine takes paths in any case; one spelling keeps every check in one place.
  const allowed = methods[path.replace(/(?<=.)\/$/, '')];
  if (allowed === undefined) {
    notFound(ctx);
    return true;
  }
  if (['HEAD', 'OPTIONS', ...allowed].includes(ctx.method)) return false;
  ctx.status = 405;
  ctx.set('Allow', allowed.join(', '));
  ctx.body = { error: 'invalid_request', error_description: `use ${allowed.join(' or ')}` };
  return true;
}

/** What the engine itself leads to: back from an interaction, and through signing out. */
function isStep(path: string): boolean {
  return (
    /^\/(authorize|device)\/[\w-]+$/.test(path) || path === '/logout/confirm' || path === '/logout/success'
  );
}

export function notFound(ctx: KoaContextWithOIDC): void {
  ctx.status = 404;
  ctx.body = { error: 'invalid_request', error_description: 'nothing is at this address' };
}

/** The engine answers 500 for whatever it does not know; without its database it is a 503 that passes. */
export function answerWhereUnavailable(ctx: KoaContextWithOIDC, thrown: unknown): void {
  const { category, message, retryAfter } = toFirekeepError(thrown);
  if (category !== 'unavailable' || ctx.status !== 500) return;
  ctx.status = 503;
  if (retryAfter !== undefined) ctx.set('Retry-After', String(Math.ceil(retryAfter)));
  if (ctx.response.is('json')) ctx.body = { error: 'temporarily_unavailable', error_description: message };
}

/** The engine's own forms (form_post, changing the account) lead to a client in the end. */
export function allowFormTargets(ctx: KoaContextWithOIDC): void {
  if (!ctx.response.is('html') || typeof ctx.body !== 'string' || !ctx.body.includes('<form')) return;
  const { oidc } = ctx;
  const targets = [
    (ctx.state as { formTarget?: unknown }).formTarget,
    oidc.params?.post_logout_redirect_uri,
    oidc.entities.Interaction?.params.redirect_uri,
  ];
  const policy = ctx.response.get('Content-Security-Policy');
  const sources = targets.map(formSource).filter((source) => source !== undefined);
  if (sources.length === 0) return;
  ctx.set(
    'Content-Security-Policy',
    policy.replace("form-action 'self'", `form-action 'self' ${[...new Set(sources)].join(' ')}`),
  );
}
